/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_rules.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"
#include "lib/base/str.h"
#include "lib/kernel/netlink_subnet.h"

/* Not the internet's: RFC 6890 and what it lists, of which the networks for documentation are left
 * out, multicast, and what is reserved. */
#define PRIVATE_V4                                                                                 \
	"0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, "       \
	"192.0.0.0/24, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3"

/* What is: RFC 4291, without those that stand for an IPv4 address (RFC 4380, RFC 3056). */
#define INTERNET_V6 "ip6 daddr 2000::/3 ip6 daddr != { 2001::/32, 2002::/16 }"
#define PRIVATE_V6  "::/3, 2001::/32, 2002::/16, 4000::/2, 8000::/1"

/* Where clouds tell a machine who it is, and its secrets: Azure's, Alibaba's, everybody's,
 * Oracle's, AWS's and Google's. The first one is in no private network. */
#define METADATA_PUBLIC_V4 "168.63.129.16/32"
const char *const rules_metadata[] = { METADATA_PUBLIC_V4, "100.100.100.200/32", "169.254.0.0/16",
	"192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128", NULL };

static const char *family_word(const struct spec_address *address)
{
	return address->family == AF_INET ? "ip" : "ip6";
}

/* ---- the host's ---- */

static void print_translation(FILE *out, const struct bridge_addresses *bridge)
{
	char text[SUBNET_TEXT_MAX];

	fputs("	chain postrouting {\n"
	      "		type nat hook postrouting priority srcnat; policy accept;\n",
	    out);
	for (unsigned i = 0; i < bridge->count; i++) {
		struct spec_address subnet = subnet_network(&bridge->items[i]);
		fprintf(out, "		%s saddr %s oifname != \"%s\" masquerade\n",
		    family_word(&subnet), subnet_print(&subnet, text), bridge->name);
	}
	fputs("	}\n", out);
}

/*
 * Only from addresses of the bridge's networks; to it, only answers and what was sent to a
 * published port (netlink_ports.h). With br_netfilter, what one jail sends to another comes by here
 * too, though it is only bridged: it is not addressed to the bridge. What is, and would go back,
 * has been sent here to get round the isolation of the ports.
 */
static void print_forward(FILE *out, const struct bridge_addresses *bridge)
{
	const uint8_t *own = bridge->hardware;
	char text[SUBNET_TEXT_MAX];

	fprintf(out,
	    "	chain forward {\n"
	    "		type filter hook forward priority filter; policy accept;\n"
	    "		iifname \"%s\" oifname \"%s\" ether daddr != "
	    "%02x:%02x:%02x:%02x:%02x:%02x accept\n"
	    "		oifname \"%s\" ct state established,related accept\n"
	    "		oifname \"%s\" ct status dnat accept\n"
	    "		oifname \"%s\" drop\n"
	    "		iifname \"%s\" jump leaving\n"
	    "	}\n"
	    "	chain leaving {\n",
	    bridge->name, bridge->name, own[0], own[1], own[2], own[3], own[4], own[5],
	    bridge->name, bridge->name, bridge->name, bridge->name);
	for (unsigned i = 0; i < bridge->count; i++) {
		struct spec_address subnet = subnet_network(&bridge->items[i]);
		fprintf(out, "		%s saddr %s accept\n", family_word(&subnet),
		    subnet_print(&subnet, text));
	}
	fputs("		drop\n	}\n", out);
}

void rules_done(struct rules *rules)
{
	free(rules->text);
	rules->text = NULL;
}

int rules_of_table(const char *table, const char *body, struct rules *ret)
{
	snprintf(ret->mark, sizeof(ret->mark), "v%016" PRIx64, hash_text(body));
	if (asprintf(&ret->text,
		"table inet %s\n"
		"delete table inet %s\n"
		"table inet %s {\n"
		"	chain %s {\n	}\n"
		"%s}\n",
		table, table, table, ret->mark, body) >= 0)
		return 0;
	ret->text = NULL;
	return -ENOMEM;
}

void rules_table_of(const char *bridge, char table[static RULES_TABLE_NAME_MAX])
{
	const size_t length = sizeof(SPEC_BRIDGE_PREFIX) - 1;
	bool named = strncmp(bridge, SPEC_BRIDGE_PREFIX, length) == 0;

	snprintf(table, RULES_TABLE_NAME_MAX, "%s%s%s", RULES_TABLE, named ? "-" : "",
	    named ? bridge + length : "");
}

int rules_of_bridge(const struct bridge_addresses *bridge, struct rules *ret)
{
	char table[RULES_TABLE_NAME_MAX];
	cleanup_free char *body = NULL;
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	print_translation(out, bridge);
	print_forward(out, bridge);
	int r = str_stream_take(out, &made, &body);
	rules_table_of(bridge->name, table);
	return r < 0 ? r : rules_of_table(table, body, ret);
}

/* By the hardware address, ADDRESS_CLOSED or ADDRESS_LISTED of either family, which the port of the
 * bridge has checked. Which ports are listed the jail's own rules know, and they know no other
 * address of the host's than those of the bridge. */
int rules_of_guard(struct rules *ret)
{
	char body[1024];

	snprintf(body, sizeof(body),
	    "	chain input {\n"
	    "		type filter hook input priority filter; policy accept;\n"
	    "		meta iifkind \"bridge\" ether saddr & fb:ff:00:00:00:00 == "
	    "02:%02x:00:00:00:00 jump closed\n"
	    "		meta iifkind \"bridge\" ether saddr & fb:ff:00:00:00:00 == "
	    "02:%02x:00:00:00:00 fib daddr . iif type != local jump closed\n"
	    "	}\n"
	    "	chain closed {\n"
	    "		ct state established,related accept\n"
	    "		icmp type echo-request accept\n"
	    "		icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } "
	    "accept\n"
	    "		reject with icmpx admin-prohibited\n"
	    "	}\n",
	    ADDRESS_CLOSED, ADDRESS_LISTED);
	return rules_of_table(RULES_GUARD_TABLE, body, ret);
}

/* ---- one port's ---- */

/* "ip saddr { 10.97.0.5, 10.97.0.6 }": those of one family; nothing and false where there are none.
 */
static bool print_own(FILE *out, const struct network_result *result, int family, const char *match)
{
	char text[SUBNET_TEXT_MAX];
	bool any = false;

	for (unsigned i = 0; i < result->address_count; i++) {
		if (result->addresses[i].family != family)
			continue;
		fprintf(
		    out, "%s%s", any ? ", " : match, subnet_print_ip(&result->addresses[i], text));
		any = true;
	}
	return any;
}

/* What is from none of its addresses, nor from `but`, goes nowhere. */
static void print_sources(FILE *out, const struct network_result *result, const char *but)
{
	char match[64];

	if (print_own(out, result, AF_INET, "		ip saddr != { "))
		fputs(" } drop\n", out);
	snprintf(match, sizeof(match), "		ip6 saddr != { %s", but);
	if (print_own(out, result, AF_INET6, match))
		fputs(" } drop\n", out);
}

/* A neighbour advertisement (136) is of whom it names, 8 bytes into it: RFC 4861, 4.4. */
static void print_advertisements(FILE *out, const struct network_result *result)
{
	for (unsigned i = 0; i < result->address_count; i++) {
		const uint8_t *ip = result->addresses[i].ip.v6.s6_addr;
		if (result->addresses[i].family != AF_INET6)
			continue;
		fputs("		meta l4proto ipv6-icmp @th,0,8 136 @th,64,128 0x", out);
		for (unsigned byte = 0; byte < 16; byte++)
			fprintf(out, "%02x", ip[byte]);
		fputs(" accept\n", out);
	}
}

/* What only routers say, 134 and 137, and DHCP servers. What is left is from the jail's own
 * addresses. */
static void print_port(FILE *out, const struct network_result *result)
{
	print_sources(out, result, "");
	if (print_own(out, result, AF_INET, "		arp saddr ip { "))
		fputs(" } accept\n", out);
	print_advertisements(out, result);
	fputs("		meta l4proto ipv6-icmp @th,0,8 { 134, 136, 137 } drop\n"
	      "		icmp type { redirect, router-advertisement } drop\n"
	      "		udp sport { 67, 547 } drop\n",
	    out);
	if (print_own(out, result, AF_INET, "		ip saddr { "))
		fputs(" } accept\n", out);
	if (print_own(out, result, AF_INET6, "		ip6 saddr { "))
		fputs(" } accept\n", out);
}

/* With a tag of a VLAN (IEEE 802.1Q, 802.1ad) a packet looks to the other rules as without. */
int rules_of_port(const struct network_result *result, char **ret)
{
	const char *port = result->host_interface;
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	fprintf(out,
	    "table netdev " RULES_TABLE " {\n"
	    "	chain %s {\n"
	    "		type filter hook ingress device \"%s\" priority filter; policy drop;\n"
	    "		ether type { 0x8100, 0x88a8 } drop\n",
	    port, port);
	print_port(out, result);
	fputs("	}\n}\n", out);
	return str_stream_take(out, &made, ret);
}

/* ---- the jail's ---- */

static void print_ports(FILE *out, const struct spec_ports *ports)
{
	const char *protocol = ports->protocol == IPPROTO_TCP	? "tcp"
			       : ports->protocol == IPPROTO_UDP ? "udp"
								: "{ tcp, udp }";

	if (ports->protocol || ports->first)
		fprintf(out, " meta l4proto %s", protocol);
	if (ports->first && ports->first == ports->last)
		fprintf(out, " th dport %u", ports->first);
	else if (ports->first)
		fprintf(out, " th dport %u-%u", ports->first, ports->last);
}

/* One line for one family of addresses; `where` is a match, or "" for all. */
static void print_line(FILE *out, const struct spec_egress *rule, const char *where)
{
	fprintf(out, "		%s", where);
	print_ports(out, &rule->ports);
	fprintf(
	    out, " counter %s\n", rule->allow ? "accept" : "reject with icmpx admin-prohibited");
}

static void print_rule(FILE *out, const struct spec_egress *rule)
{
	char text[SUBNET_TEXT_MAX], where[SUBNET_TEXT_MAX + 16];

	switch (rule->target) {
	case EGRESS_ANY: print_line(out, rule, ""); break;
	case EGRESS_INTERNET:
		print_line(out, rule, "ip daddr != { " PRIVATE_V4 ", " METADATA_PUBLIC_V4 " }");
		print_line(out, rule, INTERNET_V6);
		break;
	case EGRESS_PRIVATE:
		print_line(out, rule, "ip daddr { " PRIVATE_V4 " }");
		print_line(out, rule, "ip6 daddr { " PRIVATE_V6 " }");
		break;
	case EGRESS_METADATA:
		for (size_t i = 0; rules_metadata[i]; i++) {
			snprintf(where, sizeof(where), "%s daddr %s",
			    strchr(rules_metadata[i], ':') ? "ip6" : "ip", rules_metadata[i]);
			print_line(out, rule, where);
		}
		break;
	case EGRESS_SUBNET:
		snprintf(where, sizeof(where), "%s daddr %s", family_word(&rule->subnet),
		    subnet_print(&rule->subnet, text));
		print_line(out, rule, where);
		break;
	}
}

static void print_host_ports(
    FILE *out, const struct spec_network *network, const struct spec_address *host)
{
	char text[SUBNET_TEXT_MAX];

	(void)subnet_print_ip(host, text);
	for (unsigned i = 0; i < network->host_port_count; i++) {
		fprintf(out, "		%s daddr %s", family_word(host), text);
		print_ports(out, &network->host_ports[i]);
		fputs(" accept\n", out);
	}
}

/* The bridge's own addresses: pings are answered in any case, and the rest is left to the rules
 * where nobody has said so. */
static void print_host(
    FILE *out, const struct network_request *request, const struct bridge_addresses *bridge)
{
	const char *verdict = network_closes_host(request)
				  ? "counter reject with icmpx admin-prohibited"
			      : request->host_access == HOST_ACCESS_ALL ? "accept"
									: NULL;
	char text[SUBNET_TEXT_MAX];

	for (unsigned i = 0; i < bridge->count; i++) {
		const struct spec_address *host = &bridge->items[i];
		fprintf(out, "		%s daddr %s %s type echo-request accept\n",
		    family_word(host), subnet_print_ip(host, text),
		    host->family == AF_INET ? "icmp" : "icmpv6");
		if (request->host_access == HOST_ACCESS_PORTS)
			print_host_ports(out, request->network, host);
		if (!verdict)
			continue;
		fprintf(out, "		%s daddr %s %s\n", family_word(host), text, verdict);
	}
}

/* Those of its resolv.conf: wherever they are, they are to be asked. */
static void print_name_servers(FILE *out, const struct network_request *request)
{
	char text[SUBNET_TEXT_MAX];

	for (unsigned i = 0; i < request->name_server_count; i++)
		fprintf(out, "		%s daddr %s meta l4proto { tcp, udp } th dport 53 accept\n",
		    family_word(&request->name_servers[i]),
		    subnet_print_ip(&request->name_servers[i], text));
}

/* What is sent from a published port of UDP, to who has asked there: this needs a table of
 * connections, which a jail without such a port does not have. */
static void print_answers(FILE *out, const struct spec_network *network)
{
	for (unsigned i = 0; network && i < network->publish_count; i++)
		if (network->publish[i].protocol == IPPROTO_UDP)
			fprintf(out, "		udp sport %u ct state established accept\n",
			    network->publish[i].port);
}

static int print_jail(const struct network_request *request, const struct bridge_addresses *bridge,
    const struct network_result *result, char **ret)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	fputs("table inet " RULES_TABLE " {\n"
	      "	chain egress {\n"
	      "		type filter hook output priority filter; policy drop;\n"
	      "		oifname \"lo\" accept\n",
	    out);
	/* Reports of multicast have none until there is one. */
	print_sources(out, result, "::, ");
	fputs("		tcp flags & (syn | ack) != syn accept\n"
	      "		icmp type { echo-reply, destination-unreachable } accept\n"
	      "		icmpv6 type { echo-reply, destination-unreachable, nd-neighbor-solicit, "
	      "nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept\n",
	    out);
	print_answers(out, request->network);
	print_name_servers(out, request);
	print_host(out, request, bridge);
	for (unsigned i = 0; i < request->egress_count; i++)
		print_rule(out, &request->egress[i]);
	fprintf(out, "		%s\n	}\n}\n",
	    request->egress_count ? "counter reject with icmpx admin-prohibited" : "accept");
	return str_stream_take(out, &made, ret);
}

int rules_of_jail(const struct network_request *request, const struct bridge_addresses *bridge,
    const struct network_result *result, char **ret)
{
	*ret = NULL;
	return network_closes_host(request) || request->egress_count
		   ? print_jail(request, bridge, result, ret)
		   : 0;
}
