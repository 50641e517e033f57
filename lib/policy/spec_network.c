/* SPDX-License-Identifier: MIT */
/* A network that has a name: what its file has said becomes a bridge with addresses. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

bool spec_subnets_overlap(const struct spec_address *a, const struct spec_address *b)
{
	const uint8_t *left = (const uint8_t *)&a->ip, *right = (const uint8_t *)&b->ip;
	unsigned common = a->prefix < b->prefix ? a->prefix : b->prefix;

	if (a->family != b->family || memcmp(left, right, common / 8) != 0)
		return false;
	return common % 8 == 0 || (left[common / 8] ^ right[common / 8]) >> (8 - common % 8) == 0;
}

/* The gateway as an address of the bridge, with the prefix of the pool that it lies in. */
static int place_gateway(
    struct spec_network *network, const struct spec_address *gateway, struct err *err)
{
	char ip[INET6_ADDRSTRLEN] = "?", text[SPEC_ADDRESS_TEXT_MAX];

	(void)inet_ntop(gateway->family, &gateway->ip, ip, sizeof(ip));
	for (unsigned i = 0; i < network->pool_count; i++) {
		struct spec_address *pool = &network->pools[i], placed = *gateway;
		if (!spec_subnets_overlap(pool, gateway))
			continue;
		placed.prefix = pool->prefix;
		spec_format_address(&placed, text);
		int r = parse_address(text, pool, err);
		return r < 0 ? err_prefix(err, "--gateway") : 0;
	}
	return err_say(err, EINVAL,
	    "--gateway: %s is in none of the pools of the network %s: use an address of one, or "
	    "auto",
	    ip, network->name);
}

static int check_source(const struct spec_network *network, struct err *err)
{
	if (network->pool_count && network->bridge[0])
		return err_say(err, EINVAL,
		    "--bridge and [network] pool contradict each other: an existing bridge has its "
		    "addresses; leave one of them out");
	if (!network->pool_count && !network->bridge[0])
		return err_say(err, EINVAL,
		    "[network] pool is missing: say which addresses the network %s has, as in "
		    "10.98.0.0/16 fd98::/64, or name an existing bridge",
		    network->name);
	return 0;
}

int spec_complete_network(struct jail_spec *spec, struct err *err)
{
	struct spec_network *network = &spec->network;
	int r = check_source(network, err);

	if (r < 0 || !network->pool_count)
		return r;
	for (unsigned i = 0; r == 0 && i < network->gateway_count; i++)
		r = place_gateway(network, &network->gateways[i], err);
	if (r < 0)
		return r;
	/* The bridge has them now, which is what is taken where nothing is said. */
	network->gateway_count = 0;
	snprintf(network->bridge, sizeof(network->bridge), SPEC_BRIDGE_PREFIX "%s", network->name);
	return 0;
}
