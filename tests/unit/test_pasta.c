/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/kernel/pasta.h"
#include "lib/policy/parse.h"

/* The arguments, each with a space before it. */
static void arguments_of(const char *const *ports, char *text, size_t size)
{
	struct spec_network network = { .mode = NETWORK_PASTA };
	struct strv list = { NULL, 0 };
	struct err err = ERR_INIT;
	size_t length = 0;

	for (; *ports; ports++)
		if (parse_publish(*ports, &network.publish[network.publish_count++], &err) < 0)
			fail_msg("%s", err.text);
	assert_int_equal(pasta_arguments(&network, &list), 0);
	for (size_t i = 0; i < list.count; i++)
		length += (size_t)snprintf(text + length, size - length, " %s", list.items[i]);
	assert_true(length < size);
	strv_free(&list);
}

static void it_connects_what_it_is_given(void **state)
{
	static const char *const none[] = { NULL };
	char text[2048];

	(void)state;
	arguments_of(none, text, sizeof(text));
	assert_non_null(strstr(text, " --netns /proc/self/fd/0 "));
	assert_null(strstr(text, "--userns"));
	assert_non_null(strstr(text, " --foreground "));
	assert_non_null(strstr(text, " --ns-ifname eth0 "));
}

/* Its defaults would open the host to the jail, and the jail to everybody. */
static void nothing_is_forwarded_by_itself(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const wanted[] = { " --no-map-gw ", " --tcp-ns none ", " --udp-ns none ",
		" --tcp-ports none ", " --udp-ports none" };
	char text[2048];

	(void)state;
	arguments_of(none, text, sizeof(text));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("%s is missing in%s", wanted[i], text);
}

static void ports(void **state)
{
	static const struct {
		const char *ports[4], *tcp, *udp;
	} cases[] = {
		{ { "8080:80" }, " --tcp-ports 8080:80", " --udp-ports none" },
		{ { "5353:53/udp" }, " --tcp-ports none", " --udp-ports 5353:53" },
		{ { "8080:80", "8443:443/tcp" }, " --tcp-ports 8080:80 --tcp-ports 8443:443",
		    " --udp-ports none" },
		{ { "5353:53/udp", "8080:80" }, " --tcp-ports 8080:80", " --udp-ports 5353:53" },
		{ { "192.0.2.1:8080:80" }, " --tcp-ports 192.0.2.1/8080:80", " --udp-ports none" },
		{ { "127.0.0.1:65535:65535" }, " --tcp-ports 127.0.0.1/65535:65535",
		    " --udp-ports none" },
		{ { "[2001:db8::1]:5353:53/udp" }, " --tcp-ports none",
		    " --udp-ports 2001:db8::1/5353:53" },
	};
	char text[2048], expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		arguments_of(cases[i].ports, text, sizeof(text));
		snprintf(expected, sizeof(expected), "%s%s", cases[i].tcp, cases[i].udp);
		const char *found = strstr(text, " --tcp-ports");
		assert_non_null(found);
		assert_string_equal(found, expected);
	}
}

static void what_was_not_started_can_be_ended(void **state)
{
	struct pasta pasta = PASTA_INIT;

	(void)state;
	pasta_end(&pasta);
	pasta_end(&pasta);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_connects_what_it_is_given),
		cmocka_unit_test(nothing_is_forwarded_by_itself),
		cmocka_unit_test(ports),
		cmocka_unit_test(what_was_not_started_can_be_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
