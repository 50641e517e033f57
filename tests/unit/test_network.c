/* SPDX-License-Identifier: MIT */
/* Which addresses a jail gets: arithmetic, refusals and leases, without a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/kernel/netlink_address.h"
#include "lib/kernel/netlink_subnet.h"

static struct spec_address ip(const char *text)
{
	struct spec_address address;

	if (!subnet_parse(text, &address))
		fail_msg("the test's own address %s does not parse", text);
	return address;
}

static void prints_what_it_parses(void **state)
{
	static const char *const good[] = { "10.97.0.1/16", "0.0.0.0/0", "255.255.255.255/32",
		"fd97:c0a1::1/64", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" };
	static const char *const bad[] = { "10.97.0.1", "10.97.0.1/33", "10.97.0.1/", "/16",
		"10.97.0/16", "fd00::1/129", "fd00::g/64", "", "/", "10.97.0.1/1x",
		"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255:ffff:ffff:ffff/1" };
	char text[SUBNET_TEXT_MAX];
	struct spec_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		address = ip(good[i]);
		assert_string_equal(subnet_print(&address, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (subnet_parse(bad[i], &address))
			fail_msg("%s was taken for an address", bad[i]);
}

static void knows_what_lies_in_a_subnet(void **state)
{
	static const struct {
		const char *subnet, *address;
		bool inside;
	} cases[] = {
		{ "10.97.0.1/16", "10.97.255.255/32", true },
		{ "10.97.0.1/16", "10.98.0.0/16", false },
		{ "192.168.2.1/25", "192.168.2.127/24", true },
		{ "192.168.2.1/25", "192.168.2.128/24", false },
		{ "192.168.2.129/25", "192.168.2.127/24", false },
		{ "10.0.0.1/0", "255.1.2.3/8", true },
		{ "10.0.0.1/32", "10.0.0.1/8", true },
		{ "10.0.0.1/32", "10.0.0.2/8", false },
		{ "fd97:c0a1::1/64", "fd97:c0a1::ffff:ffff:ffff:ffff/64", true },
		{ "fd97:c0a1::1/64", "fd97:c0a1:0:1::/64", false },
		{ "fd00::1/61", "fd00:0:0:7::1/64", true },
		{ "fd00::1/61", "fd00:0:0:8::1/64", false },
		{ "::1/0", "10.0.0.1/8", false },
		{ "0.0.0.0/0", "::1/0", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_address subnet = ip(cases[i].subnet), address = ip(cases[i].address);
		if (subnet_contains(&subnet, &address) != cases[i].inside)
			fail_msg(
			    "%s in %s: not %d", cases[i].address, cases[i].subnet, cases[i].inside);
	}
}

static void knows_reserved_addresses(void **state)
{
	static const struct {
		const char *subnet, *address;
		bool network, broadcast;
	} cases[] = {
		{ "10.97.0.1/16", "10.97.0.0/16", true, false },
		{ "10.97.0.1/16", "10.97.255.255/16", false, true },
		{ "10.97.0.1/16", "10.97.1.0/16", false, false },
		{ "10.97.0.1/16", "10.97.0.255/16", false, false },
		{ "192.168.2.1/30", "192.168.2.0/30", true, false },
		{ "192.168.2.1/30", "192.168.2.3/30", false, true },
		/* two and one address: all of them are hosts */
		{ "192.168.2.0/31", "192.168.2.0/31", false, false },
		{ "192.168.2.0/31", "192.168.2.1/31", false, false },
		{ "192.168.2.0/32", "192.168.2.0/32", false, false },
		{ "fd00::1/64", "fd00::/64", true, false },
		{ "fd00::1/64", "fd00::ffff:ffff:ffff:ffff/64", false, false },
		{ "fd00::/127", "fd00::/127", false, false },
		/* another family, another subnet */
		{ "0.0.0.0/0", "::/0", false, false },
		{ "10.97.0.1/16", "10.98.0.0/16", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_address subnet = ip(cases[i].subnet), address = ip(cases[i].address);
		if (subnet_is_network(&subnet, &address) != cases[i].network ||
		    subnet_is_broadcast(&subnet, &address) != cases[i].broadcast)
			fail_msg("%s in %s", cases[i].address, cases[i].subnet);
	}
}

static void the_pool_stays_in_the_subnet(void **state)
{
	static const struct {
		const char *subnet;
		unsigned size;
		const char *last;
	} cases[] = {
		{ "10.97.0.1/16", 65536, "10.97.255.255/16" },
		{ "10.0.0.1/8", 65536, "10.0.255.255/8" },
		{ "192.168.2.77/26", 64, "192.168.2.127/26" },
		{ "192.168.2.77/31", 2, "192.168.2.77/31" },
		{ "192.168.2.77/32", 1, "192.168.2.77/32" },
		{ "fd00::5/64", 65536, "fd00::ffff/64" },
		{ "fd00::ff05/120", 256, "fd00::ffff/120" },
		{ "fd00::5/128", 1, "fd00::5/128" },
	};
	char text[SUBNET_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_address subnet = ip(cases[i].subnet);
		assert_int_equal(subnet_pool_size(&subnet), cases[i].size);
		struct spec_address first = subnet_pool_address(&subnet, 0);
		struct spec_address network = subnet_network(&subnet);
		assert_true(subnet_same_ip(&first, &network));
		struct spec_address last = subnet_pool_address(&subnet, cases[i].size - 1);
		assert_string_equal(subnet_print(&last, text), cases[i].last);
		assert_true(subnet_contains(&subnet, &last));
	}
}

/* A bridge with these addresses, the list ending with NULL. */
static struct bridge_addresses bridge_of(const char *const *addresses)
{
	struct bridge_addresses bridge = { .name = "lab0" };

	while (*addresses)
		bridge.items[bridge.count++] = ip(*addresses++);
	return bridge;
}

#define BRIDGE(...) bridge_of((const char *const[]){ __VA_ARGS__, NULL })

static struct spec_network wanted(const char *const *addresses)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };

	while (*addresses)
		network.addresses[network.address_count++] = ip(*addresses++);
	return network;
}

#define WANTED(...) wanted((const char *const[]){ __VA_ARGS__, NULL })

static void assert_refused(const struct spec_network *network,
    const struct bridge_addresses *bridge, int errnum, const char *message)
{
	struct err err = ERR_INIT;

	assert_int_equal(address_check(network, bridge, &err), -errnum);
	assert_int_equal(err.code, errnum);
	if (!strstr(err.text, message))
		fail_msg("\"%s\" does not say \"%s\"", err.text, message);
}

static void assert_accepted(
    const struct spec_network *network, const struct bridge_addresses *bridge)
{
	struct err err = ERR_INIT;

	if (address_check(network, bridge, &err) < 0)
		fail_msg("refused: %s", err.text);
}

static void refuses_what_a_bridge_cannot_give(void **state)
{
	struct bridge_addresses bridge = BRIDGE("192.168.2.1/24", "fd00:2::1/64");
	static const struct {
		const char *address;
		int errnum;
		const char *message;
	} cases[] = {
		{ "192.168.3.17/24", EINVAL,
		    "--network-address 192.168.3.17/24: is in no subnet of the bridge lab0: give "
		    "an "
		    "address in 192.168.2.0/24, fd00:2::/64" },
		{ "fd00:3::17/64", EINVAL, "--network-address fd00:3::17/64: is in no subnet" },
		{ "192.168.2.0/24", EINVAL, "is the network address of 192.168.2.0/24" },
		{ "192.168.2.255/24", EINVAL, "is the broadcast address of 192.168.2.0/24" },
		{ "fd00:2::/64", EINVAL, "is the network address of fd00:2::/64" },
		{ "192.168.2.1/24", EADDRINUSE, "is the gateway, the bridge lab0 itself" },
		{ "fd00:2::1/64", EADDRINUSE, "is the gateway, the bridge lab0 itself" },
		/* of the subnet that the address's own prefix makes, or of the bridge's */
		{ "192.168.2.64/26", EINVAL, "is the network address of 192.168.2.64/26" },
		{ "192.168.2.127/26", EINVAL, "is the broadcast address of 192.168.2.64/26" },
		{ "192.168.2.255/16", EINVAL, "is the broadcast address of 192.168.2.0/24" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_network network = WANTED(cases[i].address);
		assert_refused(&network, &bridge, cases[i].errnum, cases[i].message);
	}
	struct spec_network good =
	    WANTED("192.168.2.17/24", "fd00:2::17/64", "192.168.2.65/26", "192.168.2.2/32");
	assert_accepted(&good, &bridge);
	struct spec_network twice = WANTED("192.168.2.17/24", "192.168.2.17/25");
	assert_refused(&twice, &bridge, EINVAL, "192.168.2.17/25: is given twice");
}

static void a_bridge_without_addresses_is_a_switch(void **state)
{
	struct bridge_addresses bridge = { .name = "lab0" };
	struct spec_network none = { .mode = NETWORK_BRIDGE };
	struct spec_network one = WANTED("192.168.2.17/24");
	struct spec_network network = WANTED("192.168.2.0/24");

	(void)state;
	assert_refused(&none, &bridge, EADDRNOTAVAIL, "--bridge lab0: has no address");
	assert_refused(&network, &bridge, EINVAL, "is the network address of 192.168.2.0/24");
	assert_accepted(&one, &bridge);
	assert_null(address_gateway(&one, &bridge, &one.addresses[0]));
}

static void the_gateway_is_that_of_the_subnet(void **state)
{
	struct bridge_addresses bridge =
	    BRIDGE("192.168.2.1/24", "192.168.3.1/24", "fd00:2::1/64", "fd00:3::1/64");
	struct spec_address v4 = ip("192.168.3.17/24"), v6 = ip("fd00:3::17/64");
	struct spec_address outside = ip("192.168.4.17/24");
	struct spec_network network = { .mode = NETWORK_BRIDGE };

	(void)state;
	assert_ptr_equal(address_gateway(&network, &bridge, &v4), &bridge.items[1]);
	assert_ptr_equal(address_gateway(&network, &bridge, &v6), &bridge.items[3]);
	assert_null(address_gateway(&network, &bridge, &outside));
	/* or the one that is given, of its family */
	network.gateways[network.gateway_count++] = ip("192.168.3.254/32");
	assert_ptr_equal(address_gateway(&network, &bridge, &v4), &network.gateways[0]);
	assert_ptr_equal(address_gateway(&network, &bridge, &v6), &bridge.items[3]);
	network = (struct spec_network){ .no_gateway = true };
	assert_null(address_gateway(&network, &bridge, &v4));
}

static void a_gateway_lies_in_a_network_of_the_container(void **state)
{
	struct bridge_addresses bridge = BRIDGE("192.168.2.1/24", "fd00:2::1/64");
	struct spec_network leased = { .gateway_count = 1 };
	struct spec_network given = WANTED("192.168.2.17/25");

	(void)state;
	leased.gateways[0] = ip("192.168.2.254/32");
	assert_accepted(&leased, &bridge);
	leased.gateways[0] = ip("fd00:2::254/128");
	assert_accepted(&leased, &bridge);
	leased.gateways[0] = ip("192.168.3.254/32");
	assert_refused(&leased, &bridge, EINVAL, "--gateway 192.168.3.254: is in no network");
	given.gateway_count = 1;
	given.gateways[0] = ip("192.168.2.126/32");
	assert_accepted(&given, &bridge);
	given.gateways[0] =
	    ip("192.168.2.254/32"); /* of the bridge's network, and not of its own */
	assert_refused(&given, &bridge, EINVAL, "--gateway 192.168.2.254: is in no network");
	given.gateways[0] = ip("fd00:2::254/128");
	assert_refused(&given, &bridge, EINVAL, "--gateway fd00:2::254: is in no network");
	given.gateways[0] = ip("192.168.2.17/32");
	assert_refused(&given, &bridge, EINVAL, "is the container's own address");
}

/* A stand-in for the leases of other jails. */
struct leases {
	char taken[4096][INET6_ADDRSTRLEN];
	unsigned count;
	bool broken;
	unsigned lingering; /* those of which the last byte is below it were somebody else's */
};

static int claim(void *data, const char *bridge, const char *address, bool fresh, struct err *err)
{
	struct leases *leases = data;

	assert_string_equal(bridge, "lab0");
	if (leases->broken)
		return err_say(err, EIO, "the lease cannot be written");
	for (unsigned i = 0; i < leases->count; i++)
		if (strcmp(leases->taken[i], address) == 0)
			return err_say(err, EADDRINUSE, "is taken by another container");
	const char *last = strrchr(address, '.');
	bool lingers = last && strtoul(last + 1, NULL, 10) < leases->lingering;
	if (lingers && fresh)
		return err_say(err, EADDRINUSE, "was somebody else's");
	assert_true(leases->count < 4096);
	snprintf(leases->taken[leases->count++], INET6_ADDRSTRLEN, "%s", address);
	return lingers;
}

static struct network_request request_of(
    const struct spec_network *network, const char *name, struct leases *leases)
{
	return (struct network_request){
		.network = network, .netns = -1, .name = name, .claim = claim, .claim_data = leases
	};
}

/* What others have only just had is taken when nothing else is left, and said so. */
static void takes_what_others_had_last(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("10.97.0.1/29", "fd97:c0a1::1/64");
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	unsigned had_others = 0;

	(void)state;
	leases = (struct leases){ .lingering = 5 };
	for (unsigned i = 0; i < 5; i++) {
		struct network_request request = request_of(&network, "web", &leases);
		struct network_result result = { .address_count = 0 };
		assert_int_equal(address_claim(&request, &bridge, &result, NULL), 0);
		unsigned last = ntohl(result.addresses[0].ip.v4.s_addr) & 0xff;
		assert_int_equal(result.had_others[0], i >= 2);
		assert_int_equal(last < 5, i >= 2);
		assert_false(result.had_others[1]);
		had_others += result.had_others[0];
	}
	assert_int_equal(had_others, 3);
}

static void leases_one_address_a_family(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("10.97.0.1/16", "fd97:c0a1::1/64");
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct network_request request = request_of(&network, "web", &leases);
	struct network_result first = { .address_count = 0 }, second = first;

	(void)state;
	leases.count = 0;
	assert_int_equal(address_claim(&request, &bridge, &first, NULL), 0);
	assert_int_equal(first.address_count, 2);
	/* the same place in both */
	unsigned place = ntohl(first.addresses[0].ip.v4.s_addr) & 0xffff;
	assert_int_equal(
	    first.addresses[1].ip.v6.s6_addr[14] << 8 | first.addresses[1].ip.v6.s6_addr[15],
	    place);
	/* the same name once more, while it lives: the next ones */
	assert_int_equal(address_claim(&request, &bridge, &second, NULL), 0);
	assert_int_equal(ntohl(second.addresses[0].ip.v4.s_addr) & 0xffff, place + 1);
	assert_int_equal(leases.count, 4);
	/* and afterwards: the same ones, whatever others have meanwhile */
	leases.count = 0;
	struct network_request other = request_of(&network, "mail", &leases);
	assert_int_equal(address_claim(&other, &bridge, &second, NULL), 0);
	assert_false(subnet_same_ip(&first.addresses[0], &second.addresses[0]));
	assert_int_equal(address_claim(&request, &bridge, &second, NULL), 0);
	assert_true(subnet_same_ip(&first.addresses[0], &second.addresses[0]));
	assert_true(subnet_same_ip(&first.addresses[1], &second.addresses[1]));
}

/* All 5 host addresses of a /29 are given out, whatever the start, and then no more. */
static void leases_every_host_address_once(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("192.168.2.9/29");
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct spec_address subnet = ip("192.168.2.9/29");

	(void)state;
	for (unsigned number = 1; number < 40; number++) {
		char name[16];
		snprintf(name, sizeof(name), "exec-%u", number);
		leases.count = 0;
		struct network_request request = request_of(&network, name, &leases);
		for (unsigned i = 0; i < 5; i++) {
			struct network_result result = { .address_count = 0 };
			assert_int_equal(address_claim(&request, &bridge, &result, NULL), 0);
			struct spec_address *got = &result.addresses[0];
			assert_true(subnet_contains(&subnet, got));
			assert_false(subnet_is_network(&subnet, got));
			assert_false(subnet_is_broadcast(&subnet, got));
			assert_false(subnet_same_ip(&subnet, got));
		}
		struct network_result result = { .address_count = 7 };
		struct err err = ERR_INIT;
		assert_int_equal(address_claim(&request, &bridge, &result, &err), -EADDRINUSE);
		assert_non_null(strstr(
		    err.text, "the bridge lab0 has no free IPv4 address left in 192.168.2.8/29"));
		assert_int_equal(result.address_count, 7);
	}
}

static void nobody_is_leased_the_gateway(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("192.168.2.9/29");
	struct spec_network network = { .gateway_count = 1, .gateways = { ip("192.168.2.12/32") } };
	struct network_request request = request_of(&network, "web", &leases);
	struct network_result result = { .address_count = 0 };

	(void)state;
	leases.count = 0;
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(address_claim(&request, &bridge, &result, NULL), 0);
		assert_false(subnet_same_ip(&result.addresses[0], &network.gateways[0]));
	}
	assert_int_equal(address_claim(&request, &bridge, &result, NULL), -EADDRINUSE);
}

static void a_full_subnet_leads_to_the_next(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("192.168.2.1/30", "10.9.0.1/30");
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct network_request request = request_of(&network, "web", &leases);
	struct network_result result = { .address_count = 0 };
	char text[SUBNET_TEXT_MAX];

	(void)state;
	leases.count = 0;
	assert_int_equal(address_claim(&request, &bridge, &result, NULL), 0);
	assert_string_equal(subnet_print(&result.addresses[0], text), "192.168.2.2/30");
	assert_int_equal(address_claim(&request, &bridge, &result, NULL), 0);
	assert_string_equal(subnet_print(&result.addresses[0], text), "10.9.0.2/30");
	assert_int_equal(result.address_count, 1);
	assert_int_equal(address_claim(&request, &bridge, &result, NULL), -EADDRINUSE);
}

static void claims_all_that_was_given(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("192.168.2.1/24", "fd00:2::1/64");
	struct spec_network network = WANTED("192.168.2.17/24", "fd00:2::17/64");
	struct spec_network other = WANTED("192.168.2.18/24", "fd00:2::17/64");
	struct network_request request = request_of(&network, "web", &leases);
	struct network_request second = request_of(&other, "mail", &leases);
	struct network_result result = { .address_count = 0 };
	struct err err = ERR_INIT;

	(void)state;
	leases.count = 0;
	assert_int_equal(address_claim(&request, &bridge, &result, &err), 0);
	assert_int_equal(result.address_count, 2);
	assert_string_equal(leases.taken[0], "192.168.2.17");
	assert_string_equal(leases.taken[1], "fd00:2::17");
	assert_int_equal(address_claim(&second, &bridge, &result, &err), -EADDRINUSE);
	assert_string_equal(
	    err.text, "--network-address fd00:2::17/64: is taken by another container");
}

/* Only "taken" leads to the next address: anything else would be tried 65,536 times. */
static void a_broken_registry_is_an_error(void **state)
{
	static struct leases leases;
	struct bridge_addresses bridge = BRIDGE("10.97.0.1/16");
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct network_request request = request_of(&network, "web", &leases);
	struct network_result result = { .address_count = 0 };
	struct err err = ERR_INIT;

	(void)state;
	leases.count = 0;
	leases.broken = true;
	assert_int_equal(address_claim(&request, &bridge, &result, &err), -EIO);
	assert_string_equal(err.text, "the lease cannot be written");
	leases.broken = false;
	assert_int_equal(address_claim(&request, &bridge, &result, &err), 0);
}

static void hardware_addresses_follow_the_address(void **state)
{
	static const char *const addresses[] = { "10.97.0.1/16", "10.97.0.2/16", "fd00::1/64",
		"fd00::2/64", "fd01::1/64" };
	uint8_t seen[sizeof(addresses) / sizeof(addresses[0])][6];

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct spec_address address = ip(addresses[i]);
		uint8_t again[6];
		address_hardware(&address, HOST_ACCESS_ALL, seen[i]);
		address.prefix = 8;
		address_hardware(&address, HOST_ACCESS_ALL, again);
		assert_memory_equal(seen[i], again, 6);
		/* unicast, locally administered */
		assert_int_equal(seen[i][0] & 3, 2);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i], seen[j], 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_it_parses),
		cmocka_unit_test(knows_what_lies_in_a_subnet),
		cmocka_unit_test(knows_reserved_addresses),
		cmocka_unit_test(the_pool_stays_in_the_subnet),
		cmocka_unit_test(refuses_what_a_bridge_cannot_give),
		cmocka_unit_test(a_bridge_without_addresses_is_a_switch),
		cmocka_unit_test(the_gateway_is_that_of_the_subnet),
		cmocka_unit_test(a_gateway_lies_in_a_network_of_the_container),
		cmocka_unit_test(takes_what_others_had_last),
		cmocka_unit_test(leases_one_address_a_family),
		cmocka_unit_test(leases_every_host_address_once),
		cmocka_unit_test(nobody_is_leased_the_gateway),
		cmocka_unit_test(a_full_subnet_leads_to_the_next),
		cmocka_unit_test(claims_all_that_was_given),
		cmocka_unit_test(a_broken_registry_is_an_error),
		cmocka_unit_test(hardware_addresses_follow_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
