/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SYSTEMD_PART_H
#define CONTAIN_KERNEL_SYSTEMD_PART_H

/*
 * The loadable part contain-systemd.so: the only code that links libsystemd. cgroup_keeper.c loads
 * it with dlopen(3) into a child that ends when the scope is there; nothing that lives on has
 * libsystemd or its memory.
 *
 *	systemd_part.c		a scope for a jail: the order of the calls
 *	systemd_part_bus.c	the connection, calls that end in time, what systemd complains of
 *	systemd_part_limits.c	limits as properties of a unit
 */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/policy/spec.h"

#define SYSTEMD_PART_FILE   "contain-systemd.so"
#define SYSTEMD_PART_SYMBOL "contain_systemd_scope"

struct systemd_request {
	const char *scope, *slice; /* names of units: contain-NAME.scope, user-1001.slice */
	pid_t pids[2];		   /* who is to be in the scope; 0: nobody */
	const struct spec_limits *limits;
	bool limit_slice; /* the limits are the slice's, and not the scope's */
};

/*
 * Start the scope and wait until its processes are in it; then set the limits of the slice, if that
 * is asked for. What a dead jail of the same name has left is stopped first: the caller must own
 * the name. Ends within 10 s, -ETIMEDOUT. Returns 0 or -errno. Needs root; single-threaded callers.
 */
int contain_systemd_scope(const struct systemd_request *request, struct err *err);

typedef __typeof__(contain_systemd_scope) systemd_scope_fn;

#endif
