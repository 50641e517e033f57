/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_interface.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <time.h>

#include "lib/kernel/netlink_subnet.h"

static void put_rtnl_addr(struct rtnl_addr **address)
{
	if (*address)
		rtnl_addr_put(*address);
}

static void put_route(struct rtnl_route **route)
{
	if (*route)
		rtnl_route_put(*route);
}

#define cleanup_rtnl_addr __attribute__((cleanup(put_rtnl_addr)))
#define cleanup_route	  __attribute__((cleanup(put_route)))

/* The address as libnl has it; NULL when out of memory. */
static struct nl_addr *to_nl_addr(const struct spec_address *address)
{
	size_t size = address->family == AF_INET ? sizeof(address->ip.v4) : sizeof(address->ip.v6);
	struct nl_addr *result = nl_addr_build(address->family, &address->ip, size);

	if (result)
		nl_addr_set_prefixlen(result, (int)address->prefix);
	return result;
}

int interface_set_hardware(
    struct rtnl_link *link, const uint8_t hardware[static 6], struct err *err)
{
	cleanup_nl_addr struct nl_addr *address = nl_addr_build(AF_LLC, hardware, 6);

	if (!address)
		return err_sys(err, ENOMEM, "cannot set a hardware address");
	rtnl_link_set_addr(link, address); /* takes its own reference */
	return 0;
}

/*
 * A change of an interface that is told by name. libnl's own builder wants the interface's present
 * state, which would have to be asked for first, and sends a flag together with all others.
 */
static struct nl_msg *change_message(const char *name, unsigned flags)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC, .ifi_flags = flags, .ifi_change = flags
	};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_SETLINK, 0);

	if (message && nlmsg_append(message, &info, sizeof(info), NLMSG_ALIGNTO) >= 0 &&
	    nla_put_string(message, IFLA_IFNAME, name) >= 0)
		return message;
	nlmsg_free(message);
	return NULL;
}

int interface_no_link_local(struct netlink *netlink, const char *name, struct err *err)
{
	struct nl_msg *message = change_message(name, 0);
	struct nlattr *families = message ? nla_nest_start(message, IFLA_AF_SPEC) : NULL;
	struct nlattr *inet6 = families ? nla_nest_start(message, AF_INET6) : NULL;
	int built = -NLE_NOMEM;

	if (inet6 && nla_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE) >= 0) {
		nla_nest_end(message, inet6);
		nla_nest_end(message, families);
		built = 0;
	}
	int r = netlink_request(
	    netlink, built, &message, err, "cannot keep %s from having a link-local address", name);
	nlmsg_free(message);
	if (r != -EAFNOSUPPORT)
		return r;
	err_clear(err);
	return 0;
}

int interface_up(struct netlink *netlink, const char *name, struct err *err)
{
	struct nl_msg *message = change_message(name, IFF_UP);

	return netlink_request(netlink, message ? 0 : -NLE_NOMEM, &message, err,
	    "cannot bring up the interface %s", name);
}

int interface_join(struct netlink *netlink, const char *name, const char *bridge, int bridge_index,
    struct err *err)
{
	struct nl_msg *message = change_message(name, 0);
	int built =
	    message ? nla_put_u32(message, IFLA_MASTER, (uint32_t)bridge_index) : -NLE_NOMEM;

	int r = netlink_request(netlink, built, &message, err,
	    "cannot put the interface %s into the bridge %s", name, bridge);
	nlmsg_free(message);
	return r;
}

/* `ip addr add` leaves out the broadcast address as well; programs that ask for it expect one. */
static int set_broadcast(struct rtnl_addr *object, const struct spec_address *address)
{
	struct spec_address last = subnet_last(address);

	if (!subnet_is_broadcast(address, &last))
		return 0;
	cleanup_nl_addr struct nl_addr *broadcast = to_nl_addr(&last);
	return broadcast ? rtnl_addr_set_broadcast(object, broadcast) : -NLE_NOMEM;
}

int interface_add_address(struct netlink *netlink, const char *name, int index,
    const struct spec_address *address, struct err *err)
{
	cleanup_rtnl_addr struct rtnl_addr *object = rtnl_addr_alloc();
	cleanup_nl_addr struct nl_addr *local = to_nl_addr(address);
	struct nl_msg *message = NULL;
	char text[SUBNET_TEXT_MAX];
	int built = -NLE_NOMEM;

	if (object && local) {
		rtnl_addr_set_ifindex(object, index);
		/* Who has which address is settled by the leases; the search takes a second. */
		if (address->family == AF_INET6)
			rtnl_addr_set_flags(object, IFA_F_NODAD);
		built = rtnl_addr_set_local(object, local);
		if (built >= 0)
			built = set_broadcast(object, address);
		if (built >= 0)
			built = rtnl_addr_build_add_request(
			    object, NLM_F_CREATE | NLM_F_EXCL, &message);
	}
	return netlink_request(netlink, built, &message, err, "cannot give %s the address %s", name,
	    subnet_print(address, text));
}

/* The hop of the default route; NULL when out of memory. */
static struct rtnl_nexthop *hop_to(struct nl_addr *gateway, int index, bool on_link)
{
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();

	if (!hop)
		return NULL;
	rtnl_route_nh_set_ifindex(hop, index);
	rtnl_route_nh_set_gateway(hop, gateway);
	if (on_link)
		rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
	return hop;
}

int interface_add_default_route(struct netlink *netlink, const char *name, int index,
    const struct spec_address *gateway, bool on_link, struct err *err)
{
	struct spec_address all = { .family = gateway->family };
	cleanup_route struct rtnl_route *route = rtnl_route_alloc();
	cleanup_nl_addr struct nl_addr *everywhere = to_nl_addr(&all);
	cleanup_nl_addr struct nl_addr *address = to_nl_addr(gateway);
	struct nl_msg *message = NULL;
	char text[SUBNET_TEXT_MAX];
	int built = -NLE_NOMEM;

	if (route && everywhere && address) {
		struct rtnl_nexthop *hop = hop_to(address, index, on_link);
		built = hop ? rtnl_route_set_dst(route, everywhere) : -NLE_NOMEM;
		if (hop)
			rtnl_route_add_nexthop(route, hop); /* the route owns it now */
		rtnl_route_set_protocol(route, RTPROT_STATIC);
		if (built >= 0)
			built = rtnl_route_build_add_request(
			    route, NLM_F_CREATE | NLM_F_EXCL, &message);
	}
	return netlink_request(netlink, built, &message, err, "cannot route from %s through %s",
	    name, subnet_print_ip(gateway, text));
}

int interface_forget_neighbour(struct netlink *netlink, const char *name, int index,
    const struct spec_address *neighbour, struct err *err)
{
	const struct ndmsg header = { .ndm_family = (uint8_t)neighbour->family,
		.ndm_ifindex = index };
	size_t size =
	    neighbour->family == AF_INET ? sizeof(neighbour->ip.v4) : sizeof(neighbour->ip.v6);
	struct nl_msg *message = nlmsg_alloc_simple(RTM_DELNEIGH, 0);
	char text[SUBNET_TEXT_MAX];
	int built = -NLE_NOMEM;

	if (message && nlmsg_append(message, (void *)&header, sizeof(header), NLMSG_ALIGNTO) >= 0 &&
	    nla_put(message, NDA_DST, (int)size, &neighbour->ip) >= 0)
		built = 0;
	int r = netlink_request(netlink, built, &message, err, "cannot forget who was %s on %s",
	    subnet_print_ip(neighbour, text), name);
	nlmsg_free(message);
	if (r != -ENOENT)
		return r;
	err_clear(err);
	return 0;
}

int interface_prohibit(struct netlink *netlink, const struct spec_address *subnet, struct err *err)
{
	cleanup_route struct rtnl_route *route = rtnl_route_alloc();
	cleanup_nl_addr struct nl_addr *there = to_nl_addr(subnet);
	struct nl_msg *message = NULL;
	char text[SUBNET_TEXT_MAX];
	int built = -NLE_NOMEM;

	if (route && there) {
		built = rtnl_route_set_dst(route, there);
		if (built >= 0)
			built = rtnl_route_set_type(route, RTN_PROHIBIT);
		rtnl_route_set_protocol(route, RTPROT_STATIC);
		if (built >= 0)
			built = rtnl_route_build_add_request(
			    route, NLM_F_CREATE | NLM_F_EXCL, &message);
	}
	int r = netlink_request(netlink, built, &message, err,
	    "cannot keep anything from going to %s", subnet_print(subnet, text));
	/* A kernel without IPv6 sends nothing there either. */
	if (subnet->family != AF_INET6 || (r != -EOPNOTSUPP && r != -EAFNOSUPPORT))
		return r;
	err_clear(err);
	return 0;
}

static bool is_running(struct netlink *netlink, const char *name)
{
	cleanup_link struct rtnl_link *link = NULL;

	return netlink_get_link(netlink, name, &link, NULL) == 0 &&
	       rtnl_link_get_operstate(link) == IF_OPER_UP;
}

#define WAIT_TURNS 4000

static void wait_a_turn(void)
{
	const struct timespec pause = { .tv_nsec = 200000 };

	nanosleep(&pause, NULL);
}

void interface_wait_running(struct netlink *netlink, const char *name)
{
	for (int i = 0; i < WAIT_TURNS && !is_running(netlink, name); i++)
		wait_a_turn();
}

static int on_route(struct nl_msg *message, void *data)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);
	const struct rtmsg *route = nlmsg_data(header);

	if (header->nlmsg_type == RTM_NEWROUTE)
		*(bool *)data = route->rtm_type == RTN_LOCAL;
	return NL_OK;
}

static struct nl_msg *route_question(const struct spec_address *address)
{
	size_t size = address->family == AF_INET ? sizeof(address->ip.v4) : sizeof(address->ip.v6);
	const struct rtmsg question = { .rtm_family = (unsigned char)address->family,
		.rtm_dst_len = (unsigned char)(size * 8) };
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, 0);

	if (message &&
	    nlmsg_append(message, (void *)&question, sizeof(question), NLMSG_ALIGNTO) >= 0 &&
	    nla_put(message, RTA_DST, (int)size, &address->ip) >= 0)
		return message;
	nlmsg_free(message);
	return NULL;
}

/* Whether what is sent to the address is taken for the namespace's own. */
static bool is_local(struct netlink *netlink, const struct spec_address *address)
{
	struct nl_msg *message = route_question(address);
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	bool local = false;

	if (message && callbacks &&
	    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_route, &local) >= 0 &&
	    nl_send_auto(netlink->socket, message) >= 0 &&
	    nl_recvmsgs(netlink->socket, callbacks) >= 0)
		(void)nl_wait_for_ack(netlink->socket);
	if (callbacks)
		nl_cb_put(callbacks);
	nlmsg_free(message);
	return local;
}

void interface_wait_address(struct netlink *netlink, const struct spec_address *address)
{
	for (int i = 0; i < WAIT_TURNS && !is_local(netlink, address); i++)
		wait_a_turn();
}
