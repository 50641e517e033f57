/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_SUBNET_H
#define CONTAIN_KERNEL_NETLINK_SUBNET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/policy/spec.h"

/*
 * Arithmetic on IPv4 and IPv6 addresses. A subnet is any address in it with its prefix length, as
 * an interface has it: 10.97.0.1/16 stands for 10.97.0.0/16. Prefix lengths must be in range.
 */

/* "10.97.0.5/16" or "[128 bits of IPv6]/128", with the NUL */
#define SUBNET_TEXT_MAX (INET6_ADDRSTRLEN + 4)

/* Print the address without, or with, its prefix length into text, which is returned. */
const char *subnet_print_ip(const struct spec_address *address, char text[static SUBNET_TEXT_MAX]);
const char *subnet_print(const struct spec_address *address, char text[static SUBNET_TEXT_MAX]);

/* The word for its family in nft(8): "ip" or "ip6". */
static inline const char *family_word(const struct spec_address *address)
{
	return address->family == AF_INET ? "ip" : "ip6";
}

/*
 * Parse "ADDRESS/PREFIX" of either family. For constants: answers false and no reason to what is
 * not one.
 */
bool subnet_parse(const char *text, struct spec_address *ret);

/* The same family and address; prefix lengths do not count. */
bool subnet_same_ip(const struct spec_address *a, const struct spec_address *b);

/* Whether the address is of the subnet's family and lies in it; the address's prefix is ignored. */
bool subnet_contains(const struct spec_address *subnet, const struct spec_address *address);

/*
 * Whether the address is the subnet's first (the network itself; in IPv6 the anycast address of its
 * routers) or, in IPv4, its last one (broadcast). Subnets of one or two addresses have neither (RFC
 * 3021, RFC 6164).
 */
bool subnet_is_network(const struct spec_address *subnet, const struct spec_address *address);
bool subnet_is_broadcast(const struct spec_address *subnet, const struct spec_address *address);

/* The subnet's first address, with its prefix length. */
struct spec_address subnet_network(const struct spec_address *subnet);

/* The subnet's last address, with its prefix length. */
struct spec_address subnet_last(const struct spec_address *subnet);

/* How many addresses leases are chosen from: the first of the subnet, at most SUBNET_POOL_MAX. */
#define SUBNET_POOL_MAX 65536u
unsigned subnet_pool_size(const struct spec_address *subnet);

/* Address number `offset` of the subnet, counted from its first; below subnet_pool_size(). */
struct spec_address subnet_pool_address(const struct spec_address *subnet, unsigned offset);

#endif
