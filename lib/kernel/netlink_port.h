/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_PORT_H
#define CONTAIN_KERNEL_NETLINK_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/kernel/netlink_bridge.h"
#include "lib/kernel/netlink_socket.h"

/*
 * Make the interface `name` a port of the bridge, for whoever has the hardware address behind it
 * and nobody else, and bring it up. `isolated`: it reaches the bridge itself, and with it the host,
 * but no other port that is isolated too.
 *
 * Frames from another hardware address are dropped (Linux 5.18), and so are those of spanning
 * trees: root in a container, where it owns its network, must not draw the frames of others to
 * itself. Returns 0 or -errno.
 */
int port_plug_in(struct netlink *netlink, const struct bridge *bridge, const char *name,
    const uint8_t hardware[static 6], bool isolated, struct err *err);

#endif
