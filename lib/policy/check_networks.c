/* SPDX-License-Identifier: MIT */
#include "lib/policy/check_networks.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/checker.h"
#include "lib/policy/loader.h"
#include "lib/policy/merge.h"
#include "lib/policy/parse.h"

/* One that is right, for the comparison with others. */
struct known {
	char name[SPEC_NETWORK_MAX + 1];
	struct spec_address pools[SPEC_POOLS_MAX];
	unsigned pool_count;
};

struct networks {
	struct known *items;
	size_t count;
};

static int complete(struct policy_check *check, const struct policy_file *file, const char *path,
    const char *name, struct known *ret, struct err *err)
{
	struct policy policy;

	policy_init(&policy, &checker_somebody);
	int r = policy_merge_network(&policy, file, path, name, err);
	if (r == 0) {
		snprintf(ret->name, sizeof(ret->name), "%s", name);
		memcpy(ret->pools, policy.spec.network.pools, sizeof(ret->pools));
		ret->pool_count = policy.spec.network.pool_count;
	}
	policy_done(&policy);
	return r < 0 ? checker_found(check, err) : 0;
}

/* ret->name is "" if something is wrong with it. */
static int look_at(struct policy_check *check, int parent, const char *file_name, const char *path,
    const char *name, struct known *ret, struct err *err)
{
	char checked[SPEC_NETWORK_MAX + 1];
	struct econf econf = { .libexec_dir = check->places->libexec_dir };
	struct policy_file file = { .entries = NULL };

	ret->name[0] = '\0';
	if (parse_network_name(name, checked, err) < 0) {
		(void)err_prefix(err, "%.256s", path);
		return checker_found(check, err);
	}
	cleanup_fd int fd =
	    policy_open_file(check->places, parent, file_name, path, SAFE_OWNER_ROOT, err);
	int r =
	    fd < 0 ? fd
		   : policy_file_read(fd, path, KEY_NETWORK, &checker_somebody, &econf, &file, err);
	econf_unload(&econf);
	if (r < 0)
		return checker_found(check, err);
	checker_say_problems(check, &file.problems);
	if (!file.problems.count)
		r = complete(check, &file, path, name, ret, err);
	policy_file_done(&file);
	return r;
}

bool checker_is_network(const char *path, char name[NAME_MAX + 1])
{
	static const char folder[] = "networks";
	const size_t length = sizeof(folder) - 1;
	const char *file = strrchr(path, '/');

	return file && (size_t)(file - path) >= length &&
	       memcmp(file - length, folder, length) == 0 &&
	       (file - length == path || file[-(ptrdiff_t)length - 1] == '/') &&
	       policy_file_name(file + 1, name);
}

int checker_network_file(
    struct policy_check *check, const char *path, const char *name, struct err *err)
{
	struct known known;

	return look_at(check, AT_FDCWD, path, path, name, &known, err);
}

/* Which of the two was meant to have them, nobody but the writer knows. */
static void compare(struct policy_check *check, const struct known *a, const struct known *b)
{
	char one[SPEC_ADDRESS_TEXT_MAX], other[SPEC_ADDRESS_TEXT_MAX];
	struct err err = ERR_INIT;

	for (unsigned i = 0; i < a->pool_count; i++)
		for (unsigned j = 0; j < b->pool_count; j++) {
			if (!spec_subnets_overlap(&a->pools[i], &b->pools[j]))
				continue;
			spec_format_address(&a->pools[i], one);
			spec_format_address(&b->pools[j], other);
			(void)err_say(&err, EINVAL,
			    "%.200s/networks/%s.conf: [network] pool: %s overlaps %s of the "
			    "network "
			    "%s: use other addresses",
			    check->places->directory, b->name, other, one, a->name);
			checker_say(check, false, err.text);
		}
}

static int keep(struct policy_check *check, struct networks *networks, const struct known *known,
    struct err *err)
{
	struct known *items = reallocarray(networks->items, networks->count + 1, sizeof(*items));

	if (!items)
		return err_sys(err, ENOMEM, "cannot compare the networks");
	networks->items = items;
	for (size_t i = 0; i < networks->count; i++)
		compare(check, &items[i], known);
	items[networks->count++] = *known;
	return 0;
}

static int check_entry(struct policy_check *check, int fd, const char *directory, const char *file,
    struct networks *networks, struct err *err)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	struct known known;

	if (!checker_entry_name(check, directory, file, name))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", directory, file) >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "%.256s: the path is too long", directory);
	int r = look_at(check, fd, file, path, name, &known, err);
	return r < 0 || !known.name[0] ? r : keep(check, networks, &known, err);
}

int checker_networks(struct policy_check *check, int directory, struct err *err)
{
	struct networks networks = { NULL, 0 };
	struct strv files = { NULL, 0 };
	char path[PATH_MAX];
	cleanup_fd int fd = -1;
	int r = policy_open_part(check->places, directory, "networks", path, &fd, err);

	if (r < 0)
		return checker_found(check, err);
	if (fd < 0)
		return 0;
	r = checker_list(fd, path, &files, err);
	for (size_t i = 0; r == 0 && i < files.count; i++)
		r = check_entry(check, fd, path, files.items[i], &networks, err);
	strv_free(&files);
	free(networks.items);
	return r;
}
