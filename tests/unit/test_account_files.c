/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/account_files.h"

static gid_t groups[] = { 1001, 27, 2001, 70001, 0 };
static char *names[] = { "alice", "sudo", "students", NULL, "root" };

static const struct account alice = { .name = "alice",
	.uid = 1001,
	.gid = 1001,
	.gecos = "Alice,,,",
	.home = "/home/alice",
	.shell = "/bin/bash",
	.groups = groups,
	.group_names = names,
	.group_count = 5 };

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
			     "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
			     "alice:x:1001:1001:another home:/elsewhere:/bin/false\n"
			     "twin:x:1001:1001::/home/twin:/bin/sh\n"
			     "bob:x:1002:1002:Bob:/home/bob:/bin/bash\n"
			     "+nis\n"
			     "broken:x:\n"
			     ":x:5:5:::\n"
			     "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin";

static void of_a_host_only_the_system_and_the_account(void **state)
{
	cleanup_free char *made = NULL;

	(void)state;
	assert_int_equal(account_files_passwd(&alice, passwd, true, &made), 0);
	assert_string_equal(made, "root:x:0:0:root:/root:/bin/bash\n"
				  "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
				  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
				  "alice:x:1001:1001:Alice,,,:/home/alice:/bin/bash\n");
}

static void of_a_directory_all_but_namesakes(void **state)
{
	cleanup_free char *made = NULL;

	(void)state;
	assert_int_equal(account_files_passwd(&alice, passwd, false, &made), 0);
	assert_non_null(strstr(made, "\nbob:x:1002:1002:Bob:/home/bob:/bin/bash\n"));
	assert_null(strstr(made, "elsewhere"));
	assert_null(strstr(made, "twin"));
	assert_null(strstr(made, "broken"));
}

static void groups_are_the_hosts(void **state)
{
	static const char text[] = "root:x:0:\n"
				   "adm:x:4:syslog,bob\n"
				   "sudo:x:27:bob,alice\n"
				   "lab:x:2001:carol\n"
				   "students:x:999:\n"
				   "bob:x:1002:bob\n"
				   "nogroup:x:65534:\n";
	cleanup_free char *made = NULL, *directory = NULL;

	(void)state;
	assert_int_equal(account_files_group(&alice, text, true, &made), 0);
	assert_string_equal(made, "root:x:0:\n"
				  "adm:x:4:\n"
				  "nogroup:x:65534:\n"
				  "alice:x:1001:alice\n"
				  "sudo:x:27:alice\n"
				  "students:x:2001:alice\n"
				  "group-70001:x:70001:alice\n");
	assert_int_equal(account_files_group(&alice, text, false, &directory), 0);
	assert_non_null(strstr(directory, "adm:x:4:syslog,bob\n"));
	assert_non_null(strstr(directory, "\nbob:x:1002:bob\n"));
	/* Neither another name for its group nor another number. */
	assert_null(strstr(directory, "lab"));
	assert_null(strstr(directory, "students:x:999"));
}

static void without_a_file_there_is_the_account(void **state)
{
	cleanup_free char *made = NULL;

	(void)state;
	assert_int_equal(account_files_passwd(&alice, NULL, false, &made), 0);
	assert_string_equal(made, "alice:x:1001:1001:Alice,,,:/home/alice:/bin/bash\n");
}

/* A name service may say what would become another field, or another account. */
static void fields_cannot_break_out(void **state)
{
	struct account evil = alice;
	cleanup_free char *made = NULL;

	(void)state;
	evil.gecos = (char *)"x:/:/bin/sh\nroot2:x:0:0::/:/bin/sh";
	evil.home = (char *)"/home/a:b";
	assert_int_equal(account_files_passwd(&evil, NULL, false, &made), 0);
	assert_string_equal(made, "alice:x:1001:1001:::/bin/bash\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_host_only_the_system_and_the_account),
		cmocka_unit_test(of_a_directory_all_but_namesakes),
		cmocka_unit_test(groups_are_the_hosts),
		cmocka_unit_test(without_a_file_there_is_the_account),
		cmocka_unit_test(fields_cannot_break_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
