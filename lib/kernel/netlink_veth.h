/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_VETH_H
#define CONTAIN_KERNEL_NETLINK_VETH_H

#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/kernel/netlink_bridge.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/policy/spec.h"

/* What the jail's end is called in the jail. */
#define VETH_JAIL_NAME "eth0"

/*
 * Connecting is done in this order: make, configure, plug in (netlink_port.h). So nothing reaches
 * the jail before it is complete.
 */

/*
 * Make the pair of interfaces, both down: the jail's end directly in its namespace, the host's end
 * called after the jail's first process, which is written to ret_name. `hardware` is the address of
 * the jail's end. The pair is never deleted: it goes with the jail's
 * namespace. Returns 0 or -errno.
 */
int veth_make(struct netlink *netlink, const struct bridge *bridge, int netns, pid_t init,
    const uint8_t hardware[static 6], char ret_name[static IFNAMSIZ], struct err *err);

/*
 * Configure the jail's end: addresses, up, default routes. `netlink` is a socket
 * of the jail's namespace, and the thread must be in it. Returns 0 or -errno.
 */
int veth_configure(struct netlink *netlink, const struct spec_network *network,
    const struct bridge *bridge, const struct network_result *addresses, struct err *err);

#endif
