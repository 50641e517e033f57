/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/err.h"

static void sys_adds_the_reason(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_sys(&err, ENOENT, "cannot open %s", "/x"), -ENOENT);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "cannot open /x: No such file or directory");
}

static void say_adds_nothing(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_say(&err, EINVAL, "is not a size"), -EINVAL);
	assert_string_equal(err.text, "is not a size");
}

static void prefix_keeps_code_and_stage(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_say(&err, EBUSY, "inner");
	err_stage(&err, "cgroup");
	assert_int_equal(err_prefix(&err, "--memory"), -EBUSY);
	assert_string_equal(err.text, "--memory: inner");
	assert_string_equal(err.stage, "cgroup");
}

static void a_failure_stays_a_failure(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_true(err_prefix(&err, "nothing recorded") < 0);
	assert_true(err_stage(&err, "none") < 0);
	assert_int_equal(err_say(NULL, EPERM, "nobody wants to know"), -EPERM);
}

static void the_inner_stage_wins(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_say(&err, EIO, "x");
	err_stage(&err, "inner");
	err_stage(&err, "outer");
	assert_string_equal(err.stage, "inner");
}

static void names_cannot_forge_lines(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_say(&err, EINVAL, "user \"%s\"", "a\nroot logged in\x1b[2J\x7f");
	assert_null(strpbrk(err.text, "\n\x1b\x7f"));
	assert_string_equal(err.text, "user \"a?root logged in?[2J?\"");
}

static void long_texts_are_cut(void **state)
{
	struct err err = ERR_INIT;
	char longer[2000];

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_sys(&err, EIO, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_prefix(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(err.code, EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sys_adds_the_reason),
		cmocka_unit_test(say_adds_nothing),
		cmocka_unit_test(prefix_keeps_code_and_stage),
		cmocka_unit_test(a_failure_stays_a_failure),
		cmocka_unit_test(the_inner_stage_wins),
		cmocka_unit_test(names_cannot_forge_lines),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
