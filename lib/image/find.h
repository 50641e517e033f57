/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_FIND_H
#define CONTAIN_IMAGE_FIND_H

#include "lib/base/err.h"
#include "lib/image/record.h"
#include "lib/policy/spec.h"

/*
 * Find the image that a spec names (ROOT_IMAGE) in the store of this machine; nothing is ever
 * fetched. If the spec has its id already, it is that one, whatever the name means by now. *ret is
 * to be freed with image_done(); *ret_lock keeps it from being removed until it is closed. Returns
 * 0, or -errno with a message about "--rootfs" that says how to get it: -ENOENT, or -EPERM for
 * anybody but root.
 */
int image_find(const struct spec_root *root, struct image *ret, int *ret_lock, struct err *err);

/* Find an image of this machine by its name or id; the rest as store_find_image() does it. */
int image_find_named(const char *name, struct image *ret, int *ret_lock, struct err *err);

/* Look whether all of its layers are there, without reading what is in them. Returns 0 or -errno.
 */
int image_check(const struct image *image, struct err *err);

#endif
