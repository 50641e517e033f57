/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_DIGEST_H
#define CONTAIN_IMAGE_DIGEST_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * What something is called by what is in it: "sha256:" and 64 lower case hexadecimal digits
 * (OCI image specification, "Digests"). No other algorithm is used by registries.
 */
#define DIGEST_PREFIX "sha256:"
#define DIGEST_HEX    64
#define DIGEST_TEXT_MAX                                                                            \
	sizeof(DIGEST_PREFIX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")

struct digest {
	char text[DIGEST_TEXT_MAX]; /* whole; "" for none */
};

/* Take the text of a digest. Returns 0 or -EINVAL with a message. */
int digest_parse(const char *text, struct digest *ret, struct err *err);

/* The digits behind the prefix: what files in the store are called. */
const char *digest_hex(const struct digest *digest);

bool digest_equal(const struct digest *a, const struct digest *b);

#endif
