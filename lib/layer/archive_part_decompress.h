/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_DECOMPRESS_H
#define CONTAIN_LAYER_ARCHIVE_PART_DECOMPRESS_H

#include "lib/base/err.h"

/* struct archive_part says what it does. */
int archive_decompress(int in, int out, struct err *err);

#endif
