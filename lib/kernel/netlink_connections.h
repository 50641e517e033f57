/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_CONNECTIONS_H
#define CONTAIN_KERNEL_NETLINK_CONNECTIONS_H

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/*
 * Have the host forget all connections from and to an address, in its table of connections
 * (conntrack): who out there goes on sending is let in by it, to whoever has the address by then.
 * For an address that nobody has. Needs CAP_NET_ADMIN over the thread's network namespace. Returns
 * how many there were, or -errno; 0 where the host keeps no such table.
 */
int connections_forget(const struct spec_address *address, struct err *err);

#endif
