/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "lib/policy/parse.h"

static void addresses_that_a_host_can_have(void **state)
{
	static const struct {
		const char *text, *formatted;
		int family;
		unsigned prefix;
	} cases[] = {
		{ "192.168.2.17/24", "192.168.2.17/24", AF_INET, 24 },
		{ "10.0.0.1/8", "10.0.0.1/8", AF_INET, 8 },
		{ "10.0.0.0/31", "10.0.0.0/31", AF_INET, 31 },
		{ "10.0.0.1/31", "10.0.0.1/31", AF_INET, 31 },
		{ "10.0.0.0/32", "10.0.0.0/32", AF_INET, 32 },
		{ "10.0.1.0/16", "10.0.1.0/16", AF_INET, 16 },
		{ "10.0.0.255/16", "10.0.0.255/16", AF_INET, 16 },
		{ "1.2.3.4/1", "1.2.3.4/1", AF_INET, 1 },
		{ "223.255.255.254/24", "223.255.255.254/24", AF_INET, 24 },
		{ "fd00::17/64", "fd00::17/64", AF_INET6, 64 },
		{ "FD00:0:0::17/64", "fd00::17/64", AF_INET6, 64 },
		{ "fd00::/127", "fd00::/127", AF_INET6, 127 },
		{ "fd00::/128", "fd00::/128", AF_INET6, 128 },
		{ "fd00:0:0:1::1/65", "fd00:0:0:1::1/65", AF_INET6, 65 },
		{ "fe80::1/64", "fe80::1/64", AF_INET6, 64 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_address address;
		char text[SPEC_ADDRESS_TEXT_MAX];
		if (parse_address(cases[i].text, &address, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(address.family, cases[i].family);
		assert_int_equal(address.prefix, cases[i].prefix);
		spec_format_address(&address, text);
		assert_string_equal(text, cases[i].formatted);
	}
}

static void what_no_host_can_have(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "not an address" },
		{ "x", "not an address" },
		{ "/24", "not an address" },
		{ "10.0.0/24", "not an address" },
		{ "1.2.3/24", "not an address" },
		{ "010.0.0.2/24", "not an address" },
		{ "10.0.0.0x2/24", "not an address" },
		{ "10.0.0.256/24", "not an address" },
		{ " 10.0.0.2/24", "not an address" },
		{ "10.0.0.2 /24", "not an address" },
		{ "167772162/24", "not an address" },
		{ "fd00::2%lo/64", "not an address" },
		{ "fd00:::2/64", "not an address" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/64",
		    "not an address" },
		{ "10.0.0.2", "as in 10.0.0.2/24" },
		{ "fd00::2", "as in fd00::2/64" },
		{ "10.0.0.2/", "prefix" },
		{ "10.0.0.2/0", "1 to 32" },
		{ "10.0.0.2/33", "1 to 32" },
		{ "10.0.0.2/-1", "1 to 32" },
		{ "10.0.0.2/024", "1 to 32" },
		{ "10.0.0.2/+24", "1 to 32" },
		{ "10.0.0.2/24 ", "1 to 32" },
		{ "10.0.0.2/24/24", "1 to 32" },
		{ "10.0.0.2/255.255.255.0", "1 to 32" },
		{ "fd00::2/129", "1 to 128" },
		{ "fd00::2/0", "1 to 128" },
		{ "10.0.0.0/24", "the network itself" },
		{ "10.0.0.4/30", "the network itself" },
		{ "128.0.0.0/1", "the network itself" },
		{ "10.0.0.255/24", "broadcast" },
		{ "10.0.0.7/30", "broadcast" },
		{ "127.0.0.2/8", "loopback" },
		{ "0.0.0.0/8", "0.0.0.0/8" },
		{ "0.1.2.3/24", "0.0.0.0/8" },
		{ "224.0.0.5/24", "multicast" },
		{ "239.255.255.255/32", "multicast" },
		{ "240.0.0.1/24", "reserved" },
		{ "255.255.255.255/32", "reserved" },
		{ "fd00::/64", "the network itself" },
		{ "fd00:0:0:1::/65", "the network itself" },
		{ "::/64", "unspecified" },
		{ "::1/128", "loopback" },
		{ "ff02::1/64", "multicast" },
		{ "::ffff:10.0.0.2/120", "IPv4" },
		{ "::10.0.0.2/120", "IPv4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_address address = { .family = 4711 };
		if (parse_address(cases[i].text, &address, &err) >= 0 || address.family != 4711)
			fail_msg("\"%s\" was taken for an address", cases[i].text);
		if (!strstr(err.text, cases[i].reason))
			fail_msg("\"%s\": %s", cases[i].text, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_that_a_host_can_have),
		cmocka_unit_test(what_no_host_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
