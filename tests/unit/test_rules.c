/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/netlink_ports.h"
#include "lib/kernel/netlink_rules.h"
#include "lib/kernel/netlink_subnet.h"

static struct bridge_addresses contain0(void)
{
	struct bridge_addresses bridge = {
		.name = "contain0", .hardware = { 2, 0xc0, 10, 97, 0, 1 }, .count = 2
	};

	assert_true(subnet_parse("10.97.0.1/16", &bridge.items[0]));
	assert_true(subnet_parse("fd97:c0a1::1/64", &bridge.items[1]));
	return bridge;
}

static void the_bridge_has_its_own_networks_translated(void **state)
{
	struct bridge_addresses bridge = contain0();
	cleanup_rules struct rules rules = RULES_INIT;

	(void)state;
	assert_int_equal(rules_of_bridge(&bridge, &rules), 0);
	assert_non_null(
	    strstr(rules.text, "ip saddr 10.97.0.0/16 oifname != \"contain0\" masquerade"));
	assert_non_null(
	    strstr(rules.text, "ip6 saddr fd97:c0a1::/64 oifname != \"contain0\" masquerade"));
	assert_non_null(strstr(rules.text, "ether daddr != 02:c0:0a:61:00:01 accept"));
	/* deleted in the transaction that makes it, and made before that */
	assert_int_equal(strncmp(rules.text,
			     "table inet contain\n"
			     "delete table inet contain\n"
			     "table inet contain {\n",
			     65),
	    0);
	assert_non_null(strstr(rules.text, rules.mark));
}

/* Each network has a table, so that one can go without the others. */
static void a_network_has_a_table_of_its_own(void **state)
{
	struct bridge_addresses bridge = contain0();
	cleanup_rules struct rules rules = RULES_INIT;

	(void)state;
	bridge.name = "ct-lab";
	assert_int_equal(rules_of_bridge(&bridge, &rules), 0);
	assert_int_equal(strncmp(rules.text,
			     "table inet contain-lab\n"
			     "delete table inet contain-lab\n"
			     "table inet contain-lab {\n",
			     77),
	    0);
	assert_null(strstr(rules.text, "contain0"));
	assert_non_null(strstr(rules.text, "oifname \"ct-lab\" drop"));
}

static void another_text_has_another_mark(void **state)
{
	struct bridge_addresses bridge = contain0();
	cleanup_rules struct rules one = RULES_INIT, same = RULES_INIT, other = RULES_INIT;

	(void)state;
	assert_int_equal(rules_of_bridge(&bridge, &one), 0);
	assert_int_equal(rules_of_bridge(&bridge, &same), 0);
	bridge.count = 1;
	assert_int_equal(rules_of_bridge(&bridge, &other), 0);
	assert_string_equal(one.mark, same.mark);
	assert_string_not_equal(one.mark, other.mark);
	/* an identifier of nft's: letters first */
	assert_int_equal(one.mark[0], 'v');
	assert_int_equal(strlen(one.mark), 17);
}

static void jail_is(const struct network_request *request, const char *expected)
{
	struct bridge_addresses bridge = contain0();
	cleanup_free char *text = NULL;

	struct network_result result = { .address_count = 0 };

	assert_int_equal(rules_of_jail(request, &bridge, &result, &text), 0);
	if (!expected)
		assert_null(text);
	else
		assert_string_equal(text, expected);
}

#define HEAD                                                                                       \
	"table inet contain {\n"                                                                   \
	"	chain egress {\n"                                                                        \
	"		type filter hook output priority filter; policy drop;\n"                                \
	"		oifname \"lo\" accept\n"                                                                \
	"		tcp flags & (syn | ack) != syn accept\n"                                                \
	"		icmp type { echo-reply, destination-unreachable } accept\n"                             \
	"		icmpv6 type { echo-reply, destination-unreachable, nd-neighbor-solicit, "               \
	"nd-neighbor-advert, nd-router-solicit, mld2-listener-report } accept\n"
#define OPEN_HOST                                                                                  \
	"		ip daddr 10.97.0.1 icmp type echo-request accept\n"                                     \
	"		ip daddr 10.97.0.1 accept\n"                                                            \
	"		ip6 daddr fd97:c0a1::1 icmpv6 type echo-request accept\n"                               \
	"		ip6 daddr fd97:c0a1::1 accept\n"
#define HOST_BY_RULES                                                                              \
	"		ip daddr 10.97.0.1 icmp type echo-request accept\n"                                     \
	"		ip6 daddr fd97:c0a1::1 icmpv6 type echo-request accept\n"
#define CLOSED_HOST                                                                                \
	"		ip daddr 10.97.0.1 icmp type echo-request accept\n"                                     \
	"		ip daddr 10.97.0.1 counter reject with icmpx admin-prohibited\n"                        \
	"		ip6 daddr fd97:c0a1::1 icmpv6 type echo-request accept\n"                               \
	"		ip6 daddr fd97:c0a1::1 counter reject with icmpx admin-prohibited\n"
#define REST_REFUSED                                                                               \
	"		counter reject with icmpx admin-prohibited\n"                                           \
	"	}\n"                                                                                     \
	"}\n"
#define REST_ACCEPTED                                                                              \
	"		accept\n"                                                                               \
	"	}\n"                                                                                     \
	"}\n"

static void what_is_open_has_no_rules(void **state)
{
	(void)state;
	jail_is(&(struct network_request){ .egress_count = 0 }, NULL);
	jail_is(&(struct network_request){ .host_access = HOST_ACCESS_ALL }, NULL);
}

static void a_closed_host_is_refused_first(void **state)
{
	const struct spec_egress any = { .allow = true, .target = EGRESS_ANY };

	(void)state;
	jail_is(&(struct network_request){ .host_access = HOST_ACCESS_NONE },
	    HEAD CLOSED_HOST REST_ACCEPTED);
	jail_is(
	    &(struct network_request){
		.host_access = HOST_ACCESS_NONE, .egress = &any, .egress_count = 1 },
	    HEAD CLOSED_HOST "		 counter accept\n" REST_REFUSED);
}

static void the_host_is_open_where_somebody_says_so(void **state)
{
	const struct spec_egress none = { .target = EGRESS_ANY };
	struct network_request request = { .egress = &none, .egress_count = 1 };
	const char *refused = "		 counter reject with icmpx admin-prohibited\n" REST_REFUSED;
	char expected[2048];

	(void)state;
	snprintf(expected, sizeof(expected), "%s%s", HEAD HOST_BY_RULES, refused);
	jail_is(&request, expected);
	request.host_access = HOST_ACCESS_ALL;
	snprintf(expected, sizeof(expected), "%s%s", HEAD OPEN_HOST, refused);
	jail_is(&request, expected);
}

static void listed_ports_of_the_host(void **state)
{
	const struct spec_network network = { .host_port_count = 2,
		.host_ports = { { 0, 443, 443 }, { IPPROTO_UDP, 60000, 61000 } } };
	const struct network_request request = { .network = &network,
		.host_access = HOST_ACCESS_PORTS };

	(void)state;
	jail_is(&request, HEAD
	    "		ip daddr 10.97.0.1 icmp type echo-request accept\n"
	    "		ip daddr 10.97.0.1 meta l4proto { tcp, udp } th dport 443 accept\n"
	    "		ip daddr 10.97.0.1 meta l4proto udp th dport 60000-61000 accept\n"
	    "		ip daddr 10.97.0.1 counter reject with icmpx admin-prohibited\n"
	    "		ip6 daddr fd97:c0a1::1 icmpv6 type echo-request accept\n"
	    "		ip6 daddr fd97:c0a1::1 meta l4proto { tcp, udp } th dport 443 accept\n"
	    "		ip6 daddr fd97:c0a1::1 meta l4proto udp th dport 60000-61000 accept\n"
	    "		ip6 daddr fd97:c0a1::1 counter reject with icmpx "
	    "admin-prohibited\n" REST_ACCEPTED);
}

static void rules_stand_in_their_order(void **state)
{
	struct spec_egress rules[] = {
		{ .target = EGRESS_SUBNET, .ports = { IPPROTO_TCP, 80, 90 } },
		{ .allow = true, .target = EGRESS_SUBNET, .ports = { 0, 53, 53 } },
		{ .target = EGRESS_ANY, .ports = { .protocol = IPPROTO_UDP } },
		{ .allow = true, .target = EGRESS_ANY },
	};
	struct network_request request = {
		.egress = rules, .egress_count = 4, .name_server_count = 1
	};

	(void)state;
	assert_true(subnet_parse("192.0.2.0/24", &rules[0].subnet));
	assert_true(subnet_parse("2001:db8::/32", &rules[1].subnet));
	assert_true(subnet_parse("192.168.1.53/32", &request.name_servers[0]));
	jail_is(&request, HEAD
	    "		ip daddr 192.168.1.53 meta l4proto { tcp, udp } th dport 53 "
	    "accept\n" HOST_BY_RULES
	    "		ip daddr 192.0.2.0/24 meta l4proto tcp th dport 80-90 counter "
	    "reject with icmpx admin-prohibited\n"
	    "		ip6 daddr 2001:db8::/32 meta l4proto { tcp, udp } th dport 53 counter "
	    "accept\n"
	    "		 meta l4proto udp counter reject with icmpx admin-prohibited\n"
	    "		 counter accept\n" REST_REFUSED);
}

static void an_answer_from_a_published_port_of_udp(void **state)
{
	const struct spec_egress none = { .allow = false, .target = EGRESS_ANY };
	const struct spec_network network = { .publish_count = 2,
		.publish = { { .protocol = IPPROTO_TCP, .host_port = 8080, .port = 80 },
		    { .protocol = IPPROTO_UDP, .host_port = 5353, .port = 53 } } };
	const struct network_request request = {
		.network = &network, .egress = &none, .egress_count = 1
	};

	(void)state;
	jail_is(&request,
	    HEAD "		udp sport 53 ct state established accept\n" HOST_BY_RULES
		 "		 counter reject with icmpx admin-prohibited\n" REST_REFUSED);
}

static void what_a_port_lets_through(void **state)
{
	struct network_result result = { .address_count = 2, .host_interface = "ct7" };
	cleanup_free char *both = NULL, *v4 = NULL;

	(void)state;
	assert_true(subnet_parse("10.97.0.5/16", &result.addresses[0]));
	assert_true(subnet_parse("fd97:c0a1::5/64", &result.addresses[1]));
	assert_int_equal(rules_of_port(&result, &both), 0);
	assert_string_equal(both,
	    "table netdev contain {\n"
	    "	chain ct7 {\n"
	    "		type filter hook ingress device \"ct7\" priority filter; policy drop;\n"
	    "		ether type { 0x8100, 0x88a8 } drop\n"
	    "		ip saddr != { 10.97.0.5 } drop\n"
	    "		ip6 saddr != { fd97:c0a1::5 } drop\n"
	    "		arp saddr ip { 10.97.0.5 } accept\n"
	    "		meta l4proto ipv6-icmp @th,0,8 136 @th,64,128 "
	    "0xfd97c0a1000000000000000000000005 accept\n"
	    "		meta l4proto ipv6-icmp @th,0,8 { 134, 136, 137 } drop\n"
	    "		icmp type { redirect, router-advertisement } drop\n"
	    "		udp sport { 67, 547 } drop\n"
	    "		ip saddr { 10.97.0.5 } accept\n"
	    "		ip6 saddr { fd97:c0a1::5 } accept\n"
	    "	}\n"
	    "}\n");
	result.address_count = 1;
	assert_int_equal(rules_of_port(&result, &v4), 0);
	assert_null(strstr(v4, "ip6 saddr"));
}

static void a_jail_sends_from_its_own_addresses(void **state)
{
	struct network_result result = { .address_count = 3 };
	const struct network_request request = { .host_access = HOST_ACCESS_NONE };
	struct bridge_addresses bridge = contain0();
	cleanup_free char *text = NULL;

	(void)state;
	assert_true(subnet_parse("10.97.0.5/16", &result.addresses[0]));
	assert_true(subnet_parse("fd97:c0a1::5/64", &result.addresses[1]));
	assert_true(subnet_parse("10.97.0.6/16", &result.addresses[2]));
	assert_int_equal(rules_of_jail(&request, &bridge, &result, &text), 0);
	assert_non_null(strstr(text, "		oifname \"lo\" accept\n"
				     "		ip saddr != { 10.97.0.5, 10.97.0.6 } drop\n"
				     "		ip6 saddr != { ::, fd97:c0a1::5 } drop\n"));
}

/* Four sets for each name, what no name opens, who may send as whom on lo, who asks the name
 * servers, and then the rules. */
static void names_of_hosts(void **state)
{
	char name[] = "*.example.org", other[] = "example.net";
	const struct spec_egress rules[] = { { .target = EGRESS_HOST, .host = other },
		{ .allow = true, .target = EGRESS_HOST, .host = name, .ports = { 0, 443, 443 } } };
	const struct host_names hosts = {
		.names = { "*.example.org", "example.net" }, .count = 2, .uid = 77
	};
	struct network_request request = { .egress = rules,
		.egress_count = 2,
		.hosts = &hosts,
		.host_access = HOST_ACCESS_ALL,
		.name_server_count = 1 };
	struct network_result result = { .address_count = 1 };
	struct bridge_addresses bridge = contain0();
	cleanup_free char *text = NULL;

	(void)state;
	assert_true(subnet_parse("192.168.1.53/32", &request.name_servers[0]));
	assert_true(subnet_parse("fd97:c0a1::5/64", &result.addresses[0]));
	assert_int_equal(rules_of_jail(&request, &bridge, &result, &text), 0);
	assert_non_null(strstr(text,
	    "table inet contain {\n"
	    "	set a4_0 {\n		type ipv4_addr\n		size 4096\n	}\n"
	    "	set b4_0 {\n		type ipv4_addr\n		size 4096\n	}\n"
	    "	set a6_0 {\n		type ipv6_addr\n		size 4096\n	}\n"));
	assert_non_null(strstr(text, "	set b6_1 {\n"));
	assert_null(strstr(text, "a4_2"));
	assert_non_null(strstr(text,
	    "	set never_4 {\n		type ipv4_addr\n		flags interval\n"
	    "		auto-merge\n"
	    "		elements = { 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/3, 168.63.129.16/32, "
	    "100.100.100.200/32, "
	    "169.254.0.0/16, 192.0.0.192/32, 10.97.0.1 }\n	}\n"
	    "	set never_6 {\n		type ipv6_addr\n		flags interval\n"
	    "		auto-merge\n"
	    "		elements = { ::/127, fe80::/10, ff00::/8, fd00:ec2::/32, fd20:ce::254/128, "
	    "fd97:c0a1::1 }\n	}\n"
	    "	chain egress {\n"
	    "		type filter hook output priority filter; policy drop;\n"
	    "		oifname \"lo\" ip saddr 127.0.0.97-127.0.0.99 meta skuid != 77 drop\n"
	    "		oifname \"lo\" ip daddr 127.0.0.98-127.0.0.99 meta skuid != 77 counter "
	    "reject with icmpx admin-prohibited\n"
	    "		oifname \"lo\" ip saddr { 127.0.0.0/8 } accept\n"
	    "		oifname \"lo\" ip6 saddr { ::1, fd97:c0a1::5 } accept\n"
	    "		oifname \"lo\" drop\n"
	    "		ip6 saddr != { ::, fd97:c0a1::5 } drop\n"));
	assert_non_null(strstr(text,
	    "		ip daddr 192.168.1.53 meta l4proto { tcp, udp } th dport 53 meta skuid 77 "
	    "accept\n"
	    "		meta l4proto { tcp, udp } th dport { 53, 853 } counter reject with icmpx "
	    "admin-prohibited\n" OPEN_HOST
	    "		ip daddr @a4_1 counter reject with icmpx admin-prohibited\n"
	    "		ip daddr @b4_1 counter reject with icmpx admin-prohibited\n"
	    "		ip6 daddr @a6_1 counter reject with icmpx admin-prohibited\n"
	    "		ip6 daddr @b6_1 counter reject with icmpx admin-prohibited\n"
	    "		ip daddr != @never_4 ip daddr @a4_0 meta l4proto { tcp, udp } th dport 443 "
	    "counter accept\n"
	    "		ip daddr != @never_4 ip daddr @b4_0 meta l4proto { tcp, udp } th dport 443 "
	    "counter accept\n"
	    "		ip6 daddr != @never_6 ip6 daddr @a6_0 meta l4proto { tcp, udp } th dport "
	    "443 "
	    "counter accept\n"
	    "		ip6 daddr != @never_6 ip6 daddr @b6_0 meta l4proto { tcp, udp } th dport "
	    "443 "
	    "counter accept\n" REST_REFUSED));
}

static void published(struct network_published *port, int protocol, const char *host,
    uint16_t host_port, const char *to, uint16_t jail_port)
{
	*port = (struct network_published){ .publish = { .protocol = (uint8_t)protocol,
						.host_port = host_port,
						.port = jail_port } };
	assert_true(!host || subnet_parse(host, &port->publish.host));
	assert_true(subnet_parse(to, &port->to));
}

static void ports_are_elements_of_the_map_of_their_kind(void **state)
{
	struct network_published ports[5];
	cleanup_free char *text = NULL;

	(void)state;
	published(&ports[0], IPPROTO_TCP, NULL, 8080, "10.97.0.5/16", 80);
	published(&ports[1], IPPROTO_UDP, NULL, 5353, "10.97.0.6/16", 53);
	published(&ports[2], IPPROTO_TCP, NULL, 8080, "fd97:c0a1::5/64", 80);
	published(&ports[3], IPPROTO_TCP, "192.0.2.1/32", 81, "10.97.0.5/16", 82);
	published(&ports[4], IPPROTO_TCP, "2001:db8::1/128", 83, "fd97:c0a1::5/64", 84);
	assert_int_equal(rules_of_elements(ports, 5, &text), 0);
	assert_string_equal(text, "flush map inet contain_ports at_v4\n"
				  "add element inet contain_ports at_v4 {\n"
				  "	192.0.2.1 . tcp . 81 : 10.97.0.5 . 82,\n"
				  "}\n"
				  "flush map inet contain_ports at_v6\n"
				  "add element inet contain_ports at_v6 {\n"
				  "	2001:db8::1 . tcp . 83 : fd97:c0a1::5 . 84,\n"
				  "}\n"
				  "flush map inet contain_ports any_v4\n"
				  "add element inet contain_ports any_v4 {\n"
				  "	tcp . 8080 : 10.97.0.5 . 80,\n"
				  "	udp . 5353 : 10.97.0.6 . 53,\n"
				  "}\n"
				  "flush map inet contain_ports any_v6\n"
				  "add element inet contain_ports any_v6 {\n"
				  "	tcp . 8080 : fd97:c0a1::5 . 80,\n"
				  "}\n"
				  "flush set inet contain_ports to_v4\n"
				  "add element inet contain_ports to_v4 {\n"
				  "	10.97.0.5 . tcp . 80,\n"
				  "	10.97.0.6 . udp . 53,\n"
				  "	10.97.0.5 . tcp . 82,\n"
				  "}\n"
				  "flush set inet contain_ports to_v6\n"
				  "add element inet contain_ports to_v6 {\n"
				  "	fd97:c0a1::5 . tcp . 80,\n"
				  "	fd97:c0a1::5 . tcp . 84,\n"
				  "}\n");
}

static void without_ports_the_maps_are_empty(void **state)
{
	cleanup_rules struct rules rules = RULES_INIT;
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(rules_of_elements(NULL, 0, &text), 0);
	assert_null(strstr(text, "add element"));
	/* what came by one that is gone is looked at all the same */
	assert_int_equal(rules_of_ports(&rules), 0);
	assert_non_null(strstr(rules.text, rules.mark));
	assert_non_null(strstr(rules.text, "ip daddr . meta l4proto . th dport != @to_v4 drop"));
	assert_non_null(strstr(rules.text, "ip6 daddr . meta l4proto . th dport != @to_v6 drop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bridge_has_its_own_networks_translated),
		cmocka_unit_test(a_network_has_a_table_of_its_own),
		cmocka_unit_test(another_text_has_another_mark),
		cmocka_unit_test(what_is_open_has_no_rules),
		cmocka_unit_test(a_closed_host_is_refused_first),
		cmocka_unit_test(the_host_is_open_where_somebody_says_so),
		cmocka_unit_test(listed_ports_of_the_host),
		cmocka_unit_test(rules_stand_in_their_order),
		cmocka_unit_test(an_answer_from_a_published_port_of_udp),
		cmocka_unit_test(what_a_port_lets_through),
		cmocka_unit_test(a_jail_sends_from_its_own_addresses),
		cmocka_unit_test(names_of_hosts),
		cmocka_unit_test(ports_are_elements_of_the_map_of_their_kind),
		cmocka_unit_test(without_ports_the_maps_are_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
