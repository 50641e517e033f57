/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

#define SIXTY_THREE	 "a23456789012345678901234567890123456789012345678901234567890123"
#define SIXTY_FOUR	 "a234567890123456789012345678901234567890123456789012345678901234"
#define USER_SIXTY_FOUR	 "a234567890123456789012345678901234567890123456789012345678901234:0"
#define GROUP_SIXTY_FOUR "alice:a234567890123456789012345678901234567890123456789012345678901234"

static void names(void **state)
{
	static const char *const good[] = { "a", "web-1", "A_b.c", "9", "0x", "a.", "a-",
		SIXTY_THREE };
	static const char *const bad[] = { "", "-x", ".", "..", ".hidden", "_x", "a/b", "/",
		"new\nline", "sp ace", "a\tb", "é", "a\x7f", "a:b", "a%", SIXTY_FOUR };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (parse_name(good[i], NULL) != 0)
			fail_msg("\"%s\" was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		if (parse_name(bad[i], &err) >= 0 || !err.text[0])
			fail_msg("\"%s\" was taken for a name", bad[i]);
		assert_null(strchr(err.text, '\n'));
	}
}

static void interfaces(void **state)
{
	static const char *const good[] = { "docker0", "br-0a1b2c3d4e5f", "lab_1", "eth0.100",
		"virbr0", "_x" };
	static const char *const bad[] = { "", ".", "..", "-x", "a/b", "a b", "a:b", "br%d",
		"new\nline", "sixteen-letters-", "a-name-that-is-too-long", "é" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char name[IFNAMSIZ] = "";
		if (parse_interface(good[i], name, NULL) != 0)
			fail_msg("\"%s\" was refused", good[i]);
		assert_string_equal(name, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		char name[IFNAMSIZ] = "before";
		if (parse_interface(bad[i], name, &err) >= 0 || !err.text[0])
			fail_msg("\"%s\" was taken for an interface", bad[i]);
		assert_string_equal(name, "before");
	}
}

static void users(void **state)
{
	static const char *const good[] = { "root", "alice", "alice:users", "0", "1000", "1000:100",
		"alice:0", "0:wheel", "4294967294", "4294967294:4294967294", "www-data", "a.b",
		"_apt", "svc$", "a@realm.example", SIXTY_THREE };
	static const char *const bad[] = { "", ":", "alice:", ":users", "1:1:1", "a:b:c", "-1",
		"+1", "0x10", "01x", "01", "00", "1a", "4294967295", "4294967296",
		"18446744073709551616", "1:4294967295", " 1", "1 ", "al ice", "alice :x",
		"alice: x", "root\n", "a\tb", "#0", "~alice", "a/b", "a,b", "a\x7f", "alice:-1",
		"alice:+1", SIXTY_FOUR, USER_SIXTY_FOUR, GROUP_SIXTY_FOUR };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (parse_user(good[i], NULL) != 0)
			fail_msg("\"%s\" was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		if (parse_user(bad[i], &err) >= 0 || !err.text[0])
			fail_msg("\"%s\" was taken for a user", bad[i]);
	}
}

/* Their whole grammar is known elsewhere: what is refused here could be no name of anything. */
static void images(void **state)
{
	static const char *const good[] = { "a", "debian:12", "lab/python:3.12-slim",
		"registry.example.org:5000/a/b_c@sha256:00ff", "[::1]:5000/a", "sha256:00ff" };
	static const char *const bad[] = { "", "-x", "/a", ".", "a b", "a\nb", "a\tb", "é", "a%b",
		"a\\b", "a\x7f", "@a" };
	char *name = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse_image(good[i], &name, NULL) != 0)
			fail_msg("\"%s\" was refused", good[i]);
		assert_string_equal(name, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		if (parse_image(bad[i], &name, &err) >= 0 || !strstr(err.text, "debian:12"))
			fail_msg("\"%s\" was taken for an image", bad[i]);
		assert_string_equal(name, "sha256:00ff");
	}
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(users),
		cmocka_unit_test(images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
