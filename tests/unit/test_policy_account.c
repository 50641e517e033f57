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

#include "lib/policy/account.h"
#include "lib/policy/exempt.h"

/* Accounts that every system has. */
static void accounts_that_exist(void **state)
{
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;

	(void)state;
	if (account_lookup("root", &account, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(account.name, "root");
	assert_int_equal(account.uid, 0);
	assert_int_equal(account.gid, 0);
	assert_string_equal(account.group, "root");
	assert_int_equal(account.home[0], '/');
	assert_int_equal(account.shell[0], '/');
	assert_non_null(account.gecos);
	assert_true(account.group_count >= 1);
	assert_int_equal(account.groups[0], 0);
	for (size_t i = 0; i < account.group_count; i++)
		for (size_t n = 0; n < i; n++)
			assert_int_not_equal(account.groups[i], account.groups[n]);
	assert_null(account.group_names);
	assert_int_equal(account_name_groups(&account, &err), 0);
	assert_string_equal(account.group_names[0], "root");
	char **names = account.group_names;
	assert_int_equal(account_name_groups(&account, &err), 0);
	assert_ptr_equal(account.group_names, names);
	account_done(&account);
	account_done(&account);
}

static void accounts_that_do_not(void **state)
{
	static const char *const names[] = { "no-such-account", "", "root:x", "root\n", "../root" };
	struct account account = ACCOUNT_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(account_lookup(names[i], &account, &err), -ENOENT);
		assert_non_null(strstr(err.text, "there is no account called"));
		assert_null(account.name);
	}
}

static void groups_that_are_known(void **state)
{
	static const gid_t groups[] = { 77777, 0, 88888, 77777, 0 };
	static const gid_t nobodys[] = { (gid_t)-1 };
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(account_lookup_with_groups("root", groups, 5, &account, &err), 0);
	assert_int_equal(account.group_count, 3);
	assert_int_equal(account.groups[0], 0);
	assert_int_equal(account.groups[1], 77777);
	assert_int_equal(account.groups[2], 88888);
	assert_true(account_has_group(&account, 88888));
	assert_false(account_has_group(&account, 99999));
	/* Not every number has a name. */
	assert_int_equal(account_name_groups(&account, &err), 0);
	assert_null(account.group_names[1]);
	account_done(&account);
	assert_int_equal(account_lookup_with_groups("root", NULL, 0, &account, &err), 0);
	assert_int_equal(account.group_count, 1);
	account_done(&account);
	assert_int_equal(account_lookup_with_groups("root", nobodys, 1, &account, &err), -ERANGE);
}

static void numbers_of_groups(void **state)
{
	struct err err = ERR_INIT;
	gid_t gid = 4711;

	(void)state;
	assert_int_equal(account_group_id("no-such-group", &gid, &err), -ENOENT);
	assert_int_equal(gid, 4711);
	assert_int_equal(account_group_id("root", &gid, &err), 0);
	assert_int_equal(gid, 0);
}

static void who_is_exempt(void **state)
{
	static const struct {
		struct exempt_login login;
		const char *reason; /* a word of it */
	} cases[] = {
		{ { .uid = 0, .uid_min = 1000 }, "root" },
		{ { .uid = 0, .uid_min = 0 }, "root" },
		{ { .uid = 999, .uid_min = 1000 }, "UID_MIN" },
		{ { .uid = 1000, .uid_min = 1000 }, NULL },
		{ { .uid = 1000, .uid_min = 1000, .in_group = true }, "group" },
		{ { .uid = 1000, .uid_min = 1000, .service = "sshd", .services = EXEMPT_SERVICES },
		    NULL },
		{ { .uid = 1000,
		      .uid_min = 1000,
		      .service = "vsftpd",
		      .services = EXEMPT_SERVICES },
		    "service" },
		{ { .uid = 1000, .uid_min = 1000, .service = "ssh", .services = EXEMPT_SERVICES },
		    "service" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *reason = exempt_reason(&cases[i].login);
		if (!reason != !cases[i].reason)
			fail_msg("case %zu: %s", i, reason ?: "not exempt");
		if (reason)
			assert_non_null(strstr(reason, cases[i].reason ?: ""));
	}
	assert_true(exempt_listed("a,bc", "a") && exempt_listed("a,bc", "bc"));
	assert_false(exempt_listed("a,bc", "b") || exempt_listed("a,bc", "c") ||
		     exempt_listed("a,bc", "a,bc") || exempt_listed("", "a"));
}

static void where_accounts_begin(void **state)
{
	static const struct {
		const char *text;
		uid_t uid_min;
	} cases[] = {
		{ "", EXEMPT_UID_MIN },
		{ "UID_MIN 500\n", 500 },
		{ "# UID_MIN 1\nSYS_UID_MIN 100\nUID_MIN\t\t  2000 # so\nUID_MAX 60000\n", 2000 },
		{ "UID_MIN 0x7d0\n", 2000 },
		{ "UID_MIN many\n", EXEMPT_UID_MIN },
		{ "UID_MIN -1\n", EXEMPT_UID_MIN },
		{ "UID_MIN 99999999999\n", EXEMPT_UID_MIN },
	};
	char path[] = "/tmp/contain-login-defs-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file = fopen(path, "we");
		fputs(cases[i].text, file);
		fclose(file);
		assert_int_equal(exempt_uid_min(path), cases[i].uid_min);
	}
	unlink(path);
	assert_int_equal(exempt_uid_min(path), EXEMPT_UID_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_that_exist),
		cmocka_unit_test(accounts_that_do_not),
		cmocka_unit_test(groups_that_are_known),
		cmocka_unit_test(numbers_of_groups),
		cmocka_unit_test(who_is_exempt),
		cmocka_unit_test(where_accounts_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
