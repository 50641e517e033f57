/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_INTERFACE_H
#define CONTAIN_KERNEL_NETLINK_INTERFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/policy/spec.h"

/*
 * What any interface is told. Interfaces are named as the namespace of the socket knows them; all
 * return 0 or -errno.
 */

/* Put a hardware address into a link object that will be sent. */
int interface_set_hardware(
    struct rtnl_link *link, const uint8_t hardware[static 6], struct err *err);

/*
 * Make no link-local IPv6 address of its own when it comes up. A kernel without IPv6 has nothing to
 * be told.
 */
int interface_no_link_local(struct netlink *netlink, const char *name, struct err *err);

int interface_up(struct netlink *netlink, const char *name, struct err *err);

/* Make it a port of the bridge. */
int interface_join(struct netlink *netlink, const char *name, const char *bridge, int bridge_index,
    struct err *err);

/* Add an address, usable at once: IPv6 does not look for duplicates first. -EEXIST if it has it. */
int interface_add_address(struct netlink *netlink, const char *name, int index,
    const struct spec_address *address, struct err *err);

/*
 * Make `gateway` the default route of its family. on_link: it is reached directly although no
 * address of the interface has it in its subnet.
 */
int interface_add_default_route(struct netlink *netlink, const char *name, int index,
    const struct spec_address *gateway, bool on_link, struct err *err);

/*
 * Forget the hardware address of a neighbour, and what waits for it to be found. One that nobody
 * knows is no error.
 */
int interface_forget_neighbour(struct netlink *netlink, const char *name, int index,
    const struct spec_address *neighbour, struct err *err);

/* Refuse to send anything to the network, whatever other routes there are. */
int interface_prohibit(struct netlink *netlink, const struct spec_address *subnet, struct err *err);

/*
 * Wait until the kernel has noticed that the cable is in, which it does some time after both ends
 * are up; before that an interface drops what it is given. About a second at most: an interface
 * may well stay without a carrier.
 */
void interface_wait_running(struct netlink *netlink, const char *name);

/*
 * Wait until the address can be reached, about a second at most: the kernel puts one of IPv6 into
 * its routes by a work of its own, some time after the cable is in, and drops what comes for it
 * before.
 */
void interface_wait_address(struct netlink *netlink, const struct spec_address *address);

#endif
