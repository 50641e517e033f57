/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_part.h"

#include <errno.h>
#include <sched.h>

#include "lib/kernel/netlink_address.h"
#include "lib/kernel/netlink_bridge.h"
#include "lib/kernel/netlink_connections.h"
#include "lib/kernel/netlink_firewall.h"
#include "lib/kernel/netlink_interface.h"
#include "lib/kernel/netlink_port.h"
#include "lib/kernel/netlink_shaper.h"
#include "lib/kernel/netlink_socket.h"
#include "lib/kernel/netlink_veth.h"

/*
 * What can be refused is looked at before anything is made. Our own bridge may turn out to be
 * different from the plan when somebody else made it meanwhile: then all is looked at again.
 */
static int get_bridge(
    struct netlink *host, const struct spec_network *network, struct bridge *ret, struct err *err)
{
	int r = bridge_find(host, network, ret, err);

	if (r == 0)
		r = address_check(network, &ret->addresses, err);
	if (r < 0 || ret->complete)
		return r;
	r = bridge_make(host, ret, err);
	return r < 0 ? r : address_check(network, &ret->addresses, err);
}

/* Enter the jail's network namespace. A socket belongs to the namespace in which it is made. */
static int enter(int netns, struct netlink *ret, struct err *err)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		return err_sys(err, errno, "cannot enter the container's network namespace");
	return netlink_open(ret, NETLINK_ROUTE, err);
}

/* What goes out of the host's end comes down to the jail. */
static int limit_bandwidth(struct netlink *host, struct netlink *jail,
    const struct spec_network *network, const char *port, struct err *err)
{
	int r = shaper_limit(host, port, network->bandwidth_down, err);

	return r < 0 ? r : shaper_limit(jail, VETH_JAIL_NAME, network->bandwidth_up, err);
}

/* Both ends are up; the first packet must not be lost on an interface that is not ready. */
static void wait_ready(struct netlink *host, const struct bridge *bridge, struct netlink *jail,
    const struct network_result *result)
{
	interface_wait_running(host, result->host_interface);
	interface_wait_running(host, bridge->name);
	interface_wait_running(jail, VETH_JAIL_NAME);
	/* Those of another bridge are as they are. */
	for (unsigned i = 0; bridge->ours && i < bridge->addresses.count; i++)
		interface_wait_address(host, &bridge->addresses.items[i]);
	for (unsigned i = 0; i < result->address_count; i++)
		interface_wait_address(jail, &result->addresses[i]);
}

/* What is still sent to those who had the addresses before is not for this one: neither what comes
 * from now on, nor what has come by and waits for the address to be found. */
static int forget_others(struct netlink *host, const struct bridge *bridge,
    const struct network_result *result, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < result->address_count; i++) {
		const struct spec_address *address = &result->addresses[i];
		if (!result->had_others[i])
			continue;
		r = connections_forget(address, err);
		if (r >= 0)
			r = interface_forget_neighbour(
			    host, bridge->name, bridge->index, address, err);
	}
	return r < 0 ? r : 0;
}

/* What is the host's, and what only one jail may hold. */
static int prepare(struct netlink *host, const struct network_request *request,
    struct bridge *bridge, struct network_result *result, struct err *err)
{
	int r = netlink_open(host, NETLINK_ROUTE, err);

	if (r == 0)
		r = get_bridge(host, request->network, bridge, err);
	if (r == 0)
		r = address_claim(request, &bridge->addresses, result, err);
	if (r == 0)
		r = forget_others(host, bridge, result, err);
	return r < 0 ? r : firewall_of_host(request, bridge, &result->loaded, err);
}

/* What is the jail's own, complete before it is plugged in. */
static int connect_jail(struct netlink *host, struct netlink *jail,
    const struct network_request *request, const struct bridge *bridge,
    struct network_result *result, struct err *err)
{
	uint8_t hardware[6];

	address_hardware(&result->addresses[0], request->host_access, hardware);
	int r = veth_make(
	    host, bridge, request->netns, request->init, hardware, result->host_interface, err);
	if (r == 0)
		r = firewall_of_port(request, result, err);
	if (r == 0)
		r = enter(request->netns, jail, err);
	if (r == 0)
		r = veth_configure(jail, request->network, bridge, result, err);
	if (r == 0)
		r = firewall_of_jail(jail, request, bridge, result, err);
	if (r == 0)
		r = limit_bandwidth(host, jail, request->network, result->host_interface, err);
	return r < 0 ? r
		     : port_plug_in(
			   host, bridge, result->host_interface, hardware, request->isolate, err);
}

__attribute__((visibility("default"))) int contain_netlink_connect(
    const struct network_request *request, struct network_result *ret, struct err *err)
{
	cleanup_netlink struct netlink host = NETLINK_INIT;
	cleanup_netlink struct netlink jail = NETLINK_INIT;
	struct network_result result = { .address_count = 0 };
	struct bridge bridge = { .index = 0 };

	int r = prepare(&host, request, &bridge, &result, err);
	if (r == 0)
		r = connect_jail(&host, &jail, request, &bridge, &result, err);
	if (r < 0)
		return r;
	wait_ready(&host, &bridge, &jail, &result);
	*ret = result;
	return 0;
}

__attribute__((visibility("default"))) int contain_netlink_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err)
{
	return firewall_publish(ports, count, libexec_dir, err);
}
