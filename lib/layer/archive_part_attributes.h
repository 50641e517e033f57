/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_ATTRIBUTES_H
#define CONTAIN_LAYER_ARCHIVE_PART_ATTRIBUTES_H

#include "lib/layer/archive_part_unpack.h"

/* What the entry says of them; -EINVAL for an owner that no jail can have. */
int attributes_read(
    struct archive_entry *entry, const char *shown, struct attributes *ret, struct err *err);

/*
 * Give the open file `fd` the extended attributes of the entry. With -1 there is none that could
 * have any: then one that would be set is an error. To be called after the owner and the content,
 * because a change of these takes file capabilities away.
 */
int attributes_extended(struct archive_entry *entry, int fd, const char *shown, struct err *err);

/* Whether the entry has some that would be set. */
bool attributes_has_extended(struct archive_entry *entry);

/* Owner, mode and time of a file that was created with `attributes->mode` & 0777 by root. */
int attributes_of_file(int fd, const struct attributes *attributes);

#endif
