/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_PROBLEMS_H
#define CONTAIN_POLICY_PROBLEMS_H

#include <stddef.h>

#include "lib/base/err.h"

/*
 * What is wrong with a policy file: not only the first thing, so that somebody who checks one sees
 * all of it at once.
 */
#define PROBLEMS_MAX 64 /* more of them are not kept: nobody reads on */

struct problem {
	unsigned line;
	struct err err; /* "FILE:LINE: what" */
};

struct problems {
	struct problem *items; /* in the order of the lines */
	size_t count;
};

/* Add one of `file`. Returns 0 or -ENOMEM, without a message. */
int problems_add(struct problems *problems, const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Make the first of them the caller's error. There must be one. Returns -EINVAL. */
int problems_first(const struct problems *problems, struct err *err);

void problems_done(struct problems *problems);

#endif
