/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_hash.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

struct archive_hash {
	struct sha256_ctx context;
};

_Static_assert(ARCHIVE_HASH_SIZE == SHA256_DIGEST_SIZE, "SHA-256");

struct archive_hash *archive_hash_new(void)
{
	struct archive_hash *hash = malloc(sizeof(*hash));

	if (hash)
		sha256_init(&hash->context);
	return hash;
}

void archive_hash_add(struct archive_hash *hash, const void *data, size_t size)
{
	sha256_update(&hash->context, size, data);
}

void archive_hash_end(struct archive_hash *hash, uint8_t ret[ARCHIVE_HASH_SIZE])
{
	if (ret)
		memset(ret, 0, ARCHIVE_HASH_SIZE);
	if (hash && ret)
		sha256_digest(&hash->context, ARCHIVE_HASH_SIZE, ret);
	free(hash);
}
