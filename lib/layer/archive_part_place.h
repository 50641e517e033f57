/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_PLACE_H
#define CONTAIN_LAYER_ARCHIVE_PART_PLACE_H

#include "lib/layer/archive_part_unpack.h"

/*
 * Find where the entry with this path goes; directories on the way that are not there are made, as
 * root's, mode 0755. No symbolic link is followed, also not one that leads to somewhere in the
 * layer: in an archive that means something it would be at its own place. Returns 0 or -errno.
 */
int place_find(struct unpack *unpack, const char *path, struct place *ret, struct err *err);

/* As openat2(2) does it, without links and without leaving the tree. Returns it or -1 with errno.
 */
int place_open(int at, const char *path, int flags, mode_t mode);

/* Remember what a directory is to be at last. */
int place_note(
    struct unpack *unpack, const char *path, const struct attributes *attributes, struct err *err);

/* Make the directory at this place, if there is none yet. */
int place_make_directory(struct unpack *unpack, const struct place *place, struct err *err);

/*
 * Whatever is at the place already gives way to something of this type (S_IFMT): the same
 * type, or a whiteout, about what lower layers have. -EEXIST: it is of another type.
 */
int place_clear(const struct place *place, mode_t type, struct err *err);

/* Mark a directory as one that hides what lower layers have there. */
int place_make_opaque(const struct place *place, struct err *err);

/* Give all directories their attributes. */
int place_finish(struct unpack *unpack, struct err *err);

#endif
