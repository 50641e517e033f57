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
	rules_print_sources(out, result, "");
	if (rules_print_own(out, result, AF_INET, "		arp saddr ip { "))
		fputs(" } accept\n", out);
	print_advertisements(out, result);
	fputs("		meta l4proto ipv6-icmp @th,0,8 { 134, 136, 137 } drop\n"
	      "		icmp type { redirect, router-advertisement } drop\n"
	      "		udp sport { 67, 547 } drop\n",
	    out);
	if (rules_print_own(out, result, AF_INET, "		ip saddr { "))
		fputs(" } accept\n", out);
	if (rules_print_own(out, result, AF_INET6, "		ip6 saddr { "))
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
