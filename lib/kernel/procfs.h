/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PROCFS_H
#define CONTAIN_KERNEL_PROCFS_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * A fresh /proc of the caller's PID namespace. What tells about or changes the host is read-only
 * or covered: capabilities are no defence there, since sysctl files ask only whether the caller is
 * the host's uid 0. After devices_mount(), whose /dev/null covers files.
 */
int procfs_mount(const struct rootfs *rootfs, struct err *err);

/* A fresh, read-only /sys of the caller's network namespace, with the same care. */
int sysfs_mount(const struct rootfs *rootfs, struct err *err);

#endif
