/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/policy/parse.h"

static void limits(void **state)
{
	static const struct {
		const char *text;
		unsigned resource;
		uint64_t soft, hard;
	} cases[] = {
		{ "as=1G", RLIMIT_AS, 1073741824, 1073741824 },
		{ "nofile=1024", RLIMIT_NOFILE, 1024, 1024 },
		{ "nofile=1024:4096", RLIMIT_NOFILE, 1024, 4096 },
		{ "core=0", RLIMIT_CORE, 0, 0 },
		{ "core=0:unlimited", RLIMIT_CORE, 0, RLIM_INFINITY },
		{ "stack=unlimited", RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY },
		{ "cpu=10:20", RLIMIT_CPU, 10, 20 },
		{ "nproc=0", RLIMIT_NPROC, 0, 0 },
		{ "rttime=18446744073709551614", RLIMIT_RTTIME, RLIM_INFINITY - 1,
		    RLIM_INFINITY - 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_rlimit limit = { .set = false };
		unsigned resource = 99;
		if (parse_rlimit(cases[i].text, &resource, &limit, &err) != 0)
			fail_msg("%s", err.text);
		assert_true(limit.set);
		assert_int_equal(resource, cases[i].resource);
		assert_true(limit.soft == cases[i].soft && limit.hard == cases[i].hard);
	}
}

static void what_is_no_limit(void **state)
{
	static const char *const texts[] = { "", "=", "=5", "as", "as=", "as=:", "as=1G:", "as=:1G",
		"as=64MM", "as=-1", "nonsense=1", "NOFILE=1", "rlimit_nofile=1", "nofile=-1",
		"nofile=1K", "nofile=50:40", "nofile=unlimited:40", "nofile=1:2:3", "nofile=+1",
		"nofile= 1", "nofile=010", "nofile=18446744073709551615",
		"nofile=18446744073709551616", "as=18446744073709551615", "nofile=infinity",
		"nofile:1" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_rlimit limit = { .set = false };
		unsigned resource = 99;
		if (parse_rlimit(texts[i], &resource, &limit, &err) >= 0 || resource != 99 ||
		    limit.set || !err.text[0])
			fail_msg("\"%s\" was taken for a limit", texts[i]);
	}
}

static void every_resource_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		char text[32];
		struct spec_rlimit limit;
		unsigned resource = 99;
		assert_non_null(spec_rlimit_name(i));
		snprintf(text, sizeof(text), "%s=7", spec_rlimit_name(i));
		assert_int_equal(parse_rlimit(text, &resource, &limit, NULL), 0);
		assert_int_equal(resource, i);
	}
	assert_null(spec_rlimit_name(RLIM_NLIMITS));
}

static void a_near_name_is_suggested(void **state)
{
	struct err err = ERR_INIT;
	struct spec_rlimit limit;
	unsigned resource;

	(void)state;
	assert_true(parse_rlimit("nofiles=1", &resource, &limit, &err) < 0);
	assert_non_null(strstr(err.text, "did you mean nofile?"));
	assert_true(parse_rlimit("something-else=1", &resource, &limit, &err) < 0);
	assert_null(strstr(err.text, "did you mean"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(what_is_no_limit),
		cmocka_unit_test(every_resource_has_a_name),
		cmocka_unit_test(a_near_name_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
