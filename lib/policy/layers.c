/* SPDX-License-Identifier: MIT */
#include "lib/policy/layers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/merge.h"

int layers_add(struct layers *layers, const char *path, struct policy_file *file, struct err *err)
{
	struct layer *items = reallocarray(layers->items, layers->count + 1, sizeof(*items));
	char *copy = strdup(path);

	if (items)
		layers->items = items;
	if (!items || !copy) {
		free(copy);
		return err_sys(err, ENOMEM, "%.256s", path);
	}
	items[layers->count++] = (struct layer){ .path = copy, .file = *file };
	*file = (struct policy_file){ .entries = NULL };
	return 0;
}

void layers_done(struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++) {
		policy_file_done(&layers->items[i].file);
		free(layers->items[i].path);
	}
	free(layers->items);
	*layers = (struct layers){ NULL, 0 };
}

/* ------------------------------------------------------------------------- which network it is */

/* Where it is said, and what its name is; "": it has none. */
struct naming {
	size_t layer; /* `count` of them: on the command line */
	const char *path;
	unsigned line;
	char name[SPEC_NETWORK_MAX + 1];
};

/* The words that stand for no network with a name the key knows. */
static void take_name(const struct policy_key *mode, const char *value, struct naming *naming)
{
	struct jail_spec spec;

	spec_init(&spec);
	if (mode->parse(&spec, value, NULL) == 0)
		memcpy(naming->name, spec.network.name, sizeof(naming->name));
	spec_done(&spec);
}

static struct naming find_naming(const struct layers *layers, const char *command_line)
{
	const struct policy_key *mode = policy_key_find(KEY_FILE, "network", "mode");
	struct naming naming = { .layer = layers->count };

	if (command_line) {
		take_name(mode, command_line, &naming);
		return naming;
	}
	while (naming.layer-- > 0) {
		const struct layer *layer = &layers->items[naming.layer];
		for (size_t i = 0; i < layer->file.count; i++) {
			const struct policy_entry *entry = &layer->file.entries[i];
			if (entry->key != mode)
				continue;
			naming.path = layer->path;
			naming.line = entry->line;
			take_name(mode, entry->value, &naming);
			return naming;
		}
	}
	return naming;
}

/* ------------------------------------------------------------------------------ the network's file
 */

/* What files below say of a bridge, they say of another network. */
static int forget_bridge(struct policy *policy, struct err *err)
{
	static const char *const names[] = { "bridge", "gateway" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct policy_key *key = policy_key_find(KEY_FILE, "network", names[i]);
		struct policy_origin *origin = policy_origin_find(policy, key, NULL);
		int r = policy_key_apply(key, NULL, key->standard, &policy->spec, err);
		if (r < 0)
			return r;
		if (origin)
			policy_origin_drop(policy, origin);
	}
	return 0;
}

static int refuse_missing(
    const struct policy_places *places, const struct naming *naming, struct err *err)
{
	(void)err_say(err, ENOENT,
	    "there is no network %s: %.256s/networks/%s.conf is missing; use none, host, bridge or "
	    "the name of a network that has such a file",
	    naming->name, places->directory, naming->name);
	return naming->path
		   ? err_prefix(err, "%.256s:%u: [network] mode", naming->path, naming->line)
		   : err_prefix(err, "--network");
}

int policy_read_network(const struct policy_places *places, int directory, const char *name,
    const struct account *account, struct econf *econf, char path[PATH_MAX],
    struct policy_file *ret, struct err *err)
{
	char file[NAME_MAX + 1], folder_path[PATH_MAX];
	cleanup_fd int folder = -1;
	int r = policy_path(places, POLICY_NETWORK, name, path, err);

	if (r == 0 && directory >= 0)
		r = policy_open_part(places, directory, "networks", folder_path, &folder, err);
	if (r < 0 || folder < 0 || !policy_name_file(name, file))
		return r < 0 ? r : -ENOENT;
	cleanup_fd int fd = policy_open_file(places, folder, file, path, SAFE_OWNER_ROOT, err);
	if (fd < 0)
		return fd;
	r = policy_file_read(fd, path, KEY_NETWORK, account, econf, ret, err);
	if (r == 0 && ret->problems.count) {
		r = problems_first(&ret->problems, err);
		policy_file_done(ret);
	}
	return r;
}

int policy_merge_network(struct policy *policy, const struct policy_file *file, const char *path,
    const char *name, struct err *err)
{
	struct spec_network *network = &policy->spec.network;
	int r = forget_bridge(policy, err);

	if (r == 0)
		r = policy_merge(policy, file, path, err);
	if (r < 0)
		return r;
	snprintf(network->name, sizeof(network->name), "%s", name);
	r = spec_complete_network(&policy->spec, err);
	if (r == 0)
		return 0;
	return policy_origin_named(policy, err) ? policy_locate(policy, err)
						: err_prefix(err, "%.256s", path);
}

/* ---------------------------------------------------------------------------------- the whole */

/* `network` is what its file says, if there is one. */
static int merge_all(const struct layers *layers, const struct naming *naming,
    const struct policy_file *network, const char *path, struct policy *policy, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i <= layers->count; i++) {
		if (i == naming->layer && naming->name[0])
			r = policy_merge_network(policy, network, path, naming->name, err);
		if (r == 0 && i < layers->count)
			r = policy_merge(
			    policy, &layers->items[i].file, layers->items[i].path, err);
	}
	return r;
}

/* What the command line says is no file's any more. */
static int apply_command_line(struct policy *policy, const char *value, struct err *err)
{
	const struct policy_key *mode = policy_key_find(KEY_FILE, "network", "mode");
	struct policy_origin *origin = policy_origin_find(policy, mode, NULL);

	if (origin)
		policy_origin_drop(policy, origin);
	return mode->parse(&policy->spec, value, err) < 0 ? err_prefix(err, "--network") : 0;
}

int layers_merge(const struct layers *layers, const struct policy_places *places, int directory,
    struct econf *econf, struct policy *policy, struct err *err)
{
	struct naming naming = find_naming(layers, places->network);
	struct policy_file network = { .entries = NULL };
	char path[PATH_MAX];
	int r = 0;

	if (naming.name[0])
		r = policy_read_network(places, directory, naming.name, policy->spec.account, econf,
		    path, &network, err);
	if (r == -ENOENT)
		return refuse_missing(places, &naming, err);
	if (r == 0)
		r = merge_all(layers, &naming, &network, path, policy, err);
	if (r == 0 && places->network)
		r = apply_command_line(policy, places->network, err);
	policy_file_done(&network);
	return r;
}
