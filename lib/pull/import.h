/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_IMPORT_H
#define CONTAIN_PULL_IMPORT_H

#include "lib/layer/layer.h"
#include "lib/image/record.h"
#include "lib/image/store.h"

struct import_request {
	const char *source; /* a file, "-" for standard input, or a directory */
	const char *name;   /* a whole one */
	const struct layer_limits *limits;
	struct layer_progress *progress; /* NULL: nobody looks */
	const char *libexec_dir, *data_dir;
};

/*
 * Make an image of one layer from an archive of a root file system, compressed or not, or from a
 * directory, of which tar(1) makes one: what is mounted below it is left out. Its id is its layer's
 * diffID, since it has no configuration. Root only; forks, see layer_unpack(). *ret is to be freed
 * with image_done(). Returns 0 or -errno; then the store is as it was.
 */
int image_import(const struct store *store, const struct import_request *request, struct image *ret,
    struct err *err);

#endif
