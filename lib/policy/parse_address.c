/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

/* IPv4 as 32 bits, and what must not be an interface's address. */
static const char *refuse_v4(struct in_addr ip, unsigned prefix)
{
	uint32_t address = ntohl(ip.s_addr);
	uint32_t host = prefix == 32 ? 0 : UINT32_MAX >> prefix;

	if (address >> 24 == 0)
		return "lies in 0.0.0.0/8, which is no host's";
	if (address >> 24 == 127)
		return "is a loopback address, which lo has already";
	if (address >> 28 == 0xe)
		return "is a multicast address";
	if (address >> 28 == 0xf)
		return "lies in 240.0.0.0/4, which is reserved";
	if (prefix >= 31) /* two hosts (RFC 3021), or one: no address is special */
		return NULL;
	if ((address & host) == 0)
		return "is the address of the network itself";
	return (address & host) == host ? "is the broadcast address of its network" : NULL;
}

static const char *refuse_v6(const struct in6_addr *ip, unsigned prefix)
{
	bool host_bits = false;

	if (IN6_IS_ADDR_UNSPECIFIED(ip))
		return "is the unspecified address";
	if (IN6_IS_ADDR_LOOPBACK(ip))
		return "is the loopback address, which lo has already";
	if (IN6_IS_ADDR_MULTICAST(ip))
		return "is a multicast address";
	if (IN6_IS_ADDR_V4MAPPED(ip) || IN6_IS_ADDR_V4COMPAT(ip))
		return "is an IPv4 address in IPv6 form: write it as IPv4";
	if (prefix >= 127)
		return NULL;
	for (unsigned bit = prefix; bit < 128; bit++)
		if (ip->s6_addr[bit / 8] >> (7 - bit % 8) & 1)
			host_bits = true;
	return host_bits ? NULL : "is the address of the network itself";
}

static int parse_ip(const char *text, struct spec_address *ret)
{
	if (inet_pton(AF_INET, text, &ret->ip.v4) == 1)
		ret->family = AF_INET;
	else if (inet_pton(AF_INET6, text, &ret->ip.v6) == 1)
		ret->family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

int parse_ip_address(const char *text, struct spec_address *ret, struct err *err)
{
	struct spec_address address = { .family = AF_UNSPEC };

	if (parse_ip(text, &address) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not an address: use an IP, as in 192.168.2.17 or fd00::17",
		    text);
	address.prefix = address.family == AF_INET ? 32 : 128;
	*ret = address;
	return 0;
}

int parse_subnet(const char *text, struct spec_address *ret)
{
	struct spec_address subnet = { .family = AF_UNSPEC };
	const char *slash = strchrnul(text, '/');
	const uint8_t *bytes = (const uint8_t *)&subnet.ip;
	char ip[INET6_ADDRSTRLEN];
	uint64_t prefix;

	snprintf(ip, sizeof(ip), "%.*s", (int)(slash - text), text);
	if ((size_t)(slash - text) >= sizeof(ip) || parse_ip_address(ip, &subnet, NULL) < 0)
		return -EINVAL;
	prefix = subnet.prefix;
	if (*slash && parse_number(slash + 1, subnet.prefix, &prefix) < 0)
		return -EINVAL;
	for (unsigned bit = (unsigned)prefix; bit < subnet.prefix; bit++)
		if (bytes[bit / 8] >> (7 - bit % 8) & 1)
			return -EINVAL;
	subnet.prefix = (unsigned)prefix;
	*ret = subnet;
	return 0;
}

int parse_address(const char *text, struct spec_address *ret, struct err *err)
{
	struct spec_address address = { .family = AF_UNSPEC };
	char ip[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	uint64_t prefix;

	snprintf(ip, sizeof(ip), "%.*s", (int)(slash - text), text);
	if ((size_t)(slash - text) >= sizeof(ip) || parse_ip(ip, &address) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not an address: use IP/PREFIX, as in 192.168.2.17/24 or "
		    "fd00::17/64",
		    text);
	if (!*slash)
		return err_say(err, EINVAL,
		    "\"%.128s\" lacks the length of its prefix, as in %s/%d", text, ip,
		    address.family == AF_INET ? 24 : 64);
	uint64_t most = address.family == AF_INET ? 32 : 128;
	if (parse_number(slash + 1, most, &prefix) < 0 || prefix == 0)
		return err_say(err, EINVAL,
		    "\"%.128s\": \"%.128s\" is not the length of a prefix, which is 1 to %d", text,
		    slash + 1, (int)most);
	address.prefix = (unsigned)prefix;
	const char *why = address.family == AF_INET ? refuse_v4(address.ip.v4, address.prefix)
						    : refuse_v6(&address.ip.v6, address.prefix);
	if (why)
		return err_say(err, EINVAL, "\"%.128s\" %s", text, why);
	*ret = address;
	return 0;
}

void spec_format_address(const struct spec_address *address, char text[SPEC_ADDRESS_TEXT_MAX])
{
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(address->family, &address->ip, ip, sizeof(ip));
	snprintf(text, SPEC_ADDRESS_TEXT_MAX, "%s/%u", ip, address->prefix);
}
