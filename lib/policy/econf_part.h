/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_ECONF_PART_H
#define CONTAIN_POLICY_ECONF_PART_H

/*
 * The loadable part contain-policy.so: the only code that links libeconf. econf.c loads it for as
 * long as policy files are read.
 */

#include <stddef.h>

#include "lib/base/err.h"

#define ECONF_PART_FILE	  "contain-policy.so"
#define ECONF_PART_SYMBOL "contain_policy_values"

struct econf_value {
	const char *section, *name;
	char *value; /* the answer; the caller frees it */
};

/*
 * Read the file `path` and fill in the value of each of the `count` keys in `values`, whose `value`
 * is NULL before; it is "" for a key without one. Returns 0, or -errno where libeconf cannot read
 * the file or does not find one of the keys in it; values found until then are the caller's too.
 */
int contain_policy_values(
    const char *path, struct econf_value *values, size_t count, struct err *err);

typedef __typeof__(contain_policy_values) econf_values_fn;

#endif
