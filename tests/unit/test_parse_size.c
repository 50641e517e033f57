/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "64M", 67108864 },
		{ "1G", 1073741824 },
		{ "512K", 524288 },
		{ "1048576", 1048576 },
		{ "1", 1 },
		{ "64B", 64 },
		{ "64m", 67108864 },
		{ "64MB", 67108864 },
		{ "64MiB", 67108864 },
		{ "64mib", 67108864 },
		{ "3KB", 3072 },
		{ "3KiB", 3072 },
		{ "2GB", UINT64_C(2) << 30 },
		{ "2GiB", UINT64_C(2) << 30 },
		{ "2T", UINT64_C(2) << 40 },
		{ "2TB", UINT64_C(2) << 40 },
		{ "2TiB", UINT64_C(2) << 40 },
		{ "1048576T", PARSE_SIZE_MAX },
		{ "1152921504606846976", PARSE_SIZE_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t bytes = 0;
		if (parse_size(cases[i].text, 1, &bytes, &err) != 0 || bytes != cases[i].bytes)
			fail_msg("\"%s\": %s", cases[i].text, err.text);
	}
}

static void what_is_no_size(void **state)
{
	static const char *const texts[] = { "", "0", "00", "0K", "-1", "+1", "64MM", "1e9", "0x10",
		" 64M", "64M ", "64 M", "64M\n", "M", "1.5G", "1,5G", "064M", "01", "64Mi",
		"64KiBs", "9K9", "unlimited", "∞", "-", "18446744073709551615",
		"18446744073709551616", "18446744073709551617", "16777216T", "16777217T",
		"1048577T", "1152921504606846977", "9223372036854775807",
		"99999999999999999999999999999999", "18014398509481985K" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t bytes = 4711;
		if (parse_size(texts[i], 1, &bytes, &err) >= 0 || bytes != 4711)
			fail_msg("\"%s\" was taken for %llu", texts[i], (unsigned long long)bytes);
		assert_true(err.code > 0);
		assert_int_equal(err.text[0], '"'); /* it quotes what it refuses */
	}
}

static void zero_where_it_means_something(void **state)
{
	uint64_t bytes = 4711;

	(void)state;
	assert_int_equal(parse_size("0", 0, &bytes, NULL), 0);
	assert_int_equal(bytes, 0);
}

static void formatted_sizes_parse_back(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 1000, "1000" },
		{ 1024, "1K" },
		{ 1025, "1025" },
		{ 67108864, "64M" },
		{ UINT64_C(3) << 30, "3G" },
		{ PARSE_SIZE_MAX, "1048576T" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[SPEC_SIZE_TEXT_MAX];
		uint64_t bytes = 4711;
		spec_format_size(cases[i].bytes, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(parse_size(text, 0, &bytes, NULL), 0);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		uint64_t milliseconds;
	} cases[] = {
		{ "10", 10000 },
		{ "10s", 10000 },
		{ "500ms", 500 },
		{ "1ms", 1 },
		{ "2m", 120000 },
		{ "1h", 3600000 },
		{ "1d", 86400000 },
		{ "10000d", UINT64_C(864000000000) },
	};
	static const char *const refused[] = { "", "0", "0s", "0ms", "-1", "1.5s", "10 s", "s",
		"10x", "10001d", "864000001s", "18446744073709551616", "18446744073709551615",
		"1e3", "010", "2ms3" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;
		if (parse_duration(cases[i].text, 1, &value, NULL) != 0 ||
		    value != cases[i].milliseconds)
			fail_msg("\"%s\": %llu", cases[i].text, (unsigned long long)value);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t value = 4711;
		if (parse_duration(refused[i], 1, &value, &err) >= 0 || value != 4711 ||
		    !err.text[0])
			fail_msg("\"%s\": %llu", refused[i], (unsigned long long)value);
	}
}

static void counts(void **state)
{
	struct err err = ERR_INIT;
	uint64_t value = 4711;

	(void)state;
	assert_int_equal(parse_count("1", 1, 10000, "a weight", &value, &err), 0);
	assert_int_equal(value, 1);
	assert_int_equal(parse_count("10000", 1, 10000, "a weight", &value, &err), 0);
	assert_int_equal(value, 10000);
	assert_true(parse_count("0", 1, 10000, "a weight", &value, &err) < 0);
	assert_string_equal(err.text, "\"0\" is not a weight: use a whole number from 1 to 10000");
	assert_true(parse_count("10001", 1, 10000, "a weight", &value, &err) < 0);
	assert_true(parse_count("010", 1, 10000, "a weight", &value, &err) < 0);
	assert_true(parse_count("-1", 1, 10000, "a weight", &value, &err) < 0);
	assert_true(parse_count("1K", 1, 10000, "a weight", &value, &err) < 0);
	assert_int_equal(value, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(what_is_no_size),
		cmocka_unit_test(zero_where_it_means_something),
		cmocka_unit_test(formatted_sizes_parse_back),
		cmocka_unit_test(durations),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
