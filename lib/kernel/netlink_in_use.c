/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_in_use.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "lib/kernel/netlink_subnet.h"

static bool is_link_local(const struct spec_address *address)
{
	return address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->ip.v6);
}

/* Copies an address out of a message; false if it is none of IPv4 or IPv6. */
static bool read_address(
    const struct ifaddrmsg *header, struct nlattr *attribute, struct spec_address *ret)
{
	size_t size = header->ifa_family == AF_INET ? sizeof(ret->ip.v4) : sizeof(ret->ip.v6);

	if ((header->ifa_family != AF_INET && header->ifa_family != AF_INET6) || !attribute ||
	    (size_t)nla_len(attribute) != size)
		return false;
	*ret =
	    (struct spec_address){ .family = header->ifa_family, .prefix = header->ifa_prefixlen };
	memcpy(&ret->ip, nla_data(attribute), size);
	return true;
}

/* What is looked for in a dump; take() gets each address with its interface. */
struct address_dump {
	void (*take)(struct address_dump *dump, int index, const struct spec_address *address);
	int index; /* 0: of all interfaces */
	struct bridge_addresses *addresses;
	bool too_many;
	const struct spec_address *subnet;
	const char *name;     /* whose addresses do not count */
	char other[IFNAMSIZ]; /* who has `found`; "": nobody */
	struct spec_address found;
};

static int on_address(struct nl_msg *message, void *data)
{
	struct address_dump *dump = data;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nlattr *attributes[IFA_MAX + 1];
	struct spec_address address;

	if (header->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse(header, sizeof(struct ifaddrmsg), attributes, IFA_MAX, NULL) < 0)
		return NL_SKIP;
	const struct ifaddrmsg *info = nlmsg_data(header);
	/* On a point-to-point address IFA_ADDRESS is the other side's. */
	struct nlattr *own = attributes[IFA_LOCAL] ?: attributes[IFA_ADDRESS];
	if (!read_address(info, own, &address) || is_link_local(&address))
		return NL_SKIP;
	dump->take(dump, (int)info->ifa_index, &address);
	return NL_OK;
}

static int request_addresses(struct netlink *netlink, unsigned index, struct address_dump *dump)
{
	struct ifaddrmsg filter = { .ifa_family = AF_UNSPEC, .ifa_index = index };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_DUMP);
	int built = message ? nlmsg_append(message, &filter, sizeof(filter), 0) : -NLE_NOMEM;

	return netlink_dump(netlink, built, message, on_address, dump);
}

static void keep(struct address_dump *dump, int index, const struct spec_address *address)
{
	struct bridge_addresses *addresses = dump->addresses;

	if (index != dump->index)
		return;
	if (addresses->count == BRIDGE_ADDRESSES_MAX)
		dump->too_many = true;
	else
		addresses->items[addresses->count++] = *address;
}

int in_use_by(struct netlink *netlink, int index, const char *name, struct bridge_addresses *ret,
    struct err *err)
{
	struct address_dump dump = { .take = keep, .index = index, .addresses = ret };
	int code, attempts = 0;

	/* A dump that was interrupted by a change must be made anew: it may lack an address. */
	do {
		ret->count = 0;
		dump.too_many = false;
		code = request_addresses(netlink, (unsigned)index, &dump);
	} while (code == -NLE_DUMP_INTR && ++attempts < 100);
	if (code < 0)
		return netlink_error(
		    netlink, code, err, "cannot read the addresses of the bridge %s", name);
	if (dump.too_many)
		return err_say(err, E2BIG, "--bridge %s: has more than %d addresses", name,
		    BRIDGE_ADDRESSES_MAX);
	return 0;
}

static bool is_loopback(const struct spec_address *address)
{
	return address->family == AF_INET ? *(const uint8_t *)&address->ip.v4 == 127
					  : IN6_IS_ADDR_LOOPBACK(&address->ip.v6);
}

/* By its name: somebody else may be making the same interface just now. */
static void compare(struct address_dump *dump, int index, const struct spec_address *address)
{
	char name[IFNAMSIZ] = "";

	if (is_loopback(address) ||
	    (!subnet_contains(dump->subnet, address) && !subnet_contains(address, dump->subnet)))
		return;
	/* One that is gone meanwhile has nothing any more. */
	if (!if_indextoname((unsigned)index, name) || strcmp(name, dump->name) == 0)
		return;
	memcpy(dump->other, name, sizeof(dump->other));
	dump->found = *address;
}

int in_use_by_another(struct netlink *netlink, const char *name, const struct spec_address *subnet,
    char text[IN_USE_TEXT_MAX], struct err *err)
{
	struct address_dump dump = { .take = compare, .subnet = subnet, .name = name };
	char printed[SUBNET_TEXT_MAX];
	int code = request_addresses(netlink, 0, &dump);

	/* One that comes just now could as well come later. */
	if (code < 0 && code != -NLE_DUMP_INTR)
		return netlink_error(netlink, code, err, "cannot read the addresses of the host");
	if (!dump.other[0])
		return 0;
	snprintf(text, IN_USE_TEXT_MAX, "%s of %s", subnet_print(&dump.found, printed), dump.other);
	return 1;
}
