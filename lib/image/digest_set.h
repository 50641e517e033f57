/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_DIGEST_SET_H
#define CONTAIN_IMAGE_DIGEST_SET_H

#include <stddef.h>

#include "lib/image/digest.h"

/* Digests that are collected first, and looked for then. */
struct digest_set {
	struct digest *items;
	size_t count;
	bool sorted;
};

/* Returns 0 or -ENOMEM with a message. The same one may come more than once. */
int digest_set_add(struct digest_set *set, const struct digest *digest, struct err *err);

bool digest_set_has(struct digest_set *set, const struct digest *digest);

/* It is empty then. */
void digest_set_done(struct digest_set *set);

#endif
