/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_NAME_H
#define CONTAIN_LAYER_ARCHIVE_PART_NAME_H

#include <limits.h>
#include <stddef.h>

/*
 * The path of an entry without "." and empty components; "" is the root of the archive. NULL on
 * success, else what is wrong with it: it is absolute, goes up by "..", or is longer than a path or
 * a name can be.
 */
const char *name_clean(const char *text, char ret[PATH_MAX]);

/* Whatever it is, as text that a terminal can show: what is not printable ASCII as \xHH. */
void name_show(const char *text, char *ret, size_t size);

#endif
