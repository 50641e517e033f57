/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/policy/parse.h"

/* What is parsed prints as it was written, or as the right column says. */
static void ports(void **state)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{ "8080:80/tcp", NULL },
		{ "8080:80", "8080:80/tcp" },
		{ "53:5353/udp", NULL },
		{ "1:65535/tcp", NULL },
		{ "192.0.2.1:8080:80/tcp", NULL },
		{ "192.0.2.1:8080:80/udp", NULL },
		{ "[192.0.2.1]:8080:80", "192.0.2.1:8080:80/tcp" },
		{ "[2001:db8::1]:8080:80/tcp", NULL },
		{ "[2001:db8::1]:8080:80", "[2001:db8::1]:8080:80/tcp" },
		{ "[1111:2222:3333:4444:5555:6666:7777:8888]:65535:65535/udp", NULL },
	};
	char text[SPEC_PUBLISH_TEXT_MAX];
	struct spec_publish publish;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse_publish(cases[i].text, &publish, &err) != 0)
			fail_msg("\"%s\": %s", cases[i].text, err.text);
		spec_format_publish(&publish, text);
		assert_string_equal(text, cases[i].printed ?: cases[i].text);
	}
}

static void which_is_whose(void **state)
{
	struct spec_publish publish;

	(void)state;
	assert_int_equal(parse_publish("8080:80/udp", &publish, NULL), 0);
	assert_int_equal(publish.host_port, 8080);
	assert_int_equal(publish.port, 80);
	assert_int_equal(publish.protocol, IPPROTO_UDP);
	assert_int_equal(publish.host.family, 0);
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "HOSTPORT:PORT" },
		{ "8080", "HOSTPORT:PORT" },
		{ ":80", "HOSTPORT:PORT" },
		{ "8080:", "HOSTPORT:PORT" },
		{ ":", "HOSTPORT:PORT" },
		{ "0:80", "HOSTPORT:PORT" },
		{ "8080:0", "HOSTPORT:PORT" },
		{ "65536:80", "HOSTPORT:PORT" },
		{ "8080:65536", "HOSTPORT:PORT" },
		{ "08080:80", "HOSTPORT:PORT" },
		{ "-1:80", "HOSTPORT:PORT" },
		{ "+1:80", "HOSTPORT:PORT" },
		{ "8080:80/", "HOSTPORT:PORT" },
		{ "8080:80/sctp", "HOSTPORT:PORT" },
		{ "8080:80/tcp/udp", "HOSTPORT:PORT" },
		{ "8080/tcp:80", "HOSTPORT:PORT" },
		{ "8080:80 ", "HOSTPORT:PORT" },
		{ "8000-8010:8000-8010", "HOSTPORT:PORT" },
		{ "80800000000:80", "HOSTPORT:PORT" },
		{ "8080:80800000000", "HOSTPORT:PORT" },
		{ "host:8080:80", "HOSTPORT:PORT" },
		{ "192.0.2:8080:80", "HOSTPORT:PORT" },
		{ "192.0.2.1:8080", "HOSTPORT:PORT" },
		{ "2001:db8::1:8080:80", "HOSTPORT:PORT" },
		{ "[2001:db8::1:8080:80", "HOSTPORT:PORT" },
		{ "[2001:db8::1]8080:80", "HOSTPORT:PORT" },
		{ "[]:8080:80", "HOSTPORT:PORT" },
		{ "[11111:2222:3333:4444:5555:6666:7777:8888:9999:0000]:80:80", "HOSTPORT:PORT" },
		{ "0.0.0.0:8080:80", "leave out the address" },
		{ "[::]:8080:80", "leave out the address" },
	};
	struct spec_publish publish;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		memset(&publish, 0xa5, sizeof(publish));
		if (parse_publish(cases[i].text, &publish, &err) != -EINVAL ||
		    !strstr(err.text, cases[i].message))
			fail_msg("\"%s\": %s", cases[i].text, err.text);
		assert_int_equal(publish.port, 0xa5a5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(which_is_whose),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
