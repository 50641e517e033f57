/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PRIVS_H
#define CONTAIN_KERNEL_PRIVS_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/* Who the command runs as, in ids of the jail. */
struct credentials {
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	size_t group_count;
	char name[64]; /* for USER and LOGNAME, "" if the id has no name */
	char home[256]; /* "/" if unknown */
	char shell[256]; /* "/bin/sh" if unknown */
};

/*
 * Look up USER|UID[:GROUP|GID] (NULL: "0") in etc/passwd and etc/group below root, by reading those
 * files and never through NSS, which would load libraries from the jail (CVE-2019-14271). A number needs no entry;
 * its group is then that of its entry, or 0. The named user's supplementary groups are those that list it, unless a
 * group was given. Ids are 0..limit-1; signs, spaces, overflow and -1 are refused. Returns 0 or -errno.
 */
int privs_lookup(int root, const char *user, uint64_t limit, struct credentials *ret, struct err *err);

/*
 * Take all ids and the supplementary groups, in that order that cannot keep any, and prove that the old
 * ones cannot come back. may_setgroups is false where the user namespace forbids setgroups(2); extra
 * groups are then an error. Needs CAP_SETUID and CAP_SETGID in the user namespace. keep_caps leaves
 * the permitted set over the change of uid (PR_SET_KEEPCAPS), for caps_limit() to reduce.
 */
int privs_become(const struct credentials *who, bool may_setgroups, struct err *err);

/* Apply setrlimit(2) for every limit that is set. -EPERM names the limit and the highest value allowed. */
int privs_rlimits(const struct spec_limits *limits, struct err *err);

#endif
