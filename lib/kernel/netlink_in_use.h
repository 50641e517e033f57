/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_IN_USE_H
#define CONTAIN_KERNEL_NETLINK_IN_USE_H

#include "lib/base/err.h"
#include "lib/kernel/netlink_address.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/kernel/netlink_subnet.h"

/*
 * Addresses that interfaces have. Link-local ones of IPv6 are left out: every link has that subnet.
 */

/* Those of one interface, called `name` in messages. *ret keeps its name and hardware address.
 * Returns 0 or -errno: -E2BIG for more than BRIDGE_ADDRESSES_MAX. */
int in_use_by(struct netlink *netlink, int index, const char *name, struct bridge_addresses *ret,
    struct err *err);

/*
 * Whether an interface that is not called `name` has an address in the subnet, or one whose own
 * subnet the address lies in: "10.0.0.7/8 of eth0" is printed into `text` then. Loopback does not
 * count. Returns 1, 0 or -errno.
 */
#define IN_USE_TEXT_MAX (SUBNET_TEXT_MAX + sizeof(" of ") + IFNAMSIZ)
int in_use_by_another(struct netlink *netlink, const char *name, const struct spec_address *subnet,
    char text[IN_USE_TEXT_MAX], struct err *err);

#endif
