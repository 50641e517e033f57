/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_DEVICES_H
#define CONTAIN_KERNEL_DEVICES_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * A fresh /dev: null, zero, full, random, urandom, tty; fd, stdin, stdout, stderr and ptmx as
 * links; a devpts instance of its own; /dev/shm and /dev/mqueue. Nothing of the root's own /dev is
 * used, which its owner could have prepared (CVE-2025-31133, CVE-2025-52565). To be called with a
 * umask of 0.
 */
int devices_mount(const struct rootfs *rootfs, struct err *err);

/*
 * A pseudo terminal from the jail's own devpts, before the pivot: the master for the supervisor,
 * the slave for the command, owned by uid (of the host, as seen by the caller) and put on
 * /dev/console too.
 */
int devices_open_terminal(
    const struct rootfs *rootfs, uid_t uid, int *ret_master, int *ret_slave, struct err *err);

#endif
