/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "containctl/progress_text.h"

static void test_times(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} times[] = { { 0, "0s" }, { 59, "59s" }, { 60, "1m00s" }, { 125, "2m05s" },
		{ 3599, "59m59s" }, { 3600, "1h00m" }, { 86399, "23h59m" }, { 86400, "1d" },
		{ UINT64_MAX, "999d" } };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char text[PROGRESS_TIME_MAX];
		progress_time(times[i].seconds, text);
		assert_string_equal(text, times[i].text);
	}
}

static void test_line(void **state)
{
	const struct progress_row row = { "0123456789ab", "pulling", 50, 100, 10 };
	char text[PROGRESS_LINE_MAX];

	(void)state;
	progress_line(&row, 79, text);
	assert_string_equal(text,
	    "0123456789ab pulling  [============>            ]    50B/100B      10B/s     5s");
}

static void test_bars(void **state)
{
	struct progress_row row = { "x", "y", 0, 100, 0 };
	char text[PROGRESS_LINE_MAX];

	(void)state;
	progress_line(&row, 60, text);
	assert_null(strpbrk(text, "=>"));
	row.bytes = 100;
	progress_line(&row, 60, text);
	assert_null(strchr(text, '>'));
	assert_non_null(strstr(text, "=]"));
	/* More than there should be: as for all of it. */
	row.bytes = 1000;
	progress_line(&row, 60, text);
	assert_non_null(strstr(text, "=]"));
	row.total = 0;
	progress_line(&row, 60, text);
	assert_non_null(strstr(text, "/?"));
	row.bytes = row.total = UINT64_MAX;
	row.rate = 1;
	progress_line(&row, 60, text);
	assert_non_null(strstr(text, "=]"));
}

static void test_widths(void **state)
{
	const struct progress_row row = { "0123456789ab", "pulling", UINT64_MAX - 1, UINT64_MAX,
		1 };
	char text[PROGRESS_LINE_MAX];

	(void)state;
	for (unsigned width = 0; width < 2 * PROGRESS_LINE_MAX; width++) {
		progress_line(&row, width, text);
		assert_true(strlen(text) <= width);
		assert_true(width < 20 || strncmp(text, "0123456789ab pulling", 20) == 0);
	}
}

static void test_long_words(void **state)
{
	char name[300], text[PROGRESS_LINE_MAX];
	const struct progress_row row = { name, name, 1, 2, 3 };

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	progress_line(&row, 500, text);
	assert_true(strlen(text) <= 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
