/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_CONTENT_H
#define CONTAIN_LAYER_ARCHIVE_PART_CONTENT_H

#include "lib/layer/archive_part_unpack.h"

/*
 * Write the content of the current entry, of `size` bytes, into an empty file. Holes stay holes,
 * and long runs of zeros become some.
 */
int content_write(
    struct archive *archive, int fd, int64_t size, const char *shown, struct err *err);

#endif
