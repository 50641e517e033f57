/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_bridge.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/link/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/kernel/netlink_interface.h"
#include "lib/kernel/netlink_subnet.h"
#include "lib/kernel/netlink_sysctl.h"

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

struct address_dump {
	int index;
	struct bridge_addresses *addresses;
	bool too_many;
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
	if ((int)info->ifa_index != dump->index || !read_address(info, own, &address) ||
	    is_link_local(&address))
		return NL_SKIP;
	if (dump->addresses->count == BRIDGE_ADDRESSES_MAX)
		dump->too_many = true;
	else
		dump->addresses->items[dump->addresses->count++] = address;
	return NL_OK;
}

/* One dump of one interface's addresses. Returns 0 or what libnl returned. */
static int dump_addresses(struct netlink *netlink, struct address_dump *dump)
{
	struct ifaddrmsg filter = { .ifa_family = AF_UNSPEC, .ifa_index = (unsigned)dump->index };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_DUMP);
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);

	int code =
	    message && callbacks ? nlmsg_append(message, &filter, sizeof(filter), 0) : -NLE_NOMEM;
	if (code >= 0)
		code = nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_address, dump);
	if (code >= 0)
		code = nl_send_auto(netlink->socket, message);
	if (code >= 0)
		code = nl_recvmsgs(netlink->socket, callbacks);
	if (callbacks)
		nl_cb_put(callbacks);
	nlmsg_free(message);
	return code;
}

static int read_addresses(struct netlink *netlink, struct bridge *bridge, struct err *err)
{
	struct address_dump dump;
	int code, attempts = 0;

	/* A dump that was interrupted by a change must be made anew: it may lack an address. */
	do {
		bridge->addresses.count = 0;
		dump = (struct address_dump){ .index = bridge->index,
			.addresses = &bridge->addresses };
		code = dump_addresses(netlink, &dump);
	} while (code == -NLE_DUMP_INTR && ++attempts < 100);
	if (code < 0)
		return netlink_error(
		    netlink, code, err, "cannot read the addresses of the bridge %s", bridge->name);
	if (dump.too_many)
		return err_say(err, E2BIG, "--bridge %s: has more than %d addresses", bridge->name,
		    BRIDGE_ADDRESSES_MAX);
	return 0;
}

/* What contain0 gets: first of each family, as network.h documents them. */
static const char *const own_addresses[] = { NETWORK_BRIDGE_IPV4, NETWORK_BRIDGE_IPV6 };

static void plan(struct bridge *bridge)
{
	bridge->addresses.count = 0;
	for (size_t i = 0; i < sizeof(own_addresses) / sizeof(own_addresses[0]); i++)
		if (subnet_parse(
			own_addresses[i], &bridge->addresses.items[bridge->addresses.count]))
			bridge->addresses.count++;
}

static int refuse_kind(const struct bridge *bridge, const char *kind, struct err *err)
{
	return err_say(err, EINVAL,
	    bridge->ours ? "the interface %s is in the way: it is %s%s, not a bridge: remove or "
			   "rename it, or use --bridge"
			 : "--bridge %s: is %s%s, not a bridge: give the name of a bridge",
	    bridge->name, kind ? "of type " : "a plain interface", kind ?: "");
}

static void keep_facts(struct bridge *bridge, struct rtnl_link *link)
{
	struct nl_addr *hardware = rtnl_link_get_addr(link);
	uint32_t forwards = 0;

	bridge->index = rtnl_link_get_ifindex(link);
	bridge->mtu = rtnl_link_get_mtu(link);
	bridge->up = rtnl_link_get_flags(link) & IFF_UP;
	if (hardware && nl_addr_get_len(hardware) == sizeof(bridge->addresses.hardware))
		memcpy(bridge->addresses.hardware, nl_addr_get_binary_addr(hardware),
		    sizeof(bridge->addresses.hardware));
	bridge->forwards =
	    rtnl_link_inet_get_conf(link, IPV4_DEVCONF_FORWARDING, &forwards) >= 0 && forwards;
}

/* Fills in what the kernel knows of the bridge. Returns 0, -ENODEV without a message, -errno. */
static int look_up(struct netlink *netlink, struct bridge *bridge, struct err *err)
{
	cleanup_link struct rtnl_link *link = NULL;

	int r = netlink_get_link(netlink, bridge->name, &link, err);
	if (r < 0)
		return r;
	const char *kind = rtnl_link_get_type(link);
	if (!kind || strcmp(kind, "bridge") != 0)
		return refuse_kind(bridge, kind, err);
	keep_facts(bridge, link);
	return read_addresses(netlink, bridge, err);
}

/* Our own one is up last, and is of no use without addresses. */
static bool is_complete(const struct bridge *bridge)
{
	return bridge->up && bridge->addresses.count;
}

int bridge_find(struct netlink *netlink, const struct spec_network *network, struct bridge *ret,
    struct err *err)
{
	*ret = (struct bridge){ .addresses = { .name = ret->name } };
	snprintf(ret->name, sizeof(ret->name), "%s",
	    network->bridge[0] ? network->bridge : NETWORK_BRIDGE_DEFAULT);
	ret->ours = strcmp(ret->name, NETWORK_BRIDGE_DEFAULT) == 0;
	int r = look_up(netlink, ret, err);
	if (r == -ENODEV && !ret->ours)
		return err_say(err, ENODEV,
		    "--bridge %s: there is no such interface: give the name of an existing bridge, "
		    "or none to have %s made",
		    ret->name, NETWORK_BRIDGE_DEFAULT);
	if (r < 0 && r != -ENODEV)
		return r;
	ret->complete = !ret->ours || is_complete(ret);
	if (ret->ours && !ret->addresses.count)
		plan(ret);
	if (!ret->ours && !ret->up)
		return err_say(err, ENETDOWN,
		    "--bridge %s: is down: bring it up first (ip link set %s up)", ret->name,
		    ret->name);
	return 0;
}

/* Puts what kind of interface it is into the message: one level of attributes within another. */
static int put_kind(struct nl_msg *message)
{
	struct nlattr *info = nla_nest_start(message, IFLA_LINKINFO);

	if (!info || nla_put_string(message, IFLA_INFO_KIND, "bridge") < 0)
		return -NLE_NOMEM;
	struct nlattr *data = nla_nest_start(message, IFLA_INFO_DATA);
	if (!data || nla_put_u8(message, IFLA_BR_MCAST_SNOOPING, 0) < 0 ||
	    nla_put_u32(message, IFLA_BR_STP_STATE, 0) < 0)
		return -NLE_NOMEM;
	nla_nest_end(message, data);
	nla_nest_end(message, info);
	return 0;
}

/*
 * No spanning tree, so that a port forwards at once. No multicast snooping: without a querier it
 * saves no packet, and it costs a timer at each of the ports when one is added. The hardware
 * address is given: left to itself a bridge takes the lowest one of its ports, and every
 * container's memory of its gateway would be wrong when another one comes or goes.
 */
static int create(struct netlink *netlink, const struct bridge *bridge, struct err *err)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct spec_address first;
	uint8_t hardware[6];
	int built = -NLE_NOMEM;

	if (!subnet_parse(NETWORK_BRIDGE_IPV4, &first))
		return err_say(err, EINVAL, "%s is no address", NETWORK_BRIDGE_IPV4);
	address_hardware(&first, HOST_ACCESS_ALL, hardware);
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	if (message && nlmsg_append(message, (void *)&info, sizeof(info), NLMSG_ALIGNTO) >= 0 &&
	    nla_put_string(message, IFLA_IFNAME, bridge->name) >= 0 &&
	    nla_put(message, IFLA_ADDRESS, sizeof(hardware), hardware) >= 0)
		built = put_kind(message);
	int r = netlink_request(
	    netlink, built, &message, err, "cannot make the bridge %s", bridge->name);
	nlmsg_free(message);
	return r == -EEXIST ? 0 : r;
}

static bool has_family(const struct bridge_addresses *addresses, int family)
{
	for (unsigned i = 0; i < addresses->count; i++)
		if (addresses->items[i].family == family)
			return true;
	return false;
}

/* Gives the bridge our address of each family that it lacks. */
static int give_addresses(struct netlink *netlink, const struct bridge *bridge, struct err *err)
{
	struct bridge planned = { .addresses = { .name = bridge->name } };

	plan(&planned);
	for (unsigned i = 0; i < planned.addresses.count; i++) {
		const struct spec_address *address = &planned.addresses.items[i];
		if (has_family(&bridge->addresses, address->family))
			continue;
		int r = interface_add_address(netlink, bridge->name, bridge->index, address, err);
		/* IPv6 is switched off on this host: then containers have none either. */
		if (address->family == AF_INET6 &&
		    (r == -EOPNOTSUPP || r == -EAFNOSUPPORT || r == -EACCES))
			continue;
		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

/*
 * A container must not be able to tell the host where its routers are. And nobody but the host can
 * have an address of its own bridge: while a link-local address is looked for with others, for a
 * second, the kernel asks for no neighbour on behalf of those whose packets it forwards.
 */
static const struct net_sysctl settings_of_bridge[] = {
	{ "ipv6/conf/" NETWORK_BRIDGE_DEFAULT "/accept_ra", "0", true },
	{ "ipv6/conf/" NETWORK_BRIDGE_DEFAULT "/accept_dad", "0", true },
};

static int set_up(struct netlink *netlink, struct bridge *bridge, struct err *err)
{
	int r = look_up(netlink, bridge, err);
	if (r == -ENODEV)
		return err_sys(err, ENODEV, "the bridge %s went away", bridge->name);
	if (r < 0 || is_complete(bridge))
		return r;
	r = give_addresses(netlink, bridge, err);
	if (r < 0)
		return r;
	r = net_sysctl_write(
	    settings_of_bridge, sizeof(settings_of_bridge) / sizeof(settings_of_bridge[0]), err);
	if (r < 0)
		return r;
	r = interface_up(netlink, bridge->name, err);
	return r < 0 ? r : look_up(netlink, bridge, err);
}

int bridge_make(struct netlink *netlink, struct bridge *bridge, struct err *err)
{
	if (bridge->complete)
		return 0;
	if (!bridge->index) {
		int r = create(netlink, bridge, err);
		if (r < 0)
			return r;
	}
	int r = set_up(netlink, bridge, err);
	if (r == 0)
		err_clear(err);
	return r;
}
