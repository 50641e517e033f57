/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/specifier.h"

static void what_they_stand_for(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "", "" },
		{ "/srv/data", "/srv/data" },
		{ "/srv/%u/%U/%g", "/srv/alice/1000/people" },
		{ "%h:/data", "/home/alice:/data" },
		{ "100%%", "100%" },
		{ "%%u", "%u" },
		{ "%u%u", "alicealice" },
	};
	const struct account account = { .name = (char *)"alice",
		.uid = 1000,
		.home = (char *)"/home/alice",
		.group = (char *)"people" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *value = NULL;
		assert_int_equal(specifier_expand(cases[i].text, &account, &value, NULL), 0);
		assert_string_equal(value, cases[i].value);
		free(value);
	}
}

static void what_is_refused(void **state)
{
	static const char *const cases[] = { "%", "/srv/%", "%x", "% u", "%\xc3\xa9", "%1u" };
	const struct account account = {
		.name = (char *)"alice", .home = (char *)"/home/alice", .group = (char *)"people"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		char *value = NULL;
		if (specifier_expand(cases[i], &account, &value, &err) >= 0)
			fail_msg("%s was taken", cases[i]);
		assert_non_null(strstr(err.text, "is not known"));
		assert_null(value);
	}
	for (const char *letter = "uhUg"; *letter; letter++) {
		const char text[] = { '%', *letter, '\0' };
		struct err err = ERR_INIT;
		char *value = NULL;
		assert_int_equal(specifier_expand(text, NULL, &value, &err), -EINVAL);
		assert_non_null(strstr(err.text, "here there is none"));
	}
}

/* Whoever can choose the name of an account must not choose a path with it. */
static void names_that_are_more_than_names(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", "../etc", "/", "a b", "a\tb",
		"a\nb", "a:b", "a,b", "a\\", "a\"b", "a'b", "a\x7f", "a\x01" };
	static const char *const fine[] = { "a.b", "...", "a-b_c$", "D\xc3\xb6rte", "a@example.org",
		"1000" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct account account = {
			.name = (char *)names[i], .group = (char *)names[i], .home = (char *)"/"
		};
		char *value = NULL;
		for (const char *text = "%u\0%g\0%h\0"; *text; text += 3) {
			struct err err = ERR_INIT;
			if (specifier_expand(text, &account, &value, &err) != -EINVAL)
				fail_msg("%s: %s was taken", text, names[i]);
			assert_true(strstr(err.text, "cannot be") != NULL);
		}
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		const struct account account = {
			.name = (char *)fine[i], .group = (char *)fine[i], .home = (char *)"/h"
		};
		char *value = NULL;
		assert_int_equal(specifier_expand("%u", &account, &value, NULL), 0);
		assert_string_equal(value, fine[i]);
		free(value);
	}
}

static void homes(void **state)
{
	static const char *const refused[] = { "", "/", "//", "home/a", "/home/../etc", "/..",
		"/a/.", "/home/a b", "/home/a:b", "/home/a,b", "/home/a\nb" };
	static const char *const fine[] = { "/h", "/home/a", "/srv//a/", "/home/...", "/home/.a" };

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct account account = { .home = (char *)refused[i] };
		char *value = NULL;
		if (specifier_expand("%h", &account, &value, NULL) != -EINVAL)
			fail_msg("%s was taken", refused[i]);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		const struct account account = { .home = (char *)fine[i] };
		char *value = NULL;
		assert_int_equal(specifier_expand("%h", &account, &value, NULL), 0);
		assert_string_equal(value, fine[i]);
		free(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_they_stand_for),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(names_that_are_more_than_names),
		cmocka_unit_test(homes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
