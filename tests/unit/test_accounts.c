/* SPDX-License-Identifier: MIT */
/* Looking users up in a root that somebody else wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/kernel/accounts.h"

#define LIMIT 65536

/* Accounts of every shape; the lines that must never count are marked. */
static const char passwd_text[] =
    "# a comment: with: enough: colons: to: be: one\n"
    "+nis:x:0:0::/:/bin/sh\n" /* never */
    "root:x:0:0:root:/root:/bin/bash\n"
    "1000:x:0:0:numeric:/root:/bin/sh\n" /* never by --user 1000 */
    "short:x:0\n"			 /* never */
    "alice:x:1000:1000:Alice,,,:/home/alice:/bin/zsh\n"
    "alice:x:0:0:again:/root:/bin/sh\n" /* never: the first entry counts */
    "bob:x:1001:100::relative:\n"
    "minus:x:-1:0::/:/bin/sh\n"
    "plus:x:+0:0::/:/bin/sh\n"
    "hex:x:0x0:0::/:/bin/sh\n"
    "space:x: 0:0::/:/bin/sh\n"
    "empty:x::0::/:/bin/sh\n"
    "wrap:x:4294967296:0::/:/bin/sh\n"
    "none:x:4294967295:0::/:/bin/sh\n"
    "badgid:x:1002:-1::/:/bin/sh\n"
    "high:x:65536:5::/:/bin/sh\n"
    "last:x:65535:65535::/:/bin/sh\n"
    "lowgid:x:1003:70000::/:/bin/sh\n"
    "ghost:x:1004:1004::/:/bin/sh\n"
    "odd name:x:1005:1005::/home/odd:/bin/sh\n"
    "_apt:x:42:65534::/nonexistent:/usr/sbin/nologin";

static const char group_text[] = "root:x:0:\n"
				 "alice:x:1000:\n"
				 "audio:x:29:bob,alice\n"
				 "sudo:x:27:alice\n"
				 "again:x:29:alice\n"
				 "mine:x:1000:alice\n"
				 "users:x:100:alicex,xalice\n"
				 "far:x:70000:ghost\n"
				 "minus:x:-1:\n"
				 "tty:x:5:";

struct world {
	char path[64];
	int root;
};

static void write_file(int dir, const char *name, const void *data, size_t length)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	strcpy(world->path, "/tmp/contain-accounts-XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->root = open(world->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(world->root >= 0);
	assert_int_equal(mkdirat(world->root, "etc", 0755), 0);
	write_file(world->root, "etc/passwd", passwd_text, strlen(passwd_text));
	write_file(world->root, "etc/group", group_text, strlen(group_text));
	*state = world;
	return 0;
}

static int remove_world(void **state)
{
	struct world *world = *state;

	unlinkat(world->root, "etc/passwd", 0);
	unlinkat(world->root, "etc/passwd", AT_REMOVEDIR);
	unlinkat(world->root, "etc/group", 0);
	unlinkat(world->root, "etc", AT_REMOVEDIR);
	close(world->root);
	rmdir(world->path);
	free(world);
	return 0;
}

static void ids_are_found(void **state)
{
	static const struct {
		const char *user;
		uid_t uid;
		gid_t gid;
		size_t groups;
		const char *name, *home, *shell;
	} cases[] = {
		{ NULL, 0, 0, 1, "root", "/root", "/bin/bash" },
		{ "0", 0, 0, 1, "root", "/root", "/bin/bash" },
		{ "root", 0, 0, 1, "root", "/root", "/bin/bash" },
		{ "root:5", 0, 5, 1, "root", "/root", "/bin/bash" },
		{ "root:tty", 0, 5, 1, "root", "/root", "/bin/bash" },
		{ "1000", 1000, 1000, 1, "alice", "/home/alice", "/bin/zsh" },
		{ "1000:0", 1000, 0, 1, "alice", "/home/alice", "/bin/zsh" },
		{ "1000:29", 1000, 29, 1, "alice", "/home/alice", "/bin/zsh" },
		{ "alice", 1000, 1000, 3, "alice", "/home/alice", "/bin/zsh" },
		{ "alice:sudo", 1000, 27, 1, "alice", "/home/alice", "/bin/zsh" },
		{ "bob", 1001, 100, 2, "bob", "/", "/bin/sh" },
		{ "4242", 4242, 0, 1, "", "/", "/bin/sh" },
		{ "4242:4243", 4242, 4243, 1, "", "/", "/bin/sh" },
		{ "65535", 65535, 65535, 1, "last", "/", "/bin/sh" },
		{ "1005", 1005, 1005, 1, "", "/home/odd", "/bin/sh" },
		{ "_apt", 42, 65534, 1, "_apt", "/nonexistent", "/usr/sbin/nologin" },
	};
	const struct world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct credentials who;
		struct err err = ERR_INIT;
		int r = accounts_lookup(world->root, cases[i].user, LIMIT, &who, &err);
		if (r < 0)
			fail_msg("%s: %s", cases[i].user ?: "NULL", err.text);
		assert_int_equal(who.uid, cases[i].uid);
		assert_int_equal(who.gid, cases[i].gid);
		assert_int_equal(who.group_count, cases[i].groups);
		assert_int_equal(who.groups[0], cases[i].gid);
		assert_string_equal(who.name, cases[i].name);
		assert_string_equal(who.home, cases[i].home);
		assert_string_equal(who.shell, cases[i].shell);
	}
}

/* alice is in audio twice over, by its id, and in a second group with the id of her own. */
static void supplementary_groups_are_those_that_list_the_user(void **state)
{
	const struct world *world = *state;
	struct credentials who;

	assert_int_equal(accounts_lookup(world->root, "alice", LIMIT, &who, NULL), 0);
	assert_int_equal(who.group_count, 3);
	assert_int_equal(who.groups[0], 1000);
	assert_int_equal(who.groups[1], 29);
	assert_int_equal(who.groups[2], 27);
}

static void hostile_strings_are_refused(void **state)
{
	static const char *const users[] = { "", " ", "-1", "+1", "-0", "01", "00", "0x10", "0x0",
		"1e3", "1.0", "4294967295", "4294967296", "18446744073709551615",
		"18446744073709551616", "99999999999999999999999999", " 1", "1 ", "1\n", "\t1",
		"root\n", "root ", " root", "ro ot", "\nroot", "root\033[2J", "#0", "-x", "-root",
		"../root", "a/b", ".", "..", ".root", "@root", "$root", "1:", ":1", ":",
		"::", "1::1", "1:1:1", "root:", ":root", "root:-1", "root:+1", "root:01",
		"root:0x5", "root: 5", "root:5 ", "1:4294967295", "root:4294967296",
		"root:root:root", "1000a", "0root", "r\xc3\xb6\xc3\xb6t", "+", "-", "+nis",
		"root,bin" };
	const struct world *world = *state;

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct credentials who = { .uid = 77 };
		struct err err = ERR_INIT;
		int r = accounts_lookup(world->root, users[i], LIMIT, &who, &err);
		if (r != -EINVAL)
			fail_msg("\"%s\": %d, uid %u", users[i], r, who.uid);
		assert_int_equal(who.uid, 77);
		assert_int_equal(err.code, EINVAL);
		assert_true(err.text[0]);
		assert_null(strpbrk(err.text, "\n\033\t"));
	}
}

static void overlong_strings_are_refused(void **state)
{
	const struct world *world = *state;
	struct credentials who;
	struct err err = ERR_INIT;
	char text[5000];

	for (size_t length = 64; length < sizeof(text); length = length * 2 + 1) {
		memset(text, 'a', length);
		text[length] = '\0';
		assert_int_equal(accounts_lookup(world->root, text, LIMIT, &who, &err), -EINVAL);
		memset(text, '1', length);
		assert_int_equal(accounts_lookup(world->root, text, LIMIT, &who, &err), -EINVAL);
		text[0] = '0';
		text[1] = ':';
		assert_int_equal(accounts_lookup(world->root, text, LIMIT, &who, &err), -EINVAL);
	}
}

static void damaged_entries_are_refused(void **state)
{
	static const char *const users[] = { "minus", "plus", "hex", "space", "empty", "wrap",
		"none", "badgid", "root:minus" };
	const struct world *world = *state;

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct credentials who;
		struct err err = ERR_INIT;
		if (accounts_lookup(world->root, users[i], UINT64_MAX, &who, &err) != -EINVAL)
			fail_msg("%s became uid %u", users[i], who.uid);
		assert_non_null(strstr(err.text, "the root's /etc/"));
	}
}

static void missing_names_are_told(void **state)
{
	const struct world *world = *state;
	struct credentials who;
	struct err err = ERR_INIT;

	assert_int_equal(accounts_lookup(world->root, "nobody", LIMIT, &who, &err), -ENOENT);
	assert_string_equal(err.text, "user \"nobody\" is not in the root's /etc/passwd");
	assert_int_equal(accounts_lookup(world->root, "root:nogroup", LIMIT, &who, &err), -ENOENT);
	assert_string_equal(err.text, "group \"nogroup\" is not in the root's /etc/group");
	assert_int_equal(accounts_lookup(world->root, "short", LIMIT, &who, &err), -ENOENT);
	assert_int_equal(accounts_lookup(world->root, "roo", LIMIT, &who, &err), -ENOENT);
	assert_int_equal(accounts_lookup(world->root, "roott", LIMIT, &who, &err), -ENOENT);
}

static void ids_beyond_the_jails_are_refused(void **state)
{
	static const char *const users[] = { "65536", "high", "0:65536", "lowgid", "1003",
		"ghost" };
	const struct world *world = *state;
	struct credentials who;

	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(
		    accounts_lookup(world->root, users[i], LIMIT, &who, &err), -ERANGE);
		assert_non_null(strstr(err.text, "the jail"));
		/* the same with room for them */
		assert_int_equal(accounts_lookup(world->root, users[i], 70001, &who, NULL), 0);
	}
	assert_int_equal(accounts_lookup(world->root, "0", 1, &who, NULL), 0);
	assert_int_equal(accounts_lookup(world->root, "1", 1, &who, NULL), -ERANGE);
	assert_int_equal(accounts_lookup(world->root, "4294967294", UINT32_MAX, &who, NULL), 0);
	/* without the group that is out of reach */
	assert_int_equal(accounts_lookup(world->root, "ghost:1004", LIMIT, &who, NULL), 0);
}

static void too_many_groups_are_refused(void **state)
{
	const struct world *world = *state;
	struct credentials who;
	char text[16384] = "";
	size_t used = 0;

	for (int i = 1; i <= ACCOUNTS_GROUPS_MAX; i++) {
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "g%d:x:%d:alice\n", i, 2000 + i);
		write_file(world->root, "etc/group", text, used);
		assert_int_equal(accounts_lookup(world->root, "alice", LIMIT, &who, NULL),
		    i < ACCOUNTS_GROUPS_MAX ? 0 : -E2BIG);
	}
}

static void missing_files_count_as_empty(void **state)
{
	const struct world *world = *state;
	struct credentials who;
	struct err err = ERR_INIT;

	assert_int_equal(unlinkat(world->root, "etc/group", 0), 0);
	assert_int_equal(accounts_lookup(world->root, "alice", LIMIT, &who, &err), 0);
	assert_int_equal(who.group_count, 1);
	assert_int_equal(accounts_lookup(world->root, "alice:audio", LIMIT, &who, &err), -ENOENT);
	assert_int_equal(unlinkat(world->root, "etc/passwd", 0), 0);
	assert_int_equal(accounts_lookup(world->root, "0", LIMIT, &who, &err), 0);
	assert_string_equal(who.home, "/");
	assert_int_equal(accounts_lookup(world->root, "12:34", LIMIT, &who, &err), 0);
	assert_int_equal(who.gid, 34);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, &err), -ENOENT);
	assert_non_null(strstr(err.text, "is not in the root's /etc/passwd"));
	assert_int_equal(symlinkat("nowhere", world->root, "etc/passwd"), 0);
	assert_int_equal(accounts_lookup(world->root, "0", LIMIT, &who, &err), 0);
}

/* A symlink is resolved inside the root: the host's own file has other users. */
static void links_stay_inside(void **state)
{
	static const char other[] = "insider:x:7:7::/:/bin/sh\n";
	const struct world *world = *state;
	struct credentials who;

	write_file(world->root, "passwd", other, strlen(other));
	assert_int_equal(unlinkat(world->root, "etc/passwd", 0), 0);
	assert_int_equal(symlinkat("../../../../../passwd", world->root, "etc/passwd"), 0);
	assert_int_equal(accounts_lookup(world->root, "insider", LIMIT, &who, NULL), 0);
	assert_int_equal(who.uid, 7);
	unlinkat(world->root, "passwd", 0);
	/* /etc/passwd itself: a link to itself in the root, and the host's file outside of it */
	unlinkat(world->root, "etc/passwd", 0);
	assert_int_equal(symlinkat("/etc/passwd", world->root, "etc/passwd"), 0);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, NULL), -ELOOP);
}

static void only_regular_files_are_read(void **state)
{
	const struct world *world = *state;
	struct credentials who;
	struct err err = ERR_INIT;

	unlinkat(world->root, "etc/passwd", 0);
	assert_int_equal(mkfifoat(world->root, "etc/passwd", 0644), 0);
	alarm(5); /* opening a FIFO to read waits for a writer */
	assert_int_equal(accounts_lookup(world->root, "0", LIMIT, &who, &err), -EINVAL);
	alarm(0);
	assert_non_null(strstr(err.text, "is not a regular file"));
	unlinkat(world->root, "etc/passwd", 0);
	unlinkat(world->root, "etc/group", 0);
	assert_int_equal(mkfifoat(world->root, "etc/group", 0644), 0);
	assert_int_equal(accounts_lookup(world->root, "0:tty", LIMIT, &who, &err), -EINVAL);
	assert_int_equal(accounts_lookup(world->root, "0:5", LIMIT, &who, &err), 0);
	assert_int_equal(mkdirat(world->root, "etc/passwd", 0755), 0);
	assert_int_equal(accounts_lookup(world->root, "0", LIMIT, &who, &err), -EINVAL);
}

static void large_files_are_refused(void **state)
{
	static const char line[] = "eve:x:9:9::/:/bin/sh\n";
	const struct world *world = *state;
	struct credentials who;
	struct err err = ERR_INIT;
	size_t size = 1048576;
	size_t length = sizeof(line) - 1;
	char *text = malloc(size + 1);

	memset(text, '\n', size + 1);
	memcpy(text + size - length, line, length);
	write_file(world->root, "etc/passwd", text, size);
	assert_int_equal(accounts_lookup(world->root, "eve", LIMIT, &who, NULL), 0);
	write_file(world->root, "etc/passwd", text, size + 1);
	assert_int_equal(accounts_lookup(world->root, "eve", LIMIT, &who, &err), -EFBIG);
	assert_non_null(strstr(err.text, "/etc/passwd"));
	assert_int_equal(accounts_lookup(world->root, "eve", LIMIT, &who, NULL), -EFBIG);
	free(text);
}

/* Bytes that no parser expects: what is found must still be the right line, or none. */
static void odd_bytes_do_no_harm(void **state)
{
	static const char begins_with_nul[] = "\0root:x:5:5::/:/x\n";
	static const char nul_in_name[] = "root\0:x:6:6::/:/x\nroot:x:7:7::/:/x\n";
	static const char empty_fields[] = ":x:0:0:::\n\n\n:::::::\n::::::\nroot:x:8:8::/:/x\n";
	static const char control[] = "root:x:9:9::/\1home:/bin/\x7fsh\n";
	const struct world *world = *state;
	struct credentials who;

	write_file(world->root, "etc/passwd", begins_with_nul, sizeof(begins_with_nul) - 1);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, NULL), -ENOENT);
	write_file(world->root, "etc/passwd", nul_in_name, sizeof(nul_in_name) - 1);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, NULL), -ENOENT);
	write_file(world->root, "etc/passwd", empty_fields, sizeof(empty_fields) - 1);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, NULL), 0);
	assert_int_equal(who.uid, 8);
	write_file(world->root, "etc/passwd", control, sizeof(control) - 1);
	assert_int_equal(accounts_lookup(world->root, "root", LIMIT, &who, NULL), 0);
	assert_int_equal(who.uid, 9);
	assert_string_equal(who.home, "/");
	assert_string_equal(who.shell, "/bin/sh");
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(ids_are_found),
		WORLD_TEST(supplementary_groups_are_those_that_list_the_user),
		WORLD_TEST(hostile_strings_are_refused),
		WORLD_TEST(overlong_strings_are_refused),
		WORLD_TEST(damaged_entries_are_refused),
		WORLD_TEST(missing_names_are_told),
		WORLD_TEST(ids_beyond_the_jails_are_refused),
		WORLD_TEST(too_many_groups_are_refused),
		WORLD_TEST(missing_files_count_as_empty),
		WORLD_TEST(links_stay_inside),
		WORLD_TEST(only_regular_files_are_read),
		WORLD_TEST(large_files_are_refused),
		WORLD_TEST(odd_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
