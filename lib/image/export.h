/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_EXPORT_H
#define CONTAIN_IMAGE_EXPORT_H

#include "lib/image/record.h"
#include "lib/image/store.h"

/*
 * Copy what a container of the image sees as its root into the directory `path`, which must be
 * empty or missing: owners, modes, times, links and extended attributes as they are, by cp(1). It
 * appears there when it is complete; meanwhile it is beside it, called ".NAME.partial", and what
 * somebody has left there who was killed is removed, if it is root's. The caller keeps the
 * image from being removed. Root only; forks. Returns 0 or -errno.
 */
int image_export(const struct image *image, const char *path, struct err *err);

#endif
