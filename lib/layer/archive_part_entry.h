/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_ENTRY_H
#define CONTAIN_LAYER_ARCHIVE_PART_ENTRY_H

#include "lib/layer/archive_part_unpack.h"

/* Make what an entry is about. Returns 0 or -errno with its name in front. */
int entry_unpack(struct unpack *unpack, struct archive_entry *entry, struct err *err);

#endif
