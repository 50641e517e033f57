/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_subnet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"

/* Both members of the union start with the address's bytes, most significant first. */
static const uint8_t *bytes_of(const struct spec_address *address)
{
	return (const uint8_t *)&address->ip;
}

static unsigned bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* The bits of byte `index` that belong to a prefix of this length. */
static uint8_t mask_byte(unsigned prefix, unsigned index)
{
	if (prefix >= 8 * (index + 1))
		return 0xff;
	if (prefix <= 8 * index)
		return 0;
	return (uint8_t)(0xff << (8 - prefix % 8));
}

const char *subnet_print_ip(const struct spec_address *address, char text[static SUBNET_TEXT_MAX])
{
	if (!inet_ntop(address->family, &address->ip, text, SUBNET_TEXT_MAX))
		text[0] = '\0';
	return text;
}

const char *subnet_print(const struct spec_address *address, char text[static SUBNET_TEXT_MAX])
{
	char ip[SUBNET_TEXT_MAX];

	snprintf(text, SUBNET_TEXT_MAX, "%.45s/%u", subnet_print_ip(address, ip),
	    address->prefix % 1000);
	return text;
}

bool subnet_parse(const char *text, struct spec_address *ret)
{
	char ip[INET6_ADDRSTRLEN];
	struct spec_address address = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	const char *slash = strchr(text, '/');
	uint64_t prefix;

	if (!slash || (size_t)(slash - text) >= sizeof(ip))
		return false;
	memcpy(ip, text, (size_t)(slash - text));
	ip[slash - text] = '\0';
	if (inet_pton(address.family, ip, &address.ip) != 1 ||
	    str_to_u64(slash + 1, bits_of(address.family), &prefix) < 0)
		return false;
	address.prefix = (unsigned)prefix;
	*ret = address;
	return true;
}

static bool same_prefix(const struct spec_address *a, const struct spec_address *b, unsigned prefix)
{
	if (a->family != b->family)
		return false;
	for (unsigned i = 0; i < bits_of(a->family) / 8; i++)
		if ((bytes_of(a)[i] ^ bytes_of(b)[i]) & mask_byte(prefix, i))
			return false;
	return true;
}

bool subnet_same_ip(const struct spec_address *a, const struct spec_address *b)
{
	return same_prefix(a, b, bits_of(a->family));
}

bool subnet_contains(const struct spec_address *subnet, const struct spec_address *address)
{
	return same_prefix(subnet, address, subnet->prefix);
}

/* The subnet with every bit after its prefix as in `host`. */
static struct spec_address with_host_bits(const struct spec_address *subnet, uint8_t host)
{
	struct spec_address result = *subnet;
	uint8_t *bytes = (uint8_t *)&result.ip;

	for (unsigned i = 0; i < bits_of(subnet->family) / 8; i++) {
		uint8_t mask = mask_byte(subnet->prefix, i);
		bytes[i] = (uint8_t)((bytes[i] & mask) | (host & ~mask));
	}
	return result;
}

struct spec_address subnet_network(const struct spec_address *subnet)
{
	return with_host_bits(subnet, 0);
}

struct spec_address subnet_last(const struct spec_address *subnet)
{
	return with_host_bits(subnet, 0xff);
}

static bool has_reserved_addresses(const struct spec_address *subnet)
{
	return subnet->prefix + 1 < bits_of(subnet->family);
}

bool subnet_is_network(const struct spec_address *subnet, const struct spec_address *address)
{
	struct spec_address first = subnet_network(subnet);

	return has_reserved_addresses(subnet) && subnet_same_ip(&first, address);
}

bool subnet_is_broadcast(const struct spec_address *subnet, const struct spec_address *address)
{
	struct spec_address last = subnet_last(subnet);

	return subnet->family == AF_INET && has_reserved_addresses(subnet) &&
	       subnet_same_ip(&last, address);
}

unsigned subnet_pool_size(const struct spec_address *subnet)
{
	unsigned host_bits = bits_of(subnet->family) - subnet->prefix;

	return host_bits >= 16 ? SUBNET_POOL_MAX : 1u << host_bits;
}

struct spec_address subnet_pool_address(const struct spec_address *subnet, unsigned offset)
{
	struct spec_address result = subnet_network(subnet);
	unsigned size = bits_of(subnet->family) / 8;
	uint8_t *bytes = (uint8_t *)&result.ip;

	/* The offset lies in the host part, which is all zero: no carry. */
	bytes[size - 1] |= (uint8_t)offset;
	bytes[size - 2] |= (uint8_t)(offset >> 8);
	return result;
}
