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

#include "lib/kernel/netlink_in_use.h"
#include "lib/kernel/netlink_interface.h"
#include "lib/kernel/netlink_subnet.h"
#include "lib/kernel/netlink_sysctl.h"

/* What contain0 gets: first of each family, as network.h documents them. */
static const char *const own_addresses[] = { NETWORK_BRIDGE_IPV4, NETWORK_BRIDGE_IPV6 };

/* The addresses of a bridge of ours: those of its network, or contain0's. Returns how many. */
static unsigned plan(const struct spec_network *network, struct spec_address *ret)
{
	unsigned count = 0;

	if (network->pool_count) {
		memcpy(ret, network->pools, network->pool_count * sizeof(*ret));
		return network->pool_count;
	}
	for (size_t i = 0; i < sizeof(own_addresses) / sizeof(own_addresses[0]); i++)
		count += subnet_parse(own_addresses[i], &ret[count]);
	return count;
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
	return in_use_by(netlink, bridge->index, bridge->name, &bridge->addresses, err);
}

static bool has(const struct bridge_addresses *addresses, const struct spec_address *address)
{
	for (unsigned i = 0; i < addresses->count; i++)
		if (subnet_same_ip(&addresses->items[i], address) &&
		    addresses->items[i].prefix == address->prefix)
			return true;
	return false;
}

static bool has_family(const struct bridge_addresses *addresses, int family)
{
	for (unsigned i = 0; i < addresses->count; i++)
		if (addresses->items[i].family == family)
			return true;
	return false;
}

/* Whether the bridge has the address, or one that does as well: contain0 may have been given others
 * than ours by the administrator, but those of a network are in its file. */
static bool serves(const struct bridge *bridge, const struct spec_address *address)
{
	return bridge->network->pool_count ? has(&bridge->addresses, address)
					   : has_family(&bridge->addresses, address->family);
}

/* Our own one is up last, and is of no use without addresses. */
static bool is_complete(const struct bridge *bridge)
{
	const struct spec_network *network = bridge->network;

	for (unsigned i = 0; i < network->pool_count; i++)
		if (!has(&bridge->addresses, &network->pools[i]))
			return false;
	return bridge->up && bridge->addresses.count;
}

static int refuse_down(const struct bridge *bridge, struct err *err)
{
	return err_say(err, ENETDOWN, "--bridge %s: is down: bring it up first (ip link set %s up)",
	    bridge->name, bridge->name);
}

int bridge_find(struct netlink *netlink, const struct spec_network *network, struct bridge *ret,
    struct err *err)
{
	*ret = (struct bridge){ .network = network, .addresses = { .name = ret->name } };
	snprintf(ret->name, sizeof(ret->name), "%s",
	    network->bridge[0] ? network->bridge : NETWORK_BRIDGE_DEFAULT);
	ret->ours = network->pool_count || strcmp(ret->name, NETWORK_BRIDGE_DEFAULT) == 0;
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
		ret->addresses.count = plan(network, ret->addresses.items);
	return ret->ours || ret->up ? 0 : refuse_down(ret, err);
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
	uint8_t hardware[6];
	int built = -NLE_NOMEM;

	address_hardware(&bridge->addresses.items[0], HOST_ACCESS_ALL, hardware);
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

/* What another interface has would be cut off from the host, or the network would. */
static int refuse_in_use(struct netlink *netlink, const struct bridge *bridge,
    const struct spec_address *address, struct err *err)
{
	char text[SUBNET_TEXT_MAX], by[IN_USE_TEXT_MAX];
	int r = in_use_by_another(netlink, bridge->name, address, by, err);

	if (r <= 0)
		return r;
	return err_say(err, EADDRINUSE,
	    "%s cannot have %s, because of %s: use a network with other addresses, by a file in "
	    "/etc/contain/networks",
	    bridge->name, subnet_print(address, text), by);
}

/* Before anything is made. */
static int check_in_use(struct netlink *netlink, const struct bridge *bridge, struct err *err)
{
	struct spec_address planned[SPEC_POOLS_MAX];
	unsigned count = plan(bridge->network, planned);
	int r = 0;

	for (unsigned i = 0; r == 0 && i < count; i++)
		if (!bridge->index || !serves(bridge, &planned[i]))
			r = refuse_in_use(netlink, bridge, &planned[i], err);
	return r;
}

/* Gives the bridge those of its addresses that it lacks. */
static int give_addresses(struct netlink *netlink, const struct bridge *bridge, struct err *err)
{
	struct spec_address planned[SPEC_POOLS_MAX];
	unsigned count = plan(bridge->network, planned);

	for (unsigned i = 0; i < count; i++) {
		if (serves(bridge, &planned[i]))
			continue;
		int r =
		    interface_add_address(netlink, bridge->name, bridge->index, &planned[i], err);
		/* IPv6 is switched off on this host: then containers have none either. */
		if (planned[i].family == AF_INET6 &&
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
static int set_sysctls(const struct bridge *bridge, struct err *err)
{
	static const char *const names[] = { "accept_ra", "accept_dad" };
	char paths[2][sizeof("ipv6/conf//accept_dad") + IFNAMSIZ];
	struct net_sysctl settings[2];

	for (size_t i = 0; i < 2; i++) {
		snprintf(paths[i], sizeof(paths[i]), "ipv6/conf/%s/%s", bridge->name, names[i]);
		settings[i] = (struct net_sysctl){ paths[i], "0", true };
	}
	return net_sysctl_write(settings, 2, err);
}

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
	r = set_sysctls(bridge, err);
	if (r < 0)
		return r;
	r = interface_up(netlink, bridge->name, err);
	return r < 0 ? r : look_up(netlink, bridge, err);
}

int bridge_make(struct netlink *netlink, struct bridge *bridge, struct err *err)
{
	if (bridge->complete)
		return 0;
	int r = check_in_use(netlink, bridge, err);
	if (r == 0 && !bridge->index)
		r = create(netlink, bridge, err);
	if (r == 0)
		r = set_up(netlink, bridge, err);
	if (r == 0)
		err_clear(err);
	return r;
}
