/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/kernel/netlink_subnet.h"

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

#define SUBNET_LIST_MAX 256

/*
 * "10.97.0.0/16, fd97:c0a1::/64": the bridge's subnets of one family, or of both (AF_UNSPEC); cut
 * short where they do not fit.
 */
static const char *list_subnets(
    const struct bridge_addresses *bridge, int family, char text[static SUBNET_LIST_MAX])
{
	char one[SUBNET_TEXT_MAX];
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < bridge->count && used < SUBNET_LIST_MAX; i++) {
		struct spec_address network = subnet_network(&bridge->items[i]);
		if (family != AF_UNSPEC && network.family != family)
			continue;
		used += (size_t)snprintf(text + used, SUBNET_LIST_MAX - used, "%s%s",
		    used ? ", " : "", subnet_print(&network, one));
	}
	return text;
}

static const struct spec_address *subnet_of(
    const struct bridge_addresses *bridge, const struct spec_address *address)
{
	for (unsigned i = 0; i < bridge->count; i++)
		if (subnet_contains(&bridge->items[i], address))
			return &bridge->items[i];
	return NULL;
}

const struct spec_address *address_gateway(const struct spec_network *network,
    const struct bridge_addresses *bridge, const struct spec_address *address)
{
	for (unsigned i = 0; i < network->gateway_count; i++)
		if (network->gateways[i].family == address->family)
			return &network->gateways[i];
	return network->no_gateway ? NULL : subnet_of(bridge, address);
}

static bool is_among(
    const struct spec_address *list, unsigned count, const struct spec_address *address)
{
	for (unsigned i = 0; i < count; i++)
		if (subnet_same_ip(&list[i], address))
			return true;
	return false;
}

static bool is_own(const struct bridge_addresses *bridge, const struct spec_address *address)
{
	return is_among(bridge->items, bridge->count, address);
}

/* The first or last address of `subnet`, which no host can have. */
static int refuse_reserved(
    const struct spec_address *subnet, const struct spec_address *address, struct err *err)
{
	struct spec_address network = subnet_network(subnet);
	char text[SUBNET_TEXT_MAX], in[SUBNET_TEXT_MAX];
	const char *what = subnet_is_network(subnet, address)	  ? "network"
			   : subnet_is_broadcast(subnet, address) ? "broadcast"
								  : NULL;

	if (!what)
		return 0;
	return err_say(err, EINVAL,
	    "--network-address %s: is the %s address of %s: give an address of a host in it",
	    subnet_print(address, text), what, subnet_print(&network, in));
}

static int refuse_outside(
    const struct bridge_addresses *bridge, const struct spec_address *address, struct err *err)
{
	char text[SUBNET_TEXT_MAX], list[SUBNET_LIST_MAX];

	return err_say(err, EINVAL,
	    "--network-address %s: is in no subnet of the bridge %s: give an address in %s",
	    subnet_print(address, text), bridge->name, list_subnets(bridge, AF_UNSPEC, list));
}

static int check_one(
    const struct bridge_addresses *bridge, const struct spec_address *address, struct err *err)
{
	const struct spec_address *subnet = subnet_of(bridge, address);
	char text[SUBNET_TEXT_MAX];

	if (!subnet && bridge->count)
		return refuse_outside(bridge, address, err);
	if (is_own(bridge, address))
		return err_say(err, EADDRINUSE,
		    "--network-address %s: is the gateway, the bridge %s itself: give another one",
		    subnet_print(address, text), bridge->name);
	int r = subnet ? refuse_reserved(subnet, address, err) : 0;
	return r < 0 ? r : refuse_reserved(address, address, err);
}

/* Whether a jail with these addresses, or one of the bridge's subnets, can send to it directly. */
static bool is_near(const struct spec_network *network, const struct bridge_addresses *bridge,
    const struct spec_address *gateway)
{
	bool near = !network->address_count && subnet_of(bridge, gateway);

	for (unsigned i = 0; i < network->address_count; i++)
		near = near || subnet_contains(&network->addresses[i], gateway);
	return near;
}

static int check_gateway(const struct spec_network *network, const struct bridge_addresses *bridge,
    const struct spec_address *gateway, struct err *err)
{
	char text[SUBNET_TEXT_MAX];

	if (!is_near(network, bridge, gateway))
		return err_say(err, EINVAL,
		    "--gateway %s: is in no network that the container has an address of: give an "
		    "address in one, or leave it out",
		    subnet_print_ip(gateway, text));
	if (is_among(network->addresses, network->address_count, gateway))
		return err_say(err, EINVAL,
		    "--gateway %s: is the container's own address: give another one",
		    subnet_print_ip(gateway, text));
	return 0;
}

int address_check(
    const struct spec_network *network, const struct bridge_addresses *bridge, struct err *err)
{
	char text[SUBNET_TEXT_MAX];

	if (!network->address_count && !bridge->count)
		return err_say(err, EADDRNOTAVAIL,
		    "--bridge %s: has no address, so that there is no subnet to choose one from: "
		    "give --network-address, or the bridge an address",
		    bridge->name);
	for (unsigned i = 0; i < network->address_count; i++) {
		const struct spec_address *address = &network->addresses[i];

		int r = check_one(bridge, address, err);
		if (r < 0)
			return r;
		if (is_among(network->addresses, i, address))
			return err_say(err, EINVAL, "--network-address %s: is given twice",
			    subnet_print(address, text));
	}
	for (unsigned i = 0; i < network->gateway_count; i++) {
		int r = check_gateway(network, bridge, &network->gateways[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int claim(const struct network_request *request, const struct bridge_addresses *bridge,
    const struct spec_address *address, bool fresh, struct err *err)
{
	char text[SUBNET_TEXT_MAX];

	return request->claim(
	    request->claim_data, bridge->name, subnet_print_ip(address, text), fresh, err);
}

static int claim_given(const struct network_request *request, const struct bridge_addresses *bridge,
    struct network_result *ret, struct err *err)
{
	const struct spec_network *network = request->network;
	char text[SUBNET_TEXT_MAX];

	for (unsigned i = 0; i < network->address_count; i++) {
		int r = claim(request, bridge, &network->addresses[i], false, err);
		if (r < 0)
			return err_prefix(err, "--network-address %s",
			    subnet_print(&network->addresses[i], text));
		ret->addresses[i] = network->addresses[i];
		ret->had_others[i] = r > 0;
	}
	ret->address_count = network->address_count;
	return 0;
}

/* Whether a host may be given this address of the subnet at all. */
static bool is_candidate(const struct spec_network *network, const struct bridge_addresses *bridge,
    const struct spec_address *subnet, const struct spec_address *address)
{
	return !subnet_is_network(subnet, address) && !subnet_is_broadcast(subnet, address) &&
	       !is_own(bridge, address) &&
	       !is_among(network->gateways, network->gateway_count, address);
}

/*
 * Walk once around the subnet's pool from *offset until an address can be claimed; *offset is then
 * its place. Returns 0 or 1 as the claim did, -EADDRINUSE without a message when there is none, or
 * another -errno.
 */
static int lease_in(const struct network_request *request, const struct bridge_addresses *bridge,
    const struct spec_address *subnet, bool fresh, unsigned *offset, struct spec_address *ret,
    struct err *err)
{
	unsigned size = subnet_pool_size(subnet);

	for (unsigned i = 0; i < size; i++) {
		unsigned place = (*offset + i) % size;
		struct spec_address address = subnet_pool_address(subnet, place);
		if (!is_candidate(request->network, bridge, subnet, &address))
			continue;
		int r = claim(request, bridge, &address, fresh, err);
		if (r == -EADDRINUSE)
			continue;
		if (r < 0)
			return r;
		*offset = place;
		*ret = address;
		return r;
	}
	return -EADDRINUSE;
}

/* Whether addresses of this subnet of the bridge are given out: it may have another one, of before
 * the network's file was changed, that some of those who live still have. */
static bool is_pool(const struct spec_network *network, const struct spec_address *subnet)
{
	bool is = !network->pool_count;

	for (unsigned i = 0; i < network->pool_count; i++)
		is = is || (subnet_contains(&network->pools[i], subnet) &&
			       network->pools[i].prefix == subnet->prefix);
	return is;
}

/* From the bridge's first subnet of the family that has one. *ret_any: there is such a subnet. */
static int lease_first(const struct network_request *request, const struct bridge_addresses *bridge,
    int family, bool fresh, unsigned *offset, struct spec_address *ret, bool *ret_any,
    struct err *err)
{
	int r = -EADDRINUSE;

	for (unsigned i = 0; r == -EADDRINUSE && i < bridge->count; i++) {
		if (bridge->items[i].family != family ||
		    !is_pool(request->network, &bridge->items[i]))
			continue;
		*ret_any = true;
		r = lease_in(request, bridge, &bridge->items[i], fresh, offset, ret, err);
	}
	return r;
}

/* One address of the family: one that somebody else has only just had, with connections that
 * linger, only where there is no other. */
static int lease_family(const struct network_request *request,
    const struct bridge_addresses *bridge, int family, unsigned *offset, struct network_result *ret,
    struct err *err)
{
	struct spec_address *address = &ret->addresses[ret->address_count];
	char list[SUBNET_LIST_MAX];
	bool any = false;

	int r = lease_first(request, bridge, family, true, offset, address, &any, err);
	if (r == -EADDRINUSE && any)
		r = lease_first(request, bridge, family, false, offset, address, &any, err);
	if (r >= 0) {
		ret->had_others[ret->address_count++] = r > 0;
		return 0;
	}
	if (r != -EADDRINUSE)
		return r;
	err_clear(err);
	if (!any)
		return 0;
	return err_say(err, EADDRINUSE,
	    "the bridge %s has no free %s address left in %s: end other containers, or use a "
	    "bridge with a larger subnet",
	    bridge->name, family_name(family), list_subnets(bridge, family, list));
}

int address_claim(const struct network_request *request, const struct bridge_addresses *bridge,
    struct network_result *ret, struct err *err)
{
	struct network_result result = *ret;
	/* A jail of the same name, which an account's always has, gets the same address where it
	 * can; and both families the same place in their subnets: 10.97.0.37 and ::25. */
	unsigned offset = (unsigned)hash_text(request->name);

	result.address_count = 0;
	int r = 0;
	if (request->network->address_count)
		r = claim_given(request, bridge, &result, err);
	else if ((r = lease_family(request, bridge, AF_INET, &offset, &result, err)) == 0)
		r = lease_family(request, bridge, AF_INET6, &offset, &result, err);
	if (r == 0)
		*ret = result;
	return r;
}

void address_hardware(
    const struct spec_address *address, enum host_access access, uint8_t ret[static 6])
{
	/* The second lowest bit of the first byte: locally administered. */
	ret[1] = access == HOST_ACCESS_NONE    ? ADDRESS_CLOSED
		 : access == HOST_ACCESS_PORTS ? ADDRESS_LISTED
					       : ADDRESS_OPEN;
	if (address->family == AF_INET) {
		ret[0] = 0x02;
		memcpy(ret + 2, &address->ip.v4, 4);
		return;
	}
	/* Enough to tell apart the few thousand addresses that one bridge can have. */
	uint64_t sum = hash_mix(HASH_INIT, &address->ip.v6, sizeof(address->ip.v6));
	ret[0] = 0x06;
	memcpy(ret + 2, &sum, 4);
}
