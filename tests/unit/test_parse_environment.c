/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/policy/parse.h"

static char path[64];

/* A file with these bytes, in place of the one before. */
static void write_file(const void *data, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static int make_file(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_parse_environment.XXXXXX");
	int fd = mkstemp(path);
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void variables(void **state)
{
	struct strv environment = { NULL, 0 };

	(void)state;
	assert_int_equal(parse_environment(&environment, "A=1", NULL), 0);
	assert_int_equal(parse_environment(&environment, "EMPTY=", NULL), 0);
	assert_int_equal(parse_environment(&environment, "B= two words = x\n", NULL), 0);
	assert_int_equal(parse_environment(&environment, "A=2", NULL), 0);
	assert_int_equal(environment.count, 3);
	assert_string_equal(environment.items[0], "A=2");
	assert_string_equal(environment.items[1], "EMPTY=");
	assert_string_equal(environment.items[2], "B= two words = x\n");
	strv_free(&environment);
}

static void a_name_alone_takes_the_callers_value(void **state)
{
	struct strv environment = { NULL, 0 };

	(void)state;
	assert_int_equal(setenv("CONTAIN_TEST_SET", "here", 1), 0);
	assert_int_equal(unsetenv("CONTAIN_TEST_UNSET"), 0);
	assert_int_equal(parse_environment(&environment, "CONTAIN_TEST_SET", NULL), 0);
	assert_int_equal(parse_environment(&environment, "CONTAIN_TEST_UNSET", NULL), 0);
	assert_int_equal(environment.count, 1);
	assert_string_equal(environment.items[0], "CONTAIN_TEST_SET=here");
	strv_free(&environment);
}

static void what_is_no_variable(void **state)
{
	static const char *const texts[] = { "", "=", "=x", "A B=1", " A=1", "A =1", "A\n=1",
		"\xef\xbb\xbf\x41=1" };
	struct strv environment = { NULL, 0 };
	char name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		if (parse_environment(&environment, texts[i], &err) >= 0 || !err.text[0])
			fail_msg("\"%s\" was taken for a variable", texts[i]);
	}
	memset(name, 'A', 256);
	snprintf(name + 256, sizeof(name) - 256, "=1");
	assert_true(parse_environment(&environment, name, NULL) < 0);
	assert_int_equal(environment.count, 0);
	assert_int_equal(parse_environment(&environment, name + 1, NULL), 0);
	assert_int_equal(environment.count, 1);
	strv_free(&environment);
}

static void files(void **state)
{
	static const char text[] = "# comment\n\nA=1\nB=\"quotes stay\"\n  \tlast=no\n";
	static const char good[] = "# comment\n\nA=1\nB=\"quotes stay\"\n#C=3\nD=4";
	struct strv environment = { NULL, 0 };
	struct err err = ERR_INIT;
	char place[80];

	(void)state;
	write_file(good, strlen(good));
	assert_int_equal(parse_environment_file(&environment, path, &err), 0);
	assert_int_equal(environment.count, 3);
	assert_string_equal(environment.items[0], "A=1");
	assert_string_equal(environment.items[1], "B=\"quotes stay\"");
	assert_string_equal(environment.items[2], "D=4");
	write_file(text, strlen(text));
	assert_true(parse_environment_file(&environment, path, &err) < 0);
	snprintf(place, sizeof(place), "%s:5: ", path);
	assert_int_equal(strncmp(err.text, place, strlen(place)), 0);
	write_file("A=1\r\n", 5);
	assert_true(parse_environment_file(&environment, path, &err) < 0);
	assert_non_null(strstr(err.text, ":1: "));
	write_file("A=1\0B=2\n", 8);
	assert_true(parse_environment_file(&environment, path, &err) < 0);
	assert_non_null(strstr(err.text, "NUL"));
	write_file("", 0);
	assert_int_equal(parse_environment_file(&environment, path, &err), 0);
	strv_free(&environment);
}

static void files_that_are_none(void **state)
{
	struct strv environment = { NULL, 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(parse_environment_file(&environment, "/no/such/file", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/file"));
	assert_int_equal(parse_environment_file(&environment, "/", &err), -EISDIR);
	assert_int_equal(err.text[0], '/');
}

static void files_are_at_most_a_mebibyte(void **state)
{
	const size_t most = (size_t)1024 * 1024;
	struct strv environment = { NULL, 0 };
	struct err err = ERR_INIT;
	char *text = malloc(most + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', most + 1);
	text[0] = 'A';
	text[1] = '=';
	write_file(text, most);
	assert_int_equal(parse_environment_file(&environment, path, &err), 0);
	assert_int_equal(strlen(environment.items[0]), most);
	write_file(text, most + 1);
	assert_int_equal(parse_environment_file(&environment, path, &err), -EFBIG);
	strv_free(&environment);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables),
		cmocka_unit_test(a_name_alone_takes_the_callers_value),
		cmocka_unit_test(what_is_no_variable),
		cmocka_unit_test(files),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(files_are_at_most_a_mebibyte),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
