/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/base/str.h"

static void numbers_fill_the_whole_string(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int result;
		uint64_t value;
	} cases[] = {
		{ "0", 0, 0, 0 },
		{ "7", UINT64_MAX, 0, 7 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "100", 100, 0, 100 },
		{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999999", UINT64_MAX, -ERANGE, 0 },
		{ "101", 100, -ERANGE, 0 },
		{ "", UINT64_MAX, -EINVAL, 0 },
		{ "-1", UINT64_MAX, -EINVAL, 0 },
		{ "+1", UINT64_MAX, -EINVAL, 0 },
		{ " 1", UINT64_MAX, -EINVAL, 0 },
		{ "1 ", UINT64_MAX, -EINVAL, 0 },
		{ "0x10", UINT64_MAX, -EINVAL, 0 },
		{ "1e9", UINT64_MAX, -EINVAL, 0 },
		{ "99999999999999999999999999x", UINT64_MAX, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 4711;
		int r = str_to_u64(cases[i].text, cases[i].max, &value);
		if (r != cases[i].result || value != (r == 0 ? cases[i].value : 4711))
			fail_msg("\"%s\": %d", cases[i].text, r);
	}
}

static void lists_are_ended_as_argv_is(void **state)
{
	struct strv list = { NULL, 0 };
	char text[] = "first";

	(void)state;
	assert_int_equal(strv_add(&list, text), 0);
	text[0] = 'F'; /* the list has a copy */
	assert_int_equal(strv_add(&list, "second"), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0], "first");
	assert_string_equal(list.items[1], "second");
	assert_null(list.items[2]);
	strv_free(&list);
	assert_null(list.items);
	assert_int_equal(list.count, 0);
	strv_free(&list);
}

static void setting_replaces_the_same_key_only(void **state)
{
	struct strv list = { NULL, 0 };

	(void)state;
	assert_null(strv_get(&list, "A"));
	assert_int_equal(strv_set(&list, "A", "1"), 0);
	assert_int_equal(strv_set(&list, "AB", "2"), 0);
	assert_int_equal(strv_set(&list, "A", "x=y"), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0], "A=x=y");
	assert_string_equal(strv_get(&list, "A"), "x=y");
	assert_string_equal(strv_get(&list, "AB"), "2");
	assert_null(strv_get(&list, "B"));
	strv_free(&list);
}

static const char *word_at(size_t index, const void *data)
{
	return ((const char *const *)data)[index];
}

static void the_nearest_word_is_suggested(void **state)
{
	static const char *const words[] = { "--memory", "--hostname", "--name", "--network",
		NULL };
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{ "--memroy", "--memory" },
		{ "--memor", "--memory" },
		{ "--hostnam", "--hostname" },
		{ "--nam", "--name" },
		{ "--network", "--network" },
		{ "--volume", NULL },
		{ "completely-different", NULL },
		{ "", NULL },
	};
	static const char *const none[] = { NULL };
	char long_word[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *nearest = str_nearest(cases[i].word, word_at, words);
		if (cases[i].nearest)
			assert_string_equal(nearest, cases[i].nearest);
		else
			assert_null(nearest);
	}
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_null(str_nearest(long_word, word_at, words));
	assert_null(str_nearest("--memory", word_at, none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_fill_the_whole_string),
		cmocka_unit_test(lists_are_ended_as_argv_is),
		cmocka_unit_test(setting_replaces_the_same_key_only),
		cmocka_unit_test(the_nearest_word_is_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
