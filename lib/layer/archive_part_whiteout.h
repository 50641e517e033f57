/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_WHITEOUT_H
#define CONTAIN_LAYER_ARCHIVE_PART_WHITEOUT_H

#include "lib/layer/archive_part_unpack.h"

/*
 * Entries that say what of lower layers is gone (OCI image specification, "Whiteouts"):
 * DIR/.wh.NAME, and DIR/.wh..wh..opq for all of DIR. They are never about this layer: what it has
 * itself stays, whichever comes first. Other names of aufs are left out. *ret_done: it was one of
 * these.
 */
int whiteout_unpack(struct unpack *unpack, const char *path, const struct attributes *attributes,
    bool *ret_done, struct err *err);

#endif
