/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_FIREWALL_H
#define CONTAIN_KERNEL_NETLINK_FIREWALL_H

#include "lib/kernel/netlink_bridge.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/kernel/network.h"

/*
 * Both firewalls, each through libnftables (nftables_part.h). The host's are tables of our own, the
 * same for all jails: mostly they are there already, which one question tells, and where somebody
 * has flushed the host's rules they are loaded again.
 */

/*
 * In the host's namespace: what the request needs there. Forwarding is switched on with it, for
 * IPv4 and IPv6, without which nothing leaves the bridge. *ret_loaded says whether rules were not
 * there before. Returns 0 or -errno.
 */
int firewall_of_host(const struct network_request *request, const struct bridge *bridge,
    bool *ret_loaded, struct err *err);

/* In the host's as well: network_publish(), which see. */
int firewall_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err);

/* At the host's end of a jail that owns its network: it sends as itself and nobody else. */
int firewall_of_port(
    const struct network_request *request, const struct network_result *result, struct err *err);

/* In the jail's, through a socket of it: rules for what it sends, where there are any. */
int firewall_of_jail(struct netlink *jail, const struct network_request *request,
    const struct bridge *bridge, const struct network_result *result, struct err *err);

#endif
