/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_ACCOUNTS_H
#define CONTAIN_KERNEL_ACCOUNTS_H

/*
 * The users and groups of a jail, read from the jail's own etc/passwd and etc/group. Whoever made
 * the root wrote those files, so they are parsed here, as text, and never through NSS, which
 * would load libraries from the jail into a process of the host's root (CVE-2019-14271).
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/* As many as an account can have in a user namespace: IDMAP_EXTENTS_MAX. */
#define ACCOUNTS_GROUPS_MAX 340

/* Who the command runs as, in ids of the jail. */
struct credentials {
	uid_t uid;
	gid_t gid;
	/* groups[0] is always gid: a process whose own group is not among its supplementary ones
	 * sheds it by running a set-group-ID program, and with it what a mode such as 0604 denies
	 * to that group (CVE-2022-36109). */
	gid_t groups[ACCOUNTS_GROUPS_MAX];
	size_t group_count;
	char name[64];	 /* for USER and LOGNAME, "" if the id has no name */
	char home[256];	 /* "/" if unknown */
	char shell[256]; /* "/bin/sh" if unknown */
};

/*
 * Look up USER|UID[:GROUP|GID] (NULL: "0") in etc/passwd and etc/group below the directory `root`.
 * What begins with a digit is a number and nothing else, even where an account has that name. A
 * number needs no entry; its group is then that of its entry, or 0, and it has no other groups.
 * A named user has all groups whose entry lists it, unless a group was given.
 *
 * limit is the number of ids that the jail has: all ids found must be 0..limit-1. Signs, spaces,
 * leading zeros and overflow are refused. Returns 0, -EINVAL for what is not a user, -ENOENT for a
 * name that the root does not have, -ERANGE for an id that the jail does not have, -E2BIG for too
 * many groups, or the -errno of a file that cannot be read (a missing one counts as empty).
 */
int accounts_lookup(
    int root, const char *user, uint64_t limit, struct credentials *ret, struct err *err);

/*
 * Read such a file of the root, whole and NUL-terminated: a regular one of at most 1 MiB. *ret,
 * which the caller frees, stays NULL if it is missing. Returns 0 or -errno.
 */
int accounts_read(int root, const char *path, char **ret, struct err *err);

/* An account of the host as credentials, whatever the root says. Group 0, which is not the host's
 * in any jail, is left out. Returns 0, or -E2BIG for too many groups. */
int accounts_of_host(const struct account *account, struct credentials *ret, struct err *err);

#endif
