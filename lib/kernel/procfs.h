/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PROCFS_H
#define CONTAIN_KERNEL_PROCFS_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/* A fresh /proc of the caller's PID namespace. */
int procfs_mount(const struct rootfs *rootfs, struct err *err);

/*
 * Let everybody in the jail ping (net.ipv4.ping_group_range, icmp(7)) and serve any port
 * (net.ipv4.ip_unprivileged_port_start, ip(7)) without capabilities: the network namespace of the
 * caller belongs to the host's user namespace, in which nobody in the jail has any. Between
 * procfs_mount() and procfs_protect(); not where the network is the host's.
 */
int procfs_open_network(const struct rootfs *rootfs, struct err *err);

/*
 * What tells about or changes the host becomes read-only or covered. Capabilities are no defence
 * there: sysctl files ask only whether the caller is the host's uid 0. After devices_mount(), whose
 * /dev/null covers files.
 */
int procfs_protect(const struct rootfs *rootfs, struct err *err);

/* A fresh, read-only /sys of the caller's network namespace, with the same care. */
int sysfs_mount(const struct rootfs *rootfs, struct err *err);

#endif
