/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_ADDRESS_H
#define CONTAIN_KERNEL_NETLINK_ADDRESS_H

#include "lib/base/err.h"
#include "lib/kernel/network.h"
#include "lib/policy/spec.h"

/* The bridge, as far as the choice of addresses depends on it. */
#define BRIDGE_ADDRESSES_MAX 64
struct bridge_addresses {
	const char *name;
	uint8_t hardware[6];
	/* Its own, which are the gateways, each with its subnet's prefix length. Link-local ones of
	 * IPv6 are left out: every link has that subnet. */
	struct spec_address items[BRIDGE_ADDRESSES_MAX];
	unsigned count;
};

/*
 * Refuse addresses of the spec that a jail on this bridge cannot have, before anything is made.
 * Where the bridge has no address at all, it is a plain switch, and any host address will do.
 */
int address_check(
    const struct spec_network *network, const struct bridge_addresses *bridge, struct err *err);

/*
 * Claim the spec's addresses, all of them; or, where it has none, find and claim a free one of each
 * family that the bridge has. The search starts at a place that depends on the jail's name, so
 * that an account gets its address again, and another one does not get it at once. ret->addresses
 * and its count are written. Returns 0 or -errno: -EADDRINUSE when an address is taken or a subnet
 * used up.
 */
int address_claim(const struct network_request *request, const struct bridge_addresses *bridge,
    struct network_result *ret, struct err *err);

/*
 * Where a jail with this address sends what is not for its own network: as the spec says, or the
 * bridge's address in the subnet that the address lies in. NULL if there is none.
 */
const struct spec_address *address_gateway(const struct spec_network *network,
    const struct bridge_addresses *bridge, const struct spec_address *address);

/*
 * The hardware address of eth0, from its first IP address: whoever gets that address next has the
 * same one, so that what neighbours remember of the address stays right. Its second byte says
 * whether the host's own services are closed to it, for the host's firewall, or closed but by the
 * bridge's own addresses: the port of the bridge lets through no other hardware address.
 */
#define ADDRESS_OPEN   0xc0
#define ADDRESS_CLOSED 0xc1
#define ADDRESS_LISTED 0xc2
void address_hardware(
    const struct spec_address *address, enum host_access access, uint8_t ret[static 6]);

#endif
