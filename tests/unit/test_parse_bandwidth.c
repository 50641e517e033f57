/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/policy/parse.h"

static void bandwidths_are_bits_a_second(void **state)
{
	static const struct {
		const char *text;
		uint64_t down, up;
	} cases[] = {
		{ "20M/5M", 20000000, 5000000 },
		{ "64K", 64000, 64000 },
		{ "64000", 64000, 64000 },
		{ "1Gbit/100mbit", 1000000000, 100000000 },
		{ "16G/16000000000", 16000000000, 16000000000 },
		{ "unlimited", 0, 0 },
		{ "unlimited/1M", 0, 1000000 },
		{ "1M/unlimited", 1000000, 0 },
	};
	uint64_t down, up;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse_bandwidth(cases[i].text, &down, &up, NULL), 0);
		assert_int_equal(down, cases[i].down);
		assert_int_equal(up, cases[i].up);
	}
}

static void anything_else_is_refused(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *message;
	} cases[] = {
		{ "", -EINVAL, "is not a bandwidth" },
		{ "fast", -EINVAL, "is not a bandwidth" },
		{ "-1M", -EINVAL, "is not a bandwidth" },
		{ "020M", -EINVAL, "is not a bandwidth" },
		{ "20 M", -EINVAL, "is not a bandwidth" },
		{ "20M ", -EINVAL, "is not a bandwidth" },
		{ "20MB", -EINVAL, "is not a bandwidth" },
		{ "20M/", -EINVAL, "is not a bandwidth" },
		{ "/20M", -EINVAL, "is not a bandwidth" },
		{ "20M/5M/1M", -EINVAL, "is not a bandwidth" },
		{ "20M/Unlimited", -EINVAL, "is not a bandwidth" },
		{ "20Mxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", -EINVAL, "is not a bandwidth" },
		{ "0", -ERANGE, "is too small" },
		{ "63999", -ERANGE, "is too small" },
		{ "20M/63K", -ERANGE, "\"63K\" is too small" },
		{ "16000000001", -ERANGE, "is too large" },
		{ "99999999999999999999G", -ERANGE, "is too large" },
	};
	uint64_t down = 1, up = 2;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err_clear(&err);
		assert_int_equal(parse_bandwidth(cases[i].text, &down, &up, &err), cases[i].code);
		assert_non_null(strstr(err.text, cases[i].message));
		assert_int_equal(down, 1);
		assert_int_equal(up, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bandwidths_are_bits_a_second),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
