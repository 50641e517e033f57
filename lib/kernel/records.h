/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_RECORDS_H
#define CONTAIN_KERNEL_RECORDS_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * What PAM applications write when somebody logs in, which they do in the jail: /run/utmp,
 * /var/log/wtmp and /var/log/lastlog of the jail's own (utmp(5)), the last with the account's
 * record of the host; /dev/log, which is the host's (syslog(3)); and /run/user/UID and /run/lock
 * where /run is new. Each only where the root has a place for it. Before rootfs_pivot().
 */
int records_mount(const struct rootfs *rootfs, struct err *err);

/* Where the jail's utmp and wtmp are, for who follows them from outside. */
#define RECORDS_UTMP "run/utmp"
#define RECORDS_WTMP "var/log/wtmp"

#endif
