/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

/* What is parsed prints as it was written, or as the right column says. */
static void destinations(void **state)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{ "any", NULL },
		{ "internet", NULL },
		{ "private", NULL },
		{ "metadata", NULL },
		{ "any:53", NULL },
		{ "any:udp", NULL },
		{ "internet:tcp/443", NULL },
		{ "192.0.2.1", "192.0.2.1/32" },
		{ "192.0.2.0/24", NULL },
		{ "0.0.0.0/0", NULL },
		{ "192.0.2.0/24:80-90", NULL },
		{ "192.0.2.1:1-65535", "192.0.2.1/32:1-65535" },
		{ "192.0.2.1:80-80", "192.0.2.1/32:80" },
		{ "2001:db8::1", "2001:db8::1/128" },
		{ "2001:db8::/32", NULL },
		{ "::/0", NULL },
		{ "[2001:db8::1]", "2001:db8::1/128" },
		{ "[2001:db8::1]:443", "[2001:db8::1]/128:443" },
		{ "[2001:db8::]/32:tcp/80-90", NULL },
		{ "[192.0.2.1]:80", "192.0.2.1/32:80" },
		{ "host:example.org", NULL },
		{ "host:*.example.org:443", NULL },
		{ "host:Example.ORG:tcp/80-90", "host:example.org:tcp/80-90" },
		{ "host:fileserver:udp", NULL },
		{ "host:_a-b.xn--bcher-kva.example", NULL },
		{ "host:1.a2", NULL },
		{ "host:r3---sn-5hne6n7s.example", NULL },
		{ "host:any", NULL },
	};
	char text[SPEC_EGRESS_TEXT_MAX];
	struct spec_egress rule;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse_egress(cases[i].text, i % 2, &rule, &err) != 0)
			fail_msg("\"%s\": %s", cases[i].text, err.text);
		assert_int_equal(rule.allow, i % 2);
		spec_format_egress(&rule, text);
		assert_string_equal(strchr(text, ' ') + 1, cases[i].printed ?: cases[i].text);
		assert_int_equal(strncmp(text, i % 2 ? "allow " : "deny ", i % 2 ? 6 : 5), 0);
		free(rule.host);
	}
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "is not a destination" },
		{ "everything", "is not a destination" },
		{ "Any", "is not a destination" },
		{ "[any]:80", "is not a destination" },
		{ "any ", "is not a destination" },
		{ " any", "is not a destination" },
		{ "192.0.2", "is not a destination" },
		{ "192.0.2.1/33", "is not a destination" },
		{ "192.0.2.1/", "is not a destination" },
		{ "192.0.2.1/024", "is not a destination" },
		{ "192.0.2.1/24", "is not a destination" },
		{ "0.0.0.1/0", "is not a destination" },
		{ "2001:db8::1/32", "is not a destination" },
		{ "2001:db8::/129", "is not a destination" },
		{ "2001:db8::1:443x", "is not a destination" },
		{ "[2001:db8::1", "is not a destination" },
		{ "2001:db8::1]", "is not a destination" },
		{ "[2001:db8::1]443", "is not a destination" },
		{ "[]:443", "is not a destination" },
		{ "[", "is not a destination" },
		{ "]", "is not a destination" },
		{ ":443", "is not a destination" },
		{ "fe80::1%eth0", "is not a destination" },
		{ "any:", "are not ports" },
		{ "any:0", "are not ports" },
		{ "any:65536", "are not ports" },
		{ "any:90-80", "are not ports" },
		{ "any:80-", "are not ports" },
		{ "any:-80", "are not ports" },
		{ "any:http", "are not ports" },
		{ "any:tcp/", "are not ports" },
		{ "any:tcp443", "are not ports" },
		{ "any:sctp/80", "are not ports" },
		{ "any:080", "are not ports" },
		{ "any:00000000080-90", "are not ports" },
		{ "example.org", "host:NAME" },
		{ "host:", "has nothing between two dots, or ends with one" },
		{ "host:.", "has nothing between two dots" },
		{ "host:example.org.", "has nothing between two dots, or ends with one" },
		{ "host:a..b", "has nothing between two dots" },
		{ "host:*", "has more in it than letters" },
		{ "host:*.", "has nothing between two dots" },
		{ "host:**.a", "has more in it than letters" },
		{ "host:a.*.b", "has more in it than letters" },
		{ "host:*a.b", "has more in it than letters" },
		{ "host:-a.b", "has a \"-\" beside a dot or an end" },
		{ "host:a-.b", "has a \"-\" beside a dot or an end" },
		{ "host:a/b", "has more in it than letters" },
		{ "host:a#b", "has more in it than letters" },
		{ "host:a,b", "has more in it than letters" },
		{ "host:a b", "has more in it than letters" },
		{ "host:a\nserver=192.0.2.1", "has more in it than letters" },
		{ "host:a\\b", "has more in it than letters" },
		{ "host:b\xc3\xbc"
		  "cher.example",
		    "is to be written in its form with xn--" },
		{ "host:192.0.2.1", "ends with a number: an address stands there without host:" },
		{ "host:*.10", "ends with a number" },
		{ "host:[2001:db8::1]:443", "are not ports" },
		{ "host:a:", "are not ports" },
		{ "host:a:http", "are not ports" },
		{ "host:a:80:80", "are not ports" },
		{ "HOST:a", "is not a destination" },
	};
	struct spec_egress rule = { .ports = { .first = 7 } };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&err);
		if (parse_egress(cases[i].text, true, &rule, &err) != -EINVAL ||
		    !strstr(err.text, cases[i].message))
			fail_msg("\"%s\": %s", cases[i].text, err.text);
		assert_int_equal(rule.ports.first, 7);
	}
}

/* 63 between dots and 253 in all: RFC 1035, 2.3.4. "*." does not count. */
static void long_names(void **state)
{
	const char label[] = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg";
	char text[400], printed[SPEC_EGRESS_TEXT_MAX];
	struct spec_egress rule;
	struct err err = ERR_INIT;

	(void)state;
	snprintf(text, sizeof(text), "host:*.%s.%s.%s.%.61s:tcp/60000-65535", label, label, label,
	    label);
	assert_int_equal(parse_egress(text, false, &rule, &err), 0);
	spec_format_egress(&rule, printed);
	assert_string_equal(printed + strlen("deny "), text);
	free(rule.host);
	snprintf(text, sizeof(text), "host:%s.%s.%s.%.62s", label, label, label, label);
	assert_int_equal(parse_egress(text, false, &rule, &err), -EINVAL);
	assert_non_null(strstr(err.text, "has more than 253 characters"));
	snprintf(text, sizeof(text), "host:%sh.org", label);
	assert_int_equal(parse_egress(text, false, &rule, &err), -EINVAL);
	assert_non_null(strstr(err.text, "has more than 63 characters between two dots"));
	snprintf(text, sizeof(text), "host:%s%s%s%s%s", label, label, label, label, label);
	assert_int_equal(parse_egress(text, false, &rule, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destinations),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
