/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_PAM_STACK_H
#define CONTAINCTL_PAM_STACK_H

#include <limits.h>

#include "lib/contain.h"

/* What the session part of a PAM service's stack does with our module: pam.conf(5). */
struct pam_stack {
	char file[PATH_MAX];  /* "" where the service has none */
	bool contains;	      /* the module is in it, and takes this service for one of its own */
	char after[NAME_MAX]; /* the last module after it; "" where it is the last */
};

/* Where libpam looks for the file of a service, in this order; ends with NULL. */
extern const char *const pam_directories[];

/*
 * Read the stack `name` with all that it includes, from `directories`, as that of `service`: its
 * own has its name, "other" stands in for services that have none. Returns 0, also where there is
 * no such file, or -errno with the file and line of what cannot be understood.
 */
int pam_stack_read(const char *const *directories, const char *name, const char *service,
    struct pam_stack *ret, struct err *err);

#endif
