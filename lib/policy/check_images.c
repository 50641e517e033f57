/* SPDX-License-Identifier: MIT */
#include "lib/policy/check_images.h"

#include <string.h>

/* If `value` of [rootfs] source is one. */
static void tell(struct policy_check *check, const struct policy_key *source, const char *value,
    const char *file, unsigned line)
{
	struct jail_spec spec;

	spec_init(&spec);
	if (policy_key_apply(source, NULL, value, &spec, NULL) == 0 &&
	    spec.root.source == ROOT_IMAGE)
		check->image(check->data, spec.root.image, file, line);
	spec_done(&spec);
}

void checker_images_of_file(
    struct policy_check *check, const struct policy_file *file, const char *path)
{
	const struct policy_key *source = policy_key_find(KEY_FILE, "rootfs", "source");

	for (size_t i = 0; check->image && i < file->count; i++) {
		const struct policy_entry *entry = &file->entries[i];
		if (entry->key == source && !strchr(entry->text, '%'))
			tell(check, source, entry->value, path, entry->line);
	}
}

void checker_image_of_account(struct policy_check *check, const struct policy *policy)
{
	const struct policy_key *source = policy_key_find(KEY_FILE, "rootfs", "source");
	const struct policy_origin *origin = policy_origin_find(policy, source, NULL);

	if (check->image && origin && strchr(origin->text, '%'))
		tell(check, source, origin->value, origin->file, origin->line);
}
