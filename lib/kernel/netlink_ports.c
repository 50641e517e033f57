/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_ports.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/cleanup.h"
#include "lib/base/str.h"
#include "lib/kernel/netlink_subnet.h"

/* One for each family: what a port is of, all the host's addresses or a single one, and where it
 * leads. */
enum port_key { KEY_ANY, KEY_AT, KEY_TO };
struct port_map {
	const char *name, *kind, *type, *use;
	int family;
	enum port_key key;
};

#define GONE "ct status dnat ct direction original meta l4proto { tcp, udp } "

static const struct port_map maps[] = {
	{ "at_v4", "map", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
	    "dnat ip to ip daddr . meta l4proto . th dport map @at_v4", AF_INET, KEY_AT },
	{ "at_v6", "map", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service",
	    "dnat ip6 to ip6 daddr . meta l4proto . th dport map @at_v6", AF_INET6, KEY_AT },
	{ "any_v4", "map", "inet_proto . inet_service : ipv4_addr . inet_service",
	    "dnat ip to meta l4proto . th dport map @any_v4", AF_INET, KEY_ANY },
	{ "any_v6", "map", "inet_proto . inet_service : ipv6_addr . inet_service",
	    "dnat ip6 to meta l4proto . th dport map @any_v6", AF_INET6, KEY_ANY },
	{ "to_v4", "set", "ipv4_addr . inet_proto . inet_service",
	    GONE "ip daddr . meta l4proto . th dport != @to_v4 drop", AF_INET, KEY_TO },
	{ "to_v6", "set", "ipv6_addr . inet_proto . inet_service",
	    GONE "ip6 daddr . meta l4proto . th dport != @to_v6 drop", AF_INET6, KEY_TO },
};

static bool is_of(const struct port_map *map, const struct network_published *port)
{
	enum port_key key = port->publish.host.family ? KEY_AT : KEY_ANY;

	return map->family == port->to.family && (map->key == KEY_TO || map->key == key);
}

static void print_element(
    FILE *out, const struct port_map *map, const struct network_published *port)
{
	const struct spec_publish *publish = &port->publish;
	const char *protocol = publish->protocol == IPPROTO_TCP ? "tcp" : "udp";
	char host[SUBNET_TEXT_MAX], to[SUBNET_TEXT_MAX];

	(void)subnet_print_ip(&port->to, to);
	fputs("	", out);
	if (map->key == KEY_TO) {
		fprintf(out, "%s . %s . %u,\n", to, protocol, publish->port);
		return;
	}
	if (map->key == KEY_AT)
		fprintf(out, "%s . ", subnet_print_ip(&publish->host, host));
	fprintf(out, "%s . %u : %s . %u,\n", protocol, publish->host_port, to, publish->port);
}

static void print_elements(
    FILE *out, const struct port_map *map, const struct network_published *ports, size_t count)
{
	bool any = false;

	fprintf(out, "flush %s inet " RULES_PORTS_TABLE " %s\n", map->kind, map->name);
	for (size_t i = 0; i < count; i++) {
		if (!is_of(map, &ports[i]))
			continue;
		if (!any)
			fprintf(out, "add element inet " RULES_PORTS_TABLE " %s {\n", map->name);
		any = true;
		print_element(out, map, &ports[i]);
	}
	fputs(any ? "}\n" : "", out);
}

static void print_uses(FILE *out, bool to)
{
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if ((maps[i].key == KEY_TO) == to)
			fprintf(out, "		%s\n", maps[i].use);
	fputs("	}\n", out);
}

/*
 * What has come by a port that is none any more goes nowhere: the table of connections remembers it
 * for as long as somebody sends, and who has the address by then has not published anything.
 *
 * Not on loopback, neither by its addresses nor from it: what a host's own client sends from
 * 127.0.0.1 would come to the jail from there, and no answer comes back to that. A link-local
 * address means nothing behind a router.
 */
static void print_chains(FILE *out)
{
	fputs("	chain prerouting {\n"
	      "		type nat hook prerouting priority dstnat; policy accept;\n"
	      "		iifname \"" NETWORK_BRIDGE_DEFAULT "\" return\n"
	      "		iifname \"" SPEC_BRIDGE_PREFIX "*\" return\n"
	      "		fib daddr type local jump published\n"
	      "	}\n"
	      "	chain output {\n"
	      "		type nat hook output priority -100; policy accept;\n"
	      "		fib daddr type local jump published\n"
	      "	}\n"
	      "	chain published {\n"
	      "		ip daddr 127.0.0.0/8 return\n"
	      "		ip6 daddr { ::1, fe80::/10 } return\n",
	    out);
	print_uses(out, false);
	fputs("	chain postrouting {\n"
	      "		type filter hook postrouting priority filter; policy accept;\n"
	      "		oifname \"" NETWORK_BRIDGE_DEFAULT "\" jump leading\n"
	      "		oifname \"" SPEC_BRIDGE_PREFIX "*\" jump leading\n"
	      "	}\n"
	      "	chain leading {\n",
	    out);
	print_uses(out, true);
}

int rules_of_ports(struct rules *ret)
{
	cleanup_free char *body = NULL;
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		fprintf(out, "	%s %s {\n		type %s\n	}\n", maps[i].kind,
		    maps[i].name, maps[i].type);
	print_chains(out);
	int r = str_stream_take(out, &made, &body);
	return r < 0 ? r : rules_of_table(RULES_PORTS_TABLE, body, ret);
}

int rules_of_elements(const struct network_published *ports, size_t count, char **ret)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		print_elements(out, &maps[i], ports, count);
	return str_stream_take(out, &made, ret);
}
