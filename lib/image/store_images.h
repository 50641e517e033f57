/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_STORE_IMAGES_H
#define CONTAIN_IMAGE_STORE_IMAGES_H

#include "lib/image/store.h"

/* images/: the records. */

/*
 * Open the record of an image with a lock (LOCK_SH or LOCK_EX of flock(2)), and be sure that it
 * still has its place. Returns the descriptor, -ENOENT without a message, -EWOULDBLOCK without a
 * message if somebody has it otherwise, or -errno.
 */
int store_record_open(
    const struct store *store, const struct digest *id, int lock, struct err *err);

/* Read it; the message names the file. */
int store_record_read(int record, const struct digest *id, struct image *ret, struct err *err);

/* Call `each` for every image, readable or not, in the order of ids. */
int store_records_each(const struct store *store,
    int (*each)(void *data, const struct digest *id, struct err *err), void *data, struct err *err);

/*
 * Remove a layer that no image needs and nobody holds. Returns 1 if it is gone, with its size in
 * *ret_size; 0 if it is needed; or -errno.
 */
int store_drop_layer(
    const struct store *store, const struct digest *diff_id, uint64_t *ret_size, struct err *err);

#endif
