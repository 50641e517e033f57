/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

static const struct parse_choice modes[] = { { "none", NETWORK_NONE }, { "host", NETWORK_HOST },
	{ "bridge", NETWORK_BRIDGE }, { "pasta", NETWORK_PASTA }, { NULL, 0 } };

int key_parse_network(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;
	int mode = NETWORK_BRIDGE;

	network->name[0] = '\0';
	if (parse_choice(value, modes, &mode, NULL) < 0) {
		int r = parse_network_name(value, network->name, err);
		if (r < 0)
			return r;
	}
	network->mode = (enum network_mode)mode;
	network->mode_set = true;
	return 0;
}

void key_print_network(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct spec_network *network = &spec->network;

	json_string(
	    json, name, *network->name ? network->name : parse_choice_word(modes, network->mode));
}

static void print_addresses(
    struct json *json, const char *name, const struct spec_address *addresses, unsigned count)
{
	char text[SPEC_ADDRESS_TEXT_MAX];

	json_array(json, name);
	for (unsigned i = 0; i < count; i++) {
		spec_format_address(&addresses[i], text);
		json_string(json, NULL, text);
	}
	json_end(json);
}

int key_parse_pool(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;
	struct spec_address pool;

	if (network->pool_count == SPEC_POOLS_MAX)
		return err_say(err, E2BIG, "there are more than %d networks", SPEC_POOLS_MAX);
	int r = parse_pool(value, &pool, err);
	for (unsigned i = 0; r == 0 && i < network->pool_count; i++)
		if (spec_subnets_overlap(&network->pools[i], &pool))
			r = err_say(err, EINVAL, "\"%.128s\" overlaps the one before it", value);
	if (r == 0)
		network->pools[network->pool_count++] = pool;
	return r;
}

void key_print_pool(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_addresses(json, name, spec->network.pools, spec->network.pool_count);
}

void key_clear_pool(struct jail_spec *spec)
{
	spec->network.pool_count = 0;
}

/* A bridge, an address or a published port wants one, unless it was said otherwise: spec_check()
 * refuses that. */
static void imply_mode(struct spec_network *network)
{
	if (!network->mode_set)
		network->mode =
		    network->bridge[0] || network->address_count || network->publish_count
			? NETWORK_BRIDGE
			: NETWORK_NONE;
}

int key_parse_address(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;

	if (network->address_count == SPEC_ADDRESSES_MAX)
		return err_say(err, E2BIG, "there are more than %d addresses", SPEC_ADDRESSES_MAX);
	int r = parse_address(value, &network->addresses[network->address_count], err);
	if (r < 0)
		return r;
	network->address_count++;
	imply_mode(network);
	return 0;
}

void key_print_addresses(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_addresses(json, name, spec->network.addresses, spec->network.address_count);
}

void key_clear_addresses(struct jail_spec *spec)
{
	spec->network.address_count = 0;
	imply_mode(&spec->network);
}

static int add_gateway(struct spec_network *network, const char *value, struct err *err)
{
	struct spec_address gateway = { .family = AF_UNSPEC };
	int r = parse_ip_address(value, &gateway, err);

	for (unsigned i = 0; r == 0 && i < network->gateway_count; i++)
		if (network->gateways[i].family == gateway.family)
			return err_say(err, EINVAL, "there are two of %s",
			    gateway.family == AF_INET ? "IPv4" : "IPv6");
	if (r < 0)
		return r;
	network->gateways[network->gateway_count++] = gateway;
	return 0;
}

int key_parse_gateway(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;

	if (strcmp(value, "auto") == 0) {
		key_clear_gateway(spec);
		return 0;
	}
	bool none = strcmp(value, "none") == 0;
	if (network->no_gateway || (none && network->gateway_count))
		return err_say(err, EINVAL, "none and a gateway contradict each other");
	if (!none)
		return add_gateway(network, value, err);
	network->no_gateway = true;
	return 0;
}

/* Addresses, or the word that stands for there being none. */
static void print_ips(struct json *json, const char *name, const char *word,
    const struct spec_address *addresses, unsigned count)
{
	char text[INET6_ADDRSTRLEN];

	json_array(json, name);
	if (!count)
		json_string(json, NULL, word);
	for (unsigned i = 0; i < count; i++)
		json_string(json, NULL,
		    inet_ntop(addresses[i].family, &addresses[i].ip, text, sizeof(text)));
	json_end(json);
}

void key_print_gateway(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct spec_network *network = &spec->network;

	print_ips(json, name, network->no_gateway ? "none" : "auto", network->gateways,
	    network->gateway_count);
}

void key_clear_gateway(struct jail_spec *spec)
{
	spec->network.no_gateway = false;
	spec->network.gateway_count = 0;
}

int key_parse_bridge(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = 0;

	if (strcmp(value, "auto") == 0)
		spec->network.bridge[0] = '\0';
	else
		r = parse_interface(value, spec->network.bridge, err);
	if (r == 0)
		imply_mode(&spec->network);
	return r;
}

void key_print_bridge(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->network.bridge[0] ? spec->network.bridge : NULL);
}

static const struct parse_choice choices[] = { { "auto", CHOICE_AUTO }, { "yes", CHOICE_YES },
	{ "no", CHOICE_NO }, { "true", CHOICE_YES }, { "false", CHOICE_NO }, { NULL, 0 } };

int key_parse_isolate(struct jail_spec *spec, const char *value, struct err *err)
{
	int choice = 0;
	int r = parse_choice(value, choices, &choice, err);

	if (r == 0)
		spec->network.isolate = (enum choice)choice;
	return r;
}

void key_print_isolate(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec_is_isolated(spec));
}

int key_parse_bandwidth(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_bandwidth(
	    value, &spec->network.bandwidth_down, &spec->network.bandwidth_up, err);
}

void key_print_bandwidth(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_object(json, name);
	key_print_amount(json, "down", spec->network.bandwidth_down ?: SPEC_UNSET);
	key_print_amount(json, "up", spec->network.bandwidth_up ?: SPEC_UNSET);
	json_end(json);
}

static int add_egress(struct spec_network *network, const char *word, struct err *err)
{
	if (strcmp(word, "allow") == 0 || strcmp(word, "deny") == 0) {
		network->egress_denies = *word == 'd';
		network->egress_dangling = true;
		return 0;
	}
	if (network->egress_count == SPEC_EGRESS_MAX)
		return err_say(err, E2BIG, "there are more than %d destinations", SPEC_EGRESS_MAX);
	int r = parse_egress(
	    word, !network->egress_denies, &network->egress[network->egress_count], err);
	if (r < 0)
		return r;
	network->egress_count++;
	network->egress_dangling = false;
	return 0;
}

/* Files give one word at a time, and the command line may give several, which then stand alone. */
int key_parse_egress(struct jail_spec *spec, const char *value, struct err *err)
{
	char word[SPEC_EGRESS_TEXT_MAX];
	int r = 0;

	if (strcmp(value, "auto") == 0) {
		key_clear_egress(spec);
		return 0;
	}
	bool several = strchr(value, ' ') != NULL;
	if (several)
		spec->network.egress_denies = false;
	do {
		value += strspn(value, " ");
		size_t length = strcspn(value, " ");
		if (length >= sizeof(word))
			return err_say(
			    err, ENAMETOOLONG, "\"%.32s...\" is too long for a destination", value);
		snprintf(word, sizeof(word), "%.*s", (int)length, value);
		value += length;
		r = add_egress(&spec->network, word, err);
	} while (r == 0 && value[strspn(value, " ")]);
	if (several)
		spec->network.egress_denies = false;
	return r;
}

void key_print_egress(const struct jail_spec *spec, const char *name, struct json *json)
{
	char text[SPEC_EGRESS_TEXT_MAX];
	unsigned count;
	const struct spec_egress *rules = spec_egress(spec, &count);

	json_array(json, name);
	for (unsigned i = 0; i < count; i++) {
		spec_format_egress(&rules[i], text);
		json_string(json, NULL, text);
	}
	json_end(json);
}

void key_clear_egress(struct jail_spec *spec)
{
	spec_clear_egress(&spec->network);
}

static const struct parse_choice accesses[] = { { "auto", HOST_ACCESS_AUTO },
	{ "all", HOST_ACCESS_ALL }, { "none", HOST_ACCESS_NONE }, { NULL, 0 } };

static int add_host_ports(struct spec_network *network, const char *value, struct err *err)
{
	if (network->host_port_count == SPEC_HOST_PORTS_MAX)
		return err_say(err, E2BIG, "there are more than %d ports", SPEC_HOST_PORTS_MAX);
	if (parse_ports(value, &network->host_ports[network->host_port_count]) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not possible: use auto, all, none or ports, as in 443, 80-90, "
		    "tcp, "
		    "udp/53",
		    value);
	if (network->host_access == HOST_ACCESS_ALL || network->host_access == HOST_ACCESS_NONE)
		return err_say(err, EINVAL, "%s and ports contradict each other",
		    parse_choice_word(accesses, network->host_access));
	network->host_port_count++;
	network->host_access = HOST_ACCESS_PORTS;
	return 0;
}

int key_parse_host_access(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;
	int access = 0;

	if (parse_choice(value, accesses, &access, NULL) < 0)
		return add_host_ports(network, value, err);
	if (network->host_port_count && access != HOST_ACCESS_AUTO)
		return err_say(err, EINVAL, "%s and ports contradict each other", value);
	network->host_port_count = 0;
	network->host_access = (enum host_access)access;
	return 0;
}

void key_print_host_access(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct spec_network *network = &spec->network;
	char text[SPEC_PORTS_TEXT_MAX];

	json_array(json, name);
	for (unsigned i = 0; i < network->host_port_count; i++) {
		spec_format_ports(&network->host_ports[i], text);
		json_string(json, NULL, text);
	}
	if (!network->host_port_count)
		json_string(
		    json, NULL, spec_host_access(spec) == HOST_ACCESS_NONE ? "none" : "all");
	json_end(json);
}

void key_clear_host_access(struct jail_spec *spec)
{
	spec->network.host_access = HOST_ACCESS_AUTO;
	spec->network.host_port_count = 0;
}

int key_parse_nat(struct jail_spec *spec, const char *value, struct err *err)
{
	bool nat = false;
	int r = parse_flag(value, &nat, err);

	if (r == 0)
		spec->network.nat_off = !nat;
	return r;
}

void key_print_nat(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, !spec->network.nat_off);
}

int key_parse_publish(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;

	if (strcmp(value, "none") == 0) {
		key_clear_publish(spec);
		return 0;
	}
	if (network->publish_count == SPEC_PUBLISH_MAX)
		return err_say(err, E2BIG, "there are more than %d ports", SPEC_PUBLISH_MAX);
	int r = parse_publish(value, &network->publish[network->publish_count], err);
	if (r < 0)
		return r;
	network->publish_count++;
	imply_mode(network);
	return 0;
}

void key_print_publish(const struct jail_spec *spec, const char *name, struct json *json)
{
	char text[SPEC_PUBLISH_TEXT_MAX];

	json_array(json, name);
	for (unsigned i = 0; i < spec->network.publish_count; i++) {
		spec_format_publish(&spec->network.publish[i], text);
		json_string(json, NULL, text);
	}
	json_end(json);
}

void key_clear_publish(struct jail_spec *spec)
{
	spec->network.publish_count = 0;
	imply_mode(&spec->network);
}

int key_parse_dns(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_network *network = &spec->network;

	if (strcmp(value, "host") == 0) {
		key_clear_dns(spec);
		return 0;
	}
	bool none = strcmp(value, "none") == 0;
	if (network->dns == DNS_NONE || (none && network->dns_count))
		return err_say(err, EINVAL, "none and a name server contradict each other");
	if (none) {
		network->dns = DNS_NONE;
		return 0;
	}
	if (network->dns_count == SPEC_DNS_MAX)
		return err_say(err, E2BIG, "there are more than %d name servers", SPEC_DNS_MAX);
	int r = parse_ip_address(value, &network->dns_servers[network->dns_count], err);
	if (r < 0)
		return r;
	network->dns_count++;
	network->dns = DNS_GIVEN;
	return 0;
}

void key_print_dns(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct spec_network *network = &spec->network;

	print_ips(json, name, network->dns == DNS_NONE ? "none" : "host", network->dns_servers,
	    network->dns_count);
}

void key_clear_dns(struct jail_spec *spec)
{
	spec->network.dns = DNS_HOST;
	spec->network.dns_count = 0;
}
