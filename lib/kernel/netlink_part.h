/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_PART_H
#define CONTAIN_KERNEL_NETLINK_PART_H

/*
 * The loadable part contain-netlink.so: the only code that links libnl. network.c loads it with
 * dlopen(3) into a short-lived child; no process that lives on has libnl or its memory.
 *
 *	netlink_part.c	    connects one jail: the order of the steps
 *	netlink_bridge.c    the bridge: found and looked at, or made
 *	netlink_in_use.c    addresses that interfaces have
 *	netlink_address.c   which addresses the jail gets (no netlink in it)
 *	netlink_connections.c what the host remembers of an address
 *	netlink_subnet.c    arithmetic on addresses (no netlink in it)
 *	netlink_veth.c	    the pair of interfaces between bridge and jail
 *	netlink_port.c	    the port of the bridge that the host's end is
 *	netlink_firewall.c  both firewalls: the host's and the jail's own
 *	netlink_rules.c	    what they say, and netlink_rules_jail.c, which is the jail's own, with
 *what both need in netlink_rules_own.c (no netlink in them) netlink_ports.c     what says which
 *ports of the host are published (no netlink in it) netlink_shaper.c    bandwidth
 *	netlink_interface.c what any interface is told: addresses, routes, up
 *	netlink_sysctl.c    what only /proc/sys/net can be told
 *	netlink_socket.c    one request and its answer, with the kernel's own reason for a refusal
 */

#include "lib/kernel/network.h"

#define NETLINK_PART_FILE   "contain-netlink.so"
#define NETLINK_PART_SYMBOL "contain_netlink_connect"

/*
 * The worker's side of network_connect_start(), which see. Leaves the calling thread in the jail's
 * network namespace, so that the caller should end soon after. Returns 0 or -errno.
 */
int contain_netlink_connect(
    const struct network_request *request, struct network_result *ret, struct err *err);

typedef __typeof__(contain_netlink_connect) netlink_connect_fn;

/* Likewise that of network_publish(). */
#define NETLINK_PART_PUBLISH_SYMBOL "contain_netlink_publish"

int contain_netlink_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err);

typedef __typeof__(contain_netlink_publish) netlink_publish_fn;

#endif
