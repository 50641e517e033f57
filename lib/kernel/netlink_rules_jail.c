/* SPDX-License-Identifier: MIT */
/* The jail's own rules, for what it sends. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/kernel/host_names.h"
#include "lib/kernel/netlink_rules.h"
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

/* What is in one of the sets of a name. Where a name is of a metadata service, of the bridge or of
 * lo, whoever answers for it says so to open what it is not their business to. */
static void print_set_rule(
    FILE *out, const struct spec_egress *rule, unsigned number, char half, char family)
{
	const char *word = family == '4' ? "ip" : "ip6";
	char where[64];
	int used = 0;

	if (rule->allow)
		used = snprintf(where, sizeof(where), "%s daddr != @never_%c ", word, family);
	snprintf(where + used, sizeof(where) - (size_t)used, "%s daddr @" HOST_SET_FORMAT, word,
	    half, family, number);
	print_line(out, rule, where);
}

static void print_host_rule(
    FILE *out, const struct spec_egress *rule, const struct host_names *hosts)
{
	/* All names of the rules are in there, or there is none in the rules. */
	for (unsigned i = 0; hosts && i < hosts->count; i++) {
		if (strcmp(hosts->names[i], rule->host) != 0)
			continue;
		for (const char *family = HOST_SET_FAMILIES; *family; family++)
			for (const char *half = HOST_SET_HALVES; *half; half++)
				print_set_rule(out, rule, i, *half, *family);
	}
}

static void print_rule(FILE *out, const struct spec_egress *rule, const struct host_names *hosts)
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
	case EGRESS_HOST: print_host_rule(out, rule, hosts); break;
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

/* Those of its resolv.conf: wherever they are, they are to be asked. Where there are names in the
 * rules only who fills their sets may do so, and nobody is asked elsewhere. */
static void print_name_servers(FILE *out, const struct network_request *request)
{
	char text[SUBNET_TEXT_MAX], who[32] = "";

	if (request->hosts)
		snprintf(who, sizeof(who), " meta skuid %u", request->hosts->uid);
	for (unsigned i = 0; i < request->name_server_count; i++)
		fprintf(out,
		    "		%s daddr %s meta l4proto { tcp, udp } th dport 53%s accept\n",
		    family_word(&request->name_servers[i]),
		    subnet_print_ip(&request->name_servers[i], text), who);
	if (request->hosts)
		fputs("		meta l4proto { tcp, udp } th dport { 53, 853 } counter reject with "
		      "icmpx admin-prohibited\n",
		    out);
}

/* The halves of the sets of each name, empty. */
static void print_sets(FILE *out, const struct host_names *hosts)
{
	for (unsigned i = 0; i < hosts->count; i++)
		for (const char *family = HOST_SET_FAMILIES; *family; family++)
			for (const char *half = HOST_SET_HALVES; *half; half++)
				fprintf(out,
				    "	set " HOST_SET_FORMAT
				    " {\n		type ipv%c_addr\n		size "
				    "%d\n	}\n",
				    *half, *family, i, *family, HOST_SET_SIZE);
}

/* What is no single host's: loopback, multicast, broadcast, and what is of one link. */
#define NOBODY_V4 "0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/3"
#define NOBODY_V6 "::/127, fe80::/10, ff00::/8"

/* What no name can open. */
static void print_never(FILE *out, const struct bridge_addresses *bridge, int family)
{
	bool v4 = family == AF_INET;
	char text[SUBNET_TEXT_MAX];

	fprintf(out,
	    "	set never_%c {\n		type ipv%c_addr\n		flags interval\n"
	    "		auto-merge\n		elements = { %s",
	    v4 ? '4' : '6', v4 ? '4' : '6', v4 ? NOBODY_V4 : NOBODY_V6);
	for (size_t i = 0; rules_metadata[i]; i++)
		if (v4 == !strchr(rules_metadata[i], ':'))
			fprintf(out, ", %s", rules_metadata[i]);
	for (unsigned i = 0; i < bridge->count; i++)
		if (bridge->items[i].family == family)
			fprintf(out, ", %s", subnet_print_ip(&bridge->items[i], text));
	fputs(" }\n	}\n", out);
}

static void print_names(
    FILE *out, const struct host_names *hosts, const struct bridge_addresses *bridge)
{
	print_sets(out, hosts);
	print_never(out, bridge, AF_INET);
	print_never(out, bridge, AF_INET6);
}

static void print_loopback_of(
    FILE *out, const struct network_result *result, int family, const char *match)
{
	fprintf(out, "		oifname \"lo\" %s", match);
	(void)rules_print_own(out, result, family, ", ");
	fputs(" } accept\n", out);
}

/*
 * In the jail itself everything passes. But who looks names up believes what comes from a name
 * server's address and port: that nobody else sends from them, which with IPV6_FREEBIND takes no
 * right, and that the addresses it has itself are its own, though with SO_REUSEADDR others can bind
 * them too.
 */
static void print_loopback(
    FILE *out, const struct network_request *request, const struct network_result *result)
{
	if (!request->hosts) {
		fputs("		oifname \"lo\" accept\n", out);
		return;
	}
	fprintf(out,
	    "		oifname \"lo\" ip saddr " HOST_NAMES_OWN " meta skuid != %u drop\n"
	    "		oifname \"lo\" ip daddr " HOST_NAMES_INNER
	    " meta skuid != %u counter reject with icmpx admin-prohibited\n",
	    request->hosts->uid, request->hosts->uid);
	print_loopback_of(out, result, AF_INET, "ip saddr { 127.0.0.0/8");
	print_loopback_of(out, result, AF_INET6, "ip6 saddr { ::1");
	fputs("		oifname \"lo\" drop\n", out);
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
	fputs("table inet " RULES_TABLE " {\n", out);
	if (request->hosts)
		print_names(out, request->hosts, bridge);
	fputs("	chain egress {\n"
	      "		type filter hook output priority filter; policy drop;\n",
	    out);
	print_loopback(out, request, result);
	/* Reports of multicast have none until there is one. */
	rules_print_sources(out, result, "::, ");
	fputs("		tcp flags & (syn | ack) != syn accept\n"
	      "		icmp type { echo-reply, destination-unreachable } accept\n"
	      "		icmpv6 type { echo-reply, destination-unreachable, nd-neighbor-solicit, "
	      "nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept\n",
	    out);
	print_answers(out, request->network);
	print_name_servers(out, request);
	print_host(out, request, bridge);
	for (unsigned i = 0; i < request->egress_count; i++)
		print_rule(out, &request->egress[i], request->hosts);
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
