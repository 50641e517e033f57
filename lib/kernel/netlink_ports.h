/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_PORTS_H
#define CONTAIN_KERNEL_NETLINK_PORTS_H

#include "lib/kernel/netlink_rules.h"
#include "lib/kernel/network.h"

/* The host's table of published ports, of the family inet. */
#define RULES_PORTS_TABLE "contain_ports"

/*
 * What it says for any ports, in the language of nft(8): maps, and rules that look there, so that
 * no port costs more than another. It is loaded where it is not there; to do so for each change
 * would take 10 ms, for which the kernel waits when rules come and go. Returns 0 or -ENOMEM.
 */
int rules_of_ports(struct rules *ret);

/*
 * What fills the maps, in place of all that is in there. No two may be the same port of the host.
 * What came by a port that is not among them any more is dropped. Returns 0 or -ENOMEM.
 */
int rules_of_elements(const struct network_published *ports, size_t count, char **ret);

#endif
