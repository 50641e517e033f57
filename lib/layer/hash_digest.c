/* SPDX-License-Identifier: MIT */
#include "lib/layer/hash_digest.h"

#include <stdio.h>

void hash_digest(const struct archive_part *part, struct archive_hash *hash, struct digest *ret)
{
	uint8_t sum[ARCHIVE_HASH_SIZE];
	char *text = ret->text + sprintf(ret->text, DIGEST_PREFIX);

	part->hash_end(hash, sum);
	for (size_t i = 0; i < sizeof(sum); i++)
		text += sprintf(text, "%02x", sum[i]);
}
