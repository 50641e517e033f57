/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_HASH_DIGEST_H
#define CONTAIN_LAYER_HASH_DIGEST_H

#include "lib/layer/archive_part.h"
#include "lib/image/digest.h"

/* What a hash has come to, as a digest; frees the hash. */
void hash_digest(const struct archive_part *part, struct archive_hash *hash, struct digest *ret);

#endif
