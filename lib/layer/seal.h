/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_SEAL_H
#define CONTAIN_LAYER_SEAL_H

/*
 * Look at a tree that a process has made which read an archive, and may have been taken over by it:
 * whatever a layer cannot have is an error here. The same walk computes its digest.
 */

#include <stdbool.h>

#include "lib/layer/archive_part.h"
#include "lib/image/store.h"

enum seal_what {
	SEAL_NEW,   /* ARCHIVE_OPAQUE becomes the attribute that overlayfs looks at */
	SEAL_CHECK, /* nothing is changed */
};

/*
 * `tree` is a directory, any descriptor of it, that nobody else changes meanwhile. Only regular
 * files, directories, symbolic links and whiteouts may be there, of owners up to 65535, with
 * extended attributes as a layer has them, and no file may have a name elsewhere. facts->size is
 * what is not zeros: 64 KiB of them count nothing, whether the disk has them or not. Root only.
 * Returns 0, or -EUCLEAN with the path, or -errno.
 */
int seal_tree(const struct archive_part *part, int tree, enum seal_what what,
    struct layer_facts *ret, struct err *err);

#endif
