/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/policy/parse.h"

static void quotas(void **state)
{
	static const struct {
		const char *text;
		uint64_t quota, period;
	} cases[] = {
		{ "50000", 50000, 100000 },
		{ "50000 100000", 50000, 100000 },
		{ "1000", 1000, 100000 },
		{ "200000", 200000, 100000 },
		{ "10000 20000", 10000, 20000 },
		{ "1000 1000000", 1000, 1000000 },
	};
	static const char *const refused[] = { "", "0", "999", "-5", "+50000", "abc", "50000us",
		"50000 ", " 50000", "50000  100000", "50000 999", "50000 1000001", "50000 0",
		"50000 100000 1", "50000\t100000", "050000", "5e4", "18446744073709551616",
		"18446744073709551615", "99999999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t quota = 0, period = 0;
		if (parse_cpu_quota(cases[i].text, &quota, &period, NULL) != 0 ||
		    quota != cases[i].quota || period != cases[i].period)
			fail_msg("\"%s\"", cases[i].text);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t quota = 1, period = 2;
		if (parse_cpu_quota(refused[i], &quota, &period, &err) >= 0 || quota != 1 ||
		    period != 2 || !err.text[0])
			fail_msg("\"%s\" was taken for a quota", refused[i]);
	}
}

static void processors(void **state)
{
	static const struct {
		const char *text;
		uint64_t quota;
	} cases[] = {
		{ "0.5", 50000 },
		{ "1", 100000 },
		{ "2.25", 225000 },
		{ "0.01", 1000 },
		{ "0.12345", 12345 },
		{ "1.00001", 100001 },
		{ "8192", 819200000 },
		{ "2.000", 200000 },
	};
	static const char *const refused[] = { "", "0", "0.0", "0.005", "0.00001", "-1", "+1",
		"nan", "inf", "1e3", ".5", "1.", ".", "0.5.5", "0,5", "0.123456", "8192.5", "8193",
		"00.5", "01", "0.5 ", " 0.5", "0.-5", "0x1", "99999999999",
		"18446744073709551616" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t quota = 0;
		if (parse_cpus(cases[i].text, &quota, NULL) != 0 || quota != cases[i].quota)
			fail_msg("\"%s\": %llu", cases[i].text, (unsigned long long)quota);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t quota = 1;
		if (parse_cpus(refused[i], &quota, &err) >= 0 || quota != 1 || !err.text[0])
			fail_msg(
			    "\"%s\" was taken for %llu", refused[i], (unsigned long long)quota);
	}
}

static void core_lists(void **state)
{
	static const struct {
		const char *text, *formatted;
	} cases[] = {
		{ "0", "0" },
		{ "1,3", "1,3" },
		{ "0-7", "0-7" },
		{ "3,1,2", "1-3" },
		{ "0-2,2-4,9", "0-4,9" },
		{ "5-5", "5" },
		{ "1023", "1023" },
		{ "0-1023", "0-1023" },
	};
	static const char *const refused[] = { "", ",", "0,", ",0", "0,,1", "5-2", "0-", "-1", "-",
		"a", "0-1-2", "0-1:2", " 0", "0 ", "0, 1", "1024", "0-1024", "4294967295",
		"0-4294967295", "18446744073709551616", "00", "0-07", "+1" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cpu_set_t set;
		char text[4096];
		if (parse_cpu_list(cases[i].text, &set, NULL) != 0)
			fail_msg("\"%s\" was refused", cases[i].text);
		spec_format_cpus(&set, text, sizeof(text));
		assert_string_equal(text, cases[i].formatted);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		cpu_set_t set, before;
		memset(&set, 0x5a, sizeof(set));
		before = set;
		if (parse_cpu_list(refused[i], &set, &err) >= 0 || !err.text[0])
			fail_msg("\"%s\" was taken for a list", refused[i]);
		assert_true(CPU_EQUAL(&set, &before));
	}
}

static void a_range_in_reverse_is_told_forward(void **state)
{
	struct err err = ERR_INIT;
	cpu_set_t set;

	(void)state;
	assert_true(parse_cpu_list("5-2", &set, &err) < 0);
	assert_string_equal(err.text, "\"5-2\" has a range in reverse: write 2-5");
}

static void the_longest_list_fits(void **state)
{
	cpu_set_t set, back;
	char text[4096], small[8];

	(void)state;
	CPU_ZERO(&set);
	for (unsigned i = 0; i < CPU_SETSIZE; i += 2)
		CPU_SET(i, &set);
	spec_format_cpus(&set, text, sizeof(text));
	assert_int_equal(parse_cpu_list(text, &back, NULL), 0);
	assert_true(CPU_EQUAL(&set, &back));
	spec_format_cpus(&set, small, sizeof(small));
	assert_string_equal(small, "0,2,4,6");
	CPU_ZERO(&set);
	spec_format_cpus(&set, text, sizeof(text));
	assert_string_equal(text, "");
}

static void cores_that_the_machine_lacks(void **state)
{
	struct err err = ERR_INIT;
	cpu_set_t wanted, online;

	(void)state;
	assert_int_equal(parse_cpu_list("0-3,8", &online, NULL), 0);
	assert_int_equal(parse_cpu_list("1,8", &wanted, NULL), 0);
	assert_int_equal(spec_check_cpus(&wanted, &online, &err), 0);
	assert_int_equal(parse_cpu_list("3-5,8", &wanted, NULL), 0);
	assert_true(spec_check_cpus(&wanted, &online, &err) < 0);
	assert_string_equal(err.text, "--cpu-core-ids: this machine has no core 4-5, only 0-3,8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotas),
		cmocka_unit_test(processors),
		cmocka_unit_test(core_lists),
		cmocka_unit_test(a_range_in_reverse_is_told_forward),
		cmocka_unit_test(the_longest_list_fits),
		cmocka_unit_test(cores_that_the_machine_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
