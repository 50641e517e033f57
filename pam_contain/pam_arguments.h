/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_PAM_ARGUMENTS_H
#define PAM_CONTAIN_PAM_ARGUMENTS_H

#include <stdbool.h>

#include "lib/base/err.h"

/* What the module's line in /etc/pam.d says; the strings are libpam's. */
struct arguments {
	bool debug;
	unsigned timeout; /* seconds */
	const char *conf; /* directory of the policy files, absolute */
	const char *services;
	const char *exempt_group;
};

/*
 * Fill in the defaults, then what argv says. Returns 0, or -EINVAL with the first word that is
 * wrong; *ret has what the others say then, so that it is known who is exempt.
 */
int arguments_parse(int argc, const char **argv, struct arguments *ret, struct err *err);

#endif
