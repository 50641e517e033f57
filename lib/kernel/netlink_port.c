/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_port.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/neighbour.h>

#include "lib/kernel/netlink_interface.h"

struct port_flag {
	uint16_t attribute;
	uint8_t value;
};

static const struct port_flag guards[] = {
	{ IFLA_BRPORT_GUARD, 1 },   /* a frame of a spanning tree shuts it */
	{ IFLA_BRPORT_PROTECT, 1 }, /* it never leads to the root of one */
	/* It is told which address is behind the port, and need not guess. */
	{ IFLA_BRPORT_LEARNING, 0 }, { IFLA_BRPORT_UNICAST_FLOOD, 0 },
	{ IFLA_BRPORT_LOCKED, 1 }, /* kernels of before 5.18 pass over it */
};

static int put_flags(struct nl_msg *message, bool isolated)
{
	struct nlattr *info = nla_nest_start(message, IFLA_LINKINFO);

	if (!info || nla_put_string(message, IFLA_INFO_SLAVE_KIND, "bridge") < 0)
		return -NLE_NOMEM;
	struct nlattr *data = nla_nest_start(message, IFLA_INFO_SLAVE_DATA);
	if (!data || nla_put_u8(message, IFLA_BRPORT_ISOLATED, isolated) < 0)
		return -NLE_NOMEM;
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		if (nla_put_u8(message, guards[i].attribute, guards[i].value) < 0)
			return -NLE_NOMEM;
	nla_nest_end(message, data);
	nla_nest_end(message, info);
	return 0;
}

static int set_flags(struct netlink *netlink, const char *name, bool isolated, struct err *err)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	int built = -NLE_NOMEM;

	if (message && nlmsg_append(message, (void *)&info, sizeof(info), NLMSG_ALIGNTO) >= 0 &&
	    nla_put_string(message, IFLA_IFNAME, name) >= 0)
		built = put_flags(message, isolated);
	int r = netlink_request(
	    netlink, built, &message, err, "cannot guard the bridge's port %s", name);
	nlmsg_free(message);
	return r;
}

static void put_neigh(struct rtnl_neigh **neighbour)
{
	if (*neighbour)
		rtnl_neigh_put(*neighbour);
}

/* An entry of the bridge's own table, which goes with the port. */
static int set_neighbour(
    struct netlink *netlink, const char *name, const uint8_t hardware[static 6], struct err *err)
{
	__attribute__((cleanup(put_neigh))) struct rtnl_neigh *neighbour = rtnl_neigh_alloc();
	cleanup_nl_addr struct nl_addr *address = nl_addr_build(AF_LLC, hardware, 6);
	struct nl_msg *message = NULL;
	int built = -NLE_NOMEM;

	int index = netlink_get_index(netlink, name, err);
	if (index < 0)
		return index;
	if (neighbour && address) {
		rtnl_neigh_set_family(neighbour, AF_BRIDGE);
		rtnl_neigh_set_ifindex(neighbour, index);
		rtnl_neigh_set_state(neighbour, NUD_NOARP);
		rtnl_neigh_set_flags(neighbour, NTF_MASTER);
		rtnl_neigh_set_lladdr(neighbour, address);
		built =
		    rtnl_neigh_build_add_request(neighbour, NLM_F_CREATE | NLM_F_REPLACE, &message);
	}
	return netlink_request(
	    netlink, built, &message, err, "cannot tell the bridge who is behind %s", name);
}

/* Linux numbers the ports of a bridge with 10 bits, from 1 on (BR_PORT_BITS, net/bridge). */
#define BRIDGE_PORTS_MAX 1023

static int join(
    struct netlink *netlink, const struct bridge *bridge, const char *name, struct err *err)
{
	int r = interface_join(netlink, name, bridge->name, bridge->index, err);

	if (r != -EXFULL)
		return r;
	return err_say(err, EXFULL,
	    "the bridge %s has the %d ports that a bridge can have: end other containers, or use "
	    "another network, by a file in /etc/contain/networks",
	    bridge->name, BRIDGE_PORTS_MAX);
}

int port_plug_in(struct netlink *netlink, const struct bridge *bridge, const char *name,
    const uint8_t hardware[static 6], bool isolated, struct err *err)
{
	int r = interface_no_link_local(netlink, name, err);

	if (r == 0)
		r = join(netlink, bridge, name, err);
	if (r == 0)
		r = set_flags(netlink, name, isolated, err);
	if (r == 0)
		r = set_neighbour(netlink, name, hardware, err);
	/* Not before: it would forward already. */
	return r < 0 ? r : interface_up(netlink, name, err);
}
