/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_IMAGE_H
#define CONTAIN_EXEC_IMAGE_H

#include "contain-exec/options.h"

/*
 * Where the root is an image, complete the spec by what the image says of its command. It stays in
 * the store until options_done(). Returns 0 or -errno.
 */
int image_use(struct options *options, struct err *err);

#endif
