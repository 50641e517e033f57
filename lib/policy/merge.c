/* SPDX-License-Identifier: MIT */
#include "lib/policy/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void policy_init(struct policy *policy, const struct account *account)
{
	*policy = (struct policy){ .origins = NULL };
	spec_init(&policy->spec);
	policy->spec.account = account;
	spec_combine_capabilities(&policy->spec);
}

static void origin_done(struct policy_origin *origin)
{
	free(origin->name);
	free(origin->text);
	free(origin->value);
	free(origin->file);
}

static int compare_names(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : 0;
}

struct policy_origin *policy_origin_find(
    const struct policy *policy, const struct policy_key *key, const char *name)
{
	for (size_t i = 0; i < policy->origin_count; i++) {
		struct policy_origin *origin = &policy->origins[i];
		if (policy_key_setting(origin->key) == policy_key_setting(key) &&
		    compare_names(origin->name, name) == 0)
			return origin;
	}
	return NULL;
}

/* A place for one more in the order of the keys, variables by their names. NULL: no memory. */
static struct policy_origin *insert(
    struct policy *policy, const struct policy_key *key, const char *name)
{
	struct policy_origin *origins =
	    reallocarray(policy->origins, policy->origin_count + 1, sizeof(*origins));
	size_t at = policy->origin_count;

	if (!origins)
		return NULL;
	policy->origins = origins;
	while (at > 0 &&
	       (origins[at - 1].key > key ||
		   (origins[at - 1].key == key && compare_names(origins[at - 1].name, name) > 0)))
		at--;
	memmove(&origins[at + 1], &origins[at], (policy->origin_count - at) * sizeof(*origins));
	policy->origin_count++;
	origins[at] = (struct policy_origin){ .key = key };
	return &origins[at];
}

static int copy_origin(
    struct policy_origin *origin, const struct policy_entry *entry, const char *path)
{
	struct policy_origin copy = { .key = entry->key,
		.name = entry->name ? strdup(entry->name) : NULL,
		.text = strdup(entry->text),
		.value = strdup(entry->value),
		.file = strdup(path),
		.line = entry->line };

	if (!copy.text || !copy.value || !copy.file || (entry->name && !copy.name)) {
		origin_done(&copy);
		return -ENOMEM;
	}
	origin_done(origin);
	*origin = copy;
	return 0;
}

static int note_origin(struct policy *policy, const struct policy_entry *entry, const char *path)
{
	struct policy_origin *origin = policy_origin_find(policy, entry->key, entry->name);

	if (!origin)
		origin = insert(policy, entry->key, entry->name);
	return origin ? copy_origin(origin, entry, path) : -ENOMEM;
}

int policy_merge(
    struct policy *policy, const struct policy_file *file, const char *path, struct err *err)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct policy_entry *entry = &file->entries[i];
		int r = policy_key_apply(entry->key, entry->name, entry->value, &policy->spec, err);
		if (r < 0)
			return err_prefix(err, "%.256s:%u: [%s] %s", path, entry->line,
			    entry->key->section, entry->name ?: entry->key->name);
		if (note_origin(policy, entry, path) < 0)
			return err_sys(err, ENOMEM, "%.256s", path);
	}
	return strv_add(&policy->files, path) < 0 ? err_sys(err, ENOMEM, "%.256s", path) : 0;
}

void policy_origin_drop(struct policy *policy, struct policy_origin *origin)
{
	size_t behind = policy->origin_count - 1 - (size_t)(origin - policy->origins);

	origin_done(origin);
	memmove(origin, origin + 1, behind * sizeof(*origin));
	policy->origin_count--;
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->origin_count; i++)
		origin_done(&policy->origins[i]);
	free(policy->origins);
	strv_free(&policy->files);
	spec_done(&policy->spec);
	*policy = (struct policy){ .origins = NULL };
	spec_init(&policy->spec);
}
