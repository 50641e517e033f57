/* SPDX-License-Identifier: MIT */
#include "lib/base/hash.h"

#include <string.h>

uint64_t hash_mix(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t hash_text(const char *text)
{
	return hash_mix(HASH_INIT, text, strlen(text));
}
