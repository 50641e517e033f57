/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_PORTS_H
#define CONTAIN_KERNEL_NETLINK_PORTS_H

#include "lib/kernel/network.h"

/* The host's table of published ports, of the family inet. */
#define RULES_PORTS_TABLE "contain_ports"

/*
 * What it says, in the language of nft(8), complete: it replaces what was there. Each port is an
 * element of a map, so that none costs more than another. No two may be the same port of the host.
 * What came by a port that is not among them any more is dropped. Returns 0 or -ENOMEM.
 */
int rules_of_ports(const struct network_published *ports, size_t count, char **ret);

#endif
