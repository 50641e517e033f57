/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_ports.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/str.h"
#include "lib/kernel/netlink_subnet.h"

/* One for each family, and for ports of all the host's addresses or of a single one. */
struct port_map {
	const char *name, *type, *lookup;
	int family;
	bool at; /* a single one */
};

static const struct port_map maps[] = {
	{ "at_v4", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
	    "dnat ip to ip daddr . meta l4proto . th dport map @at_v4", AF_INET, true },
	{ "at_v6", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service",
	    "dnat ip6 to ip6 daddr . meta l4proto . th dport map @at_v6", AF_INET6, true },
	{ "any_v4", "inet_proto . inet_service : ipv4_addr . inet_service",
	    "dnat ip to meta l4proto . th dport map @any_v4", AF_INET, false },
	{ "any_v6", "inet_proto . inet_service : ipv6_addr . inet_service",
	    "dnat ip6 to meta l4proto . th dport map @any_v6", AF_INET6, false },
};

static bool is_of(const struct port_map *map, const struct network_published *port)
{
	return map->family == port->to.family && map->at == (port->publish.host.family != 0);
}

static void print_element(FILE *out, const struct network_published *port)
{
	const struct spec_publish *publish = &port->publish;
	char text[SUBNET_TEXT_MAX];

	fputs("			", out);
	if (publish->host.family)
		fprintf(out, "%s . ", subnet_print_ip(&publish->host, text));
	fprintf(out, "%s . %u : %s . %u,\n", publish->protocol == IPPROTO_TCP ? "tcp" : "udp",
	    publish->host_port, subnet_print_ip(&port->to, text), publish->port);
}

static void print_map(
    FILE *out, const struct port_map *map, const struct network_published *ports, size_t count)
{
	bool any = false;

	fprintf(out, "	map %s {\n		type %s\n", map->name, map->type);
	for (size_t i = 0; i < count; i++) {
		if (!is_of(map, &ports[i]))
			continue;
		if (!any)
			fputs("		elements = {\n", out);
		any = true;
		print_element(out, &ports[i]);
	}
	fprintf(out, "%s	}\n", any ? "		}\n" : "");
}

/*
 * Not on loopback, neither by its addresses nor from it: what a host's own client sends from
 * 127.0.0.1 would come to the jail from there, and no answer comes back to that. A link-local
 * address means nothing behind a router.
 */
static void print_chains(FILE *out)
{
	fputs("	chain prerouting {\n"
	      "		type nat hook prerouting priority dstnat; policy accept;\n"
	      "		iifname != \"" NETWORK_BRIDGE_DEFAULT
	      "\" fib daddr type local jump published\n"
	      "	}\n"
	      "	chain output {\n"
	      "		type nat hook output priority -100; policy accept;\n"
	      "		fib daddr type local jump published\n"
	      "	}\n"
	      "	chain published {\n"
	      "		ip daddr 127.0.0.0/8 return\n"
	      "		ip6 daddr { ::1, fe80::/10 } return\n",
	    out);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		fprintf(out, "		%s\n", maps[i].lookup);
	fputs("	}\n", out);
}

/* The table is deleted in the same transaction, and made before, so that there is one to delete. */
int rules_of_ports(const struct network_published *ports, size_t count, char **ret)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	fputs("table inet " RULES_PORTS_TABLE "\n"
	      "delete table inet " RULES_PORTS_TABLE "\n",
	    out);
	if (count) {
		fputs("table inet " RULES_PORTS_TABLE " {\n", out);
		for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
			print_map(out, &maps[i], ports, count);
		print_chains(out);
		fputs("}\n", out);
	}
	return str_stream_take(out, &made, ret);
}
