/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_HASH_H
#define CONTAIN_LAYER_ARCHIVE_PART_HASH_H

#include "lib/layer/archive_part.h"

/* struct archive_part says what they do. */
struct archive_hash *archive_hash_new(void);
void archive_hash_add(struct archive_hash *hash, const void *data, size_t size);
void archive_hash_end(struct archive_hash *hash, uint8_t ret[ARCHIVE_HASH_SIZE]);

#endif
