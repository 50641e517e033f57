/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_BRIDGE_H
#define CONTAIN_KERNEL_NETLINK_BRIDGE_H

#include <net/if.h>

#include "lib/base/err.h"
#include "lib/kernel/netlink_address.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/policy/spec.h"

struct bridge {
	char name[IFNAMSIZ];
	const struct spec_network *network; /* whose bridge it is; the caller's */
	bool ours; /* contain0, or that of a network with pools: made where missing */
	int index; /* 0: is still to be made; its addresses are then those that it will get */
	unsigned mtu;
	bool up;
	bool forwards;			   /* IPv4, what comes in through it */
	bool complete;			   /* nothing is left for bridge_make() */
	struct bridge_addresses addresses; /* its name points into this struct: do not copy */
};

/*
 * Find the bridge that the spec names, or plan our own where it names none, without making
 * anything. Refused: a named bridge that is missing, is no bridge, or is down. Returns 0 or -errno.
 */
int bridge_find(struct netlink *netlink, const struct spec_network *network, struct bridge *ret,
    struct err *err);

/*
 * Make our own bridge if it is not there and up, with its addresses: 0 at once otherwise. Several
 * may do so at the same time: being up is the last step, so that whoever finds it down goes through
 * all steps too, and a step that is done already is no error. *bridge is then what was really
 * found, which may have other addresses than planned when somebody else made it. Refused: addresses
 * that another interface of the host has.
 */
int bridge_make(struct netlink *netlink, struct bridge *bridge, struct err *err);

#endif
