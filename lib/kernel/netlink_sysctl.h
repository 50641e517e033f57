/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_SYSCTL_H
#define CONTAIN_KERNEL_NETLINK_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

/* A setting of a network namespace; its file is /proc/sys/net/<name>. */
struct net_sysctl {
	const char *name;
	const char *value;
	bool optional; /* no error where the kernel does not have it, being built without IPv6 */
};

/*
 * Write settings of the thread's network namespace. Needs CAP_NET_ADMIN over it, and CAP_SYS_ADMIN
 * over the thread's mount namespace. Returns 0 or -errno.
 */
int net_sysctl_write(const struct net_sysctl *settings, size_t count, struct err *err);

/*
 * Have every interface that listens to the advertisements of routers go on with it when the host
 * forwards: accept_ra 2 for 1. Nothing to do without IPv6. Returns 0 or -errno.
 */
int net_sysctl_keep_advertisements(struct err *err);

/*
 * Whether the namespace of the thread forwards IPv6, or has none. Looked up in the host's /proc, so
 * not for a jail's namespace.
 */
bool net_sysctl_forwards_ipv6(void);

#endif
