/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_veth.h"

#include <errno.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/route/link/veth.h>
#include <stdio.h>
#include <string.h>

#include "lib/kernel/netlink_interface.h"
#include "lib/kernel/netlink_subnet.h"
#include "lib/kernel/netlink_sysctl.h"

/* Names taken by another pid namespace's process of the same number. */
#define NAME_ATTEMPTS 32

static void put_veth(struct rtnl_link **link)
{
	if (*link)
		rtnl_link_veth_release(*link);
}

#define cleanup_veth __attribute__((cleanup(put_veth)))

/*
 * A bridge whose hardware address nobody set takes the lowest one of its ports, and all that know
 * it by the old one do not reach it for a while. The highest one that there is, the same for all,
 * is never lower than another; and where all ports are ours it does not change when they come and
 * go.
 */
static const uint8_t host_hardware[6] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };

/* One queue each: by default there is one for every CPU, each with folders in /sys. */
static void set_common(struct rtnl_link *link, const char *name, const struct bridge *bridge)
{
	rtnl_link_set_name(link, name);
	rtnl_link_set_mtu(link, bridge->mtu);
	rtnl_link_set_num_tx_queues(link, 1);
	rtnl_link_set_num_rx_queues(link, 1);
}

/* One message makes both ends where they belong, both down. */
static int make_pair(struct netlink *netlink, const struct bridge *bridge, int netns,
    const uint8_t hardware[static 6], const char *name, struct err *err)
{
	cleanup_veth struct rtnl_link *host = rtnl_link_veth_alloc();
	cleanup_link struct rtnl_link *jail = host ? rtnl_link_veth_get_peer(host) : NULL;
	struct nl_msg *message = NULL;

	if (!jail)
		return err_sys(err, ENOMEM, "cannot make a pair of interfaces");
	set_common(host, name, bridge);
	set_common(jail, VETH_JAIL_NAME, bridge);
	rtnl_link_set_ns_fd(jail, netns);
	int r = interface_set_hardware(jail, hardware, err);
	if (r == 0)
		r = interface_set_hardware(host, host_hardware, err);
	if (r < 0)
		return r;
	int built = rtnl_link_build_add_request(host, NLM_F_CREATE | NLM_F_EXCL, &message);
	return netlink_request(netlink, built, &message, err,
	    "cannot make the pair of interfaces %s and " VETH_JAIL_NAME, name);
}

int veth_make(struct netlink *netlink, const struct bridge *bridge, int netns, pid_t init,
    const uint8_t hardware[static 6], char ret_name[static IFNAMSIZ], struct err *err)
{
	char name[IFNAMSIZ];
	int r = -EEXIST;

	for (unsigned i = 0; i < NAME_ATTEMPTS && r == -EEXIST; i++) {
		if (i == 0)
			snprintf(name, sizeof(name), "ct%d", init);
		else
			snprintf(name, sizeof(name), "ct%.9d-%u", init, i);
		r = make_pair(netlink, bridge, netns, hardware, name, err);
	}
	if (r < 0)
		return r;
	err_clear(err);
	memcpy(ret_name, name, sizeof(name));
	return 0;
}

static int add_route(struct netlink *netlink, const struct spec_network *network,
    const struct bridge *bridge, int index, const struct spec_address *address, struct err *err)
{
	const struct spec_address *gateway = address_gateway(network, &bridge->addresses, address);

	if (!gateway)
		return 0; /* a bridge without addresses, or none is wanted */
	/* A longer prefix than the bridge's may leave the gateway out of eth0's own subnet. */
	return interface_add_default_route(
	    netlink, VETH_JAIL_NAME, index, gateway, !subnet_contains(address, gateway), err);
}

/* One default route of each family, through the gateway of its first address. */
static int add_routes(struct netlink *netlink, const struct spec_network *network,
    const struct bridge *bridge, int index, const struct network_result *addresses, struct err *err)
{
	bool have_v4 = false, have_v6 = false;

	for (unsigned i = 0; i < addresses->address_count; i++) {
		const struct spec_address *address = &addresses->addresses[i];
		bool *have = address->family == AF_INET ? &have_v4 : &have_v6;

		int r = *have ? 0 : add_route(netlink, network, bridge, index, address, err);
		if (r < 0)
			return r;
		*have = true;
	}
	return 0;
}

static const struct net_sysctl settings[] = {
	{ "ipv6/conf/" VETH_JAIL_NAME "/accept_ra", "0", true },
};

int veth_configure(struct netlink *netlink, const struct spec_network *network,
    const struct bridge *bridge, const struct network_result *addresses, struct err *err)
{
	int index = (int)if_nametoindex(VETH_JAIL_NAME);

	if (!index)
		return err_sys(err, errno, "cannot look up " VETH_JAIL_NAME " in the container");
	/* Before it comes up: afterwards an address or route might be there already. */
	int r = interface_no_link_local(netlink, VETH_JAIL_NAME, err);
	if (r == 0)
		r = net_sysctl_write(settings, sizeof(settings) / sizeof(settings[0]), err);
	if (r == 0)
		r = interface_up(netlink, VETH_JAIL_NAME, err);
	for (unsigned i = 0; r == 0 && i < addresses->address_count; i++)
		r = interface_add_address(
		    netlink, VETH_JAIL_NAME, index, &addresses->addresses[i], err);
	if (r == 0)
		r = add_routes(netlink, network, bridge, index, addresses, err);
	return r;
}
