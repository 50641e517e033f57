/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/resolver.h"

static struct spec_network network_of(enum network_mode mode, enum dns_mode dns)
{
	return (struct spec_network){ .mode = mode, .dns = dns };
}

static void conf_is(const struct spec_network *network, const char *host, const char *upstream,
    const char *expected)
{
	cleanup_free char *made = NULL;

	assert_int_equal(resolver_conf(network, host, upstream, &made), 0);
	assert_string_equal(made, expected);
}

static const char stub[] = "# made by a resolver\n"
			   "nameserver 127.0.0.53\n"
			   "options edns0 trust-ad\n"
			   "search example.org\n";
static const char upstream[] = "nameserver 192.0.2.1\n"
			       "nameserver 2001:db8::1\n"
			       "nameserver fe80::1%eth0\n"
			       "search elsewhere\n";

static void in_the_hosts_network_all_is_as_on_the_host(void **state)
{
	struct spec_network network = network_of(NETWORK_HOST, DNS_HOST);

	(void)state;
	conf_is(&network, stub, upstream, stub);
	conf_is(&network, NULL, NULL, "");
}

static void a_stub_is_replaced_by_its_upstreams(void **state)
{
	struct spec_network network = network_of(NETWORK_BRIDGE, DNS_HOST);

	(void)state;
	conf_is(&network, stub, upstream,
	    "options edns0 trust-ad\nsearch example.org\n"
	    "nameserver 192.0.2.1\nnameserver 2001:db8::1\n");
}

static void names_in_the_rules_are_asked_of_their_own_server(void **state)
{
	cleanup_free char *made = NULL;

	(void)state;
	assert_int_equal(resolver_own_conf("search example.org\nnameserver 192.0.2.1\n"
					   "options edns0\nnameserver 2001:db8::1\n",
			     &made),
	    0);
	assert_string_equal(made, "search example.org\noptions edns0\nnameserver 127.0.0.97\n");
}

static void what_can_be_reached_stays(void **state)
{
	struct spec_network network = network_of(NETWORK_BRIDGE, DNS_HOST);

	(void)state;
	conf_is(&network, "nameserver\t192.0.2.7\nnameserver ::1\nnameserver 0.0.0.0", upstream,
	    "nameserver 192.0.2.7\n");
	/* No more than it says: words that only begin like these, addresses that are none. */
	conf_is(&network,
	    "nameservers 192.0.2.7\nsearching x\nnameserver 192.0.2\nnameserver 192.0.2.8 # x",
	    NULL, "nameserver 192.0.2.8\n");
}

static void where_nobody_can_be_asked_it_says_what_to_do(void **state)
{
	struct spec_network network = network_of(NETWORK_BRIDGE, DNS_HOST);

	(void)state;
	conf_is(&network, stub, NULL,
	    "options edns0 trust-ad\nsearch example.org\n"
	    "# The host's name servers cannot be reached from here: [network] dns\n");
}

static void given_ones_take_the_place_of_the_hosts(void **state)
{
	struct spec_network network = network_of(NETWORK_BRIDGE, DNS_GIVEN);

	(void)state;
	network.dns_servers[0] = (struct spec_address){ .family = AF_INET };
	network.dns_servers[1] = (struct spec_address){ .family = AF_INET6 };
	inet_pton(AF_INET, "198.51.100.4", &network.dns_servers[0].ip);
	inet_pton(AF_INET6, "2001:db8::4", &network.dns_servers[1].ip);
	network.dns_count = 2;
	const char *expected = "options edns0 trust-ad\nsearch example.org\n"
			       "nameserver 198.51.100.4\nnameserver 2001:db8::4\n";
	conf_is(&network, stub, upstream, expected);
	network.mode = NETWORK_HOST;
	conf_is(&network, stub, upstream, expected);
}

static void none_is_none(void **state)
{
	struct spec_network network = network_of(NETWORK_HOST, DNS_NONE);

	(void)state;
	conf_is(&network, stub, upstream, "# none: [network] dns\n");
}

static void hosts_are(const char *text, const char *expected)
{
	cleanup_free char *made = NULL;

	assert_int_equal(resolver_hosts("web", text, &made), 0);
	assert_string_equal(made, expected);
}

static void its_own_name_and_localhost_are_added(void **state)
{
	(void)state;
	hosts_are(NULL, "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\tweb\n");
	hosts_are("127.0.0.1 localhost\n192.0.2.9 files web.example.org",
	    "127.0.0.1 localhost\n192.0.2.9 files web.example.org\n127.0.1.1\tweb\n");
}

static void names_that_are_there_stay(void **state)
{
	(void)state;
	hosts_are("127.0.0.1 a localhost\n192.0.2.9\tfiles\tweb # it\n",
	    "127.0.0.1 a localhost\n192.0.2.9\tfiles\tweb # it\n");
	/* In a comment, or as an address, it is none. */
	hosts_are("127.0.0.1 localhost\n# 192.0.2.9 web\n192.0.2.9 files # web\nweb files\n",
	    "127.0.0.1 localhost\n# 192.0.2.9 web\n192.0.2.9 files # web\nweb files\n"
	    "127.0.1.1\tweb\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_hosts_network_all_is_as_on_the_host),
		cmocka_unit_test(a_stub_is_replaced_by_its_upstreams),
		cmocka_unit_test(what_can_be_reached_stays),
		cmocka_unit_test(names_in_the_rules_are_asked_of_their_own_server),
		cmocka_unit_test(where_nobody_can_be_asked_it_says_what_to_do),
		cmocka_unit_test(given_ones_take_the_place_of_the_hosts),
		cmocka_unit_test(none_is_none),
		cmocka_unit_test(its_own_name_and_localhost_are_added),
		cmocka_unit_test(names_that_are_there_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
