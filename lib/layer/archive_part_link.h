/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_LINK_H
#define CONTAIN_LAYER_ARCHIVE_PART_LINK_H

#include "lib/layer/archive_part_unpack.h"

/* A symbolic link; whatever it says is for those who look at it in a jail. */
int link_unpack_symbolic(struct archive_entry *entry, const struct place *place,
    const struct attributes *attributes, struct err *err);

/* Another name, `path`, of the file or symbolic link `target`, which is in the archive before. */
int link_unpack_hard(struct unpack *unpack, const char *path, const char *target, struct err *err);

#endif
