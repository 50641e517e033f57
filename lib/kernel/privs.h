/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PRIVS_H
#define CONTAIN_KERNEL_PRIVS_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/kernel/accounts.h"

/*
 * The order in which a process becomes the jail's command:
 *
 *	rlimits_apply(), privs_become(), caps_limit(), PR_SET_NO_NEW_PRIVS,
 *	seccomp_filter_install(), execve()
 *
 * Ids come before capabilities, because changing them takes CAP_SETUID and CAP_SETGID, which the
 * command may not keep; the filter comes last, so that it need not allow what went before. Without
 * no_new_privs (allow_setuid) installing a filter takes CAP_SYS_ADMIN: then it is installed before
 * privs_become(), and has to allow what follows, as the default profile does.
 */

/*
 * Become `who`: supplementary groups, then gid, then uid, since each step would take away the right
 * to do the one before; then prove by reading back, and by trying, that the old ids are gone.
 *
 * may_setgroups is false where the user namespace forbids setgroups(2) (rootless): groups besides
 * who->gid are then an error, and those of the caller stay. The permitted capabilities survive a
 * change to a non-zero uid, none of them effective, until caps_limit() or execve(2) takes them.
 * Needs CAP_SETUID and CAP_SETGID in the user namespace unless the ids are the caller's own.
 * Returns 0 or -errno; after a failure the process must end.
 */
int privs_become(const struct credentials *who, bool may_setgroups, struct err *err);

#endif
