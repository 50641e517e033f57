/* SPDX-License-Identifier: MIT */
/* What is said of the network. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"
#include "lib/policy/spec_check.h"

static bool same_ip(const struct spec_address *a, const struct spec_address *b)
{
	size_t size = a->family == AF_INET ? sizeof(a->ip.v4) : sizeof(a->ip.v6);

	return a->family == b->family && memcmp(&a->ip, &b->ip, size) == 0;
}

static int check_addresses(const struct spec_network *network, struct err *err)
{
	char text[SPEC_ADDRESS_TEXT_MAX];

	for (unsigned i = 0; i < network->address_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (!same_ip(&network->addresses[i], &network->addresses[j]))
				continue;
			spec_format_address(&network->addresses[i], text);
			return err_say(err, EINVAL, "--network-address: %s is given twice", text);
		}
	}
	return 0;
}

/* Only who looks the names up may ask name servers, and is known by a user that the container does
 * not have. */
static int check_hosts(const struct jail_spec *spec, struct err *err)
{
	if (!spec_has_hosts(spec))
		return 0;
	if (spec->network.dns == DNS_NONE)
		return err_say(err, EINVAL,
		    "--egress: with --dns none nobody can be asked for the names of hosts: leave "
		    "one of them out");
	if (spec->identity.userns == USERNS_HOST)
		return err_say(err, EINVAL,
		    "--egress: with --userns host the container has every user, and could change "
		    "what names mean: use addresses, or leave out --userns");
	return 0;
}

static int check_egress(const struct jail_spec *spec, struct err *err)
{
	const struct spec_network *network = &spec->network;

	/* To take it for nothing would open what somebody meant to close. */
	if (network->egress_dangling)
		return err_say(err, EINVAL,
		    "--egress: \"%s\" has no destination behind it: %s any is everything",
		    network->egress_denies ? "deny" : "allow",
		    network->egress_denies ? "deny" : "allow");
	return check_hosts(spec, err);
}

/* pasta knows ports by their number only. */
static bool same_host_port(
    const struct spec_publish *a, const struct spec_publish *b, enum network_mode mode)
{
	bool apart = mode != NETWORK_PASTA && a->host.family && b->host.family &&
		     !same_ip(&a->host, &b->host);

	return a->protocol == b->protocol && a->host_port == b->host_port && !apart;
}

static bool is_loopback(const struct spec_address *address)
{
	if (address->family == AF_INET)
		return ntohl(address->ip.v4.s_addr) >> 24 == 127;
	return address->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->ip.v6);
}

/* What comes to loopback does not leave the host, so that neighbours on the network cannot get at
 * what listens there only. pasta listens there itself. */
static int check_loopback(const struct spec_network *network, struct err *err)
{
	char text[SPEC_PUBLISH_TEXT_MAX];

	for (unsigned i = 0; network->mode != NETWORK_PASTA && i < network->publish_count; i++) {
		if (!is_loopback(&network->publish[i].host))
			continue;
		spec_format_publish(&network->publish[i], text);
		return err_say(err, EINVAL,
		    "--publish: %s: what is published on loopback cannot be reached: name an "
		    "address of the host that others see, or none",
		    text);
	}
	return 0;
}

static int check_publish(const struct jail_spec *spec, struct err *err)
{
	const struct spec_network *network = &spec->network;
	char text[SPEC_PUBLISH_TEXT_MAX], other[SPEC_PUBLISH_TEXT_MAX];

	if (network->publish_count && network->nat_off)
		return err_say(err, EINVAL,
		    "--publish and --nat no contradict each other: leave one of them out");
	if (network->publish_count && network->bridge[0] && !network->pool_count)
		return err_say(err, EINVAL,
		    "--publish and --bridge %s contradict each other: what is forwarded to another "
		    "bridge is not ours to say; leave one of them out",
		    network->bridge);
	for (unsigned i = 0; i < network->publish_count; i++) {
		for (unsigned j = 0; j < i; j++) {
			if (!same_host_port(
				&network->publish[i], &network->publish[j], network->mode))
				continue;
			spec_format_publish(&network->publish[j], other);
			spec_format_publish(&network->publish[i], text);
			return err_say(err, EINVAL,
			    "--publish: %s and %s are the same port of the host%s: leave one of "
			    "them out",
			    other, text,
			    network->mode == NETWORK_PASTA
				? ", of which pasta can forward one address, or all"
				: "");
		}
	}
	return check_loopback(network, err);
}

/* The option that is for an interface of the container's own; NULL: none was given. */
static const char *option_of_interface(const struct spec_network *network)
{
	if (network->bandwidth_down || network->bandwidth_up)
		return "--bandwidth";
	if (network->egress_count)
		return "--egress";
	if (network->host_access == HOST_ACCESS_NONE)
		return "--host-access none";
	if (network->host_access == HOST_ACCESS_PORTS)
		return "--host-access PORTS";
	return network->isolate == CHOICE_YES ? "--isolate yes" : NULL;
}

/* What would not hold is refused, and not set aside: in the host's network nothing of it does, and
 * root of a network of its own takes away what is in there. */
static int check_held(const struct jail_spec *spec, struct err *err)
{
	const struct spec_network *network = &spec->network;
	const char *option = option_of_interface(network);
	unsigned count;
	const struct spec_egress *rules = spec_egress(spec, &count);

	if (option && network->mode == NETWORK_HOST)
		return err_say(err, EINVAL,
		    "%s is for an interface of the container's own: use it with --network bridge",
		    option);
	if (network->mode != NETWORK_BRIDGE || !(spec_jail_owned_namespaces(spec) & CLONE_NEWNET))
		return 0;
	if (network->bandwidth_up)
		return err_say(err, EINVAL,
		    "--bandwidth: with net_admin or net_raw the network is the container's, which "
		    "can take the limit of what it sends away: leave out the capability, or limit "
		    "only one direction, as in 20M/unlimited");
	if (network->host_access == HOST_ACCESS_PORTS)
		return err_say(err, EINVAL,
		    "--host-access: with net_admin or net_raw the network is the container's, "
		    "which "
		    "can take the rules away that know the ports: leave out the capability, or use "
		    "none or all");
	if (!spec_egress_is_open(rules, count))
		return err_say(err, EINVAL,
		    "--egress: with net_admin or net_raw the network is the container's, which can "
		    "take the rules away: leave out the capability, or use --egress any");
	return 0;
}

/* Where the network has a name, its file has been read. */
static int check_named(const struct spec_network *network, struct err *err)
{
	char own[IFNAMSIZ];

	if (network->name[0] && !network->bridge[0])
		return err_say(
		    err, EINVAL, "--network %s: nobody has looked up what it is", network->name);
	if (!network->name[0] || !network->pool_count)
		return 0;
	snprintf(own, sizeof(own), SPEC_BRIDGE_PREFIX "%s", network->name);
	if (strcmp(network->bridge, own) == 0)
		return 0;
	return err_say(err, EINVAL,
	    "--bridge and --network %s contradict each other: that network has a bridge of its "
	    "own; leave one of them out",
	    network->name);
}

static int check_mode(const struct jail_spec *spec, struct err *err)
{
	static const char *const modes[] = {
		[NETWORK_NONE] = "none", [NETWORK_HOST] = "host", [NETWORK_PASTA] = "pasta"
	};
	const struct spec_network *network = &spec->network;
	bool publishes = network->publish_count && network->mode != NETWORK_PASTA;
	const char *other = network->bridge[0]				    ? "--bridge"
			    : network->address_count			    ? "--network-address"
			    : publishes					    ? "--publish"
			    : network->gateway_count || network->no_gateway ? "--gateway"
									    : NULL;

	if (other && network->mode != NETWORK_BRIDGE)
		return err_say(err, EINVAL,
		    "%s and --network %s contradict each other: leave one of them out", other,
		    modes[network->mode]);
	int r = check_named(network, err);
	return r < 0 ? r : check_addresses(network, err);
}

#define BIT(capability) (UINT64_C(1) << (capability))

/* What only root's rules, or nobody, can hold with it. */
static const char *option_beyond_pasta(const struct spec_network *network)
{
	const char *option = option_of_interface(network);

	if (option)
		return option;
	if (network->host_access == HOST_ACCESS_ALL)
		return "--host-access all";
	return network->nat_off ? "--nat no" : NULL;
}

/* With these the container can send to 127.0.0.1 by way of pasta, which takes it for the host's
 * own (that of Debian 12 does). */
static bool can_forge(const struct jail_spec *spec)
{
	return spec->identity.capabilities & (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW));
}

static int check_pasta(const struct jail_spec *spec, struct err *err)
{
	if (spec->network.mode != NETWORK_PASTA)
		return 0;
	const char *option = option_beyond_pasta(&spec->network);
	if (option)
		return err_say(err, EINVAL,
		    "%s and --network pasta contradict each other, which has no rules: leave it "
		    "out, or let root use --network bridge",
		    option);
	if (spec->account || spec->run.resident)
		return err_say(err, EINVAL,
		    "--network pasta: is for commands of ordinary users; an account's container "
		    "is root's to connect: use bridge");
	if (can_forge(spec))
		return err_say(err, EINVAL,
		    "--network pasta: with net_admin or net_raw the container could reach what "
		    "listens on the host's loopback: leave out the capability");
	return 0;
}

int spec_check_network(const struct jail_spec *spec, struct err *err)
{
	static int (*const checks[])(const struct jail_spec *spec, struct err *err) = {
		check_mode,
		check_egress,
		check_publish,
		check_held,
		check_pasta,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
		r = checks[i](spec, err);
	return r;
}
