/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/account.h"
#include "tests/unit/policy_tree.h"

/*
 * A name service in the place of the C library's: what is defined here is what the library under
 * test is linked with. It has the account "bob" and the group "people", and as many groups as is
 * said.
 */
static struct {
	int errnum;	/* what it says instead of an answer */
	unsigned times; /* so often, then it answers */
	size_t needs;	/* bytes, before it says anything but ERANGE */
	size_t most;	/* the largest buffer that it was given */
	uid_t uid;
	int group_count;
	char **members; /* of "people", as the group has them */
	gid_t people;
	unsigned questions;
} service;

/* Whether there is an answer now; *ret is what to say if not. */
static bool is_answered(size_t size, int *ret)
{
	service.questions++;
	service.most = size > service.most ? size : service.most;
	*ret = 0;
	if (size < service.needs)
		*ret = ERANGE;
	else if (service.errnum && service.times) {
		service.times--;
		*ret = service.errnum;
	}
	return *ret == 0;
}

int getpwnam_r(
    const char *name, struct passwd *entry, char *buffer, size_t size, struct passwd **found)
{
	int r;

	*found = NULL;
	if (!is_answered(size, &r) || strcmp(name, "bob") != 0)
		return r;
	*entry = (struct passwd){ .pw_name = memcpy(buffer, "bob", 4),
		.pw_uid = service.uid,
		.pw_gid = 5000,
		.pw_dir = (char *)"/home/bob",
		.pw_shell = (char *)"" };
	*found = entry;
	return 0;
}

static int find_group(
    bool matches, struct group *entry, char *buffer, size_t size, struct group **found)
{
	int r;

	*found = NULL;
	if (!is_answered(size, &r) || !matches)
		return r;
	*entry = (struct group){ .gr_name = memcpy(buffer, "people", 7),
		.gr_gid = service.people,
		.gr_mem = service.members };
	*found = entry;
	return 0;
}

int getgrnam_r(
    const char *name, struct group *entry, char *buffer, size_t size, struct group **found)
{
	return find_group(strcmp(name, "people") == 0, entry, buffer, size, found);
}

int getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size, struct group **found)
{
	return find_group(gid == service.people, entry, buffer, size, found);
}

int getgrouplist(const char *user, gid_t group, gid_t *groups, int *count)
{
	int room = *count;

	(void)user;
	for (int i = 0; i < service.group_count && i < room; i++)
		groups[i] = i == 0 ? group : 7000 + (gid_t)i;
	*count = service.group_count;
	return service.group_count > room ? -1 : service.group_count;
}

static int reset(void **state)
{
	(void)state;
	memset(&service, 0, sizeof(service));
	service.uid = 5000;
	service.people = 5000;
	service.group_count = 1;
	return 0;
}

static void an_entry_of_its_own_size(void **state)
{
	struct account account = ACCOUNT_INIT;
	gid_t gid;

	(void)state;
	service.needs = (size_t)1 << 20;
	assert_int_equal(account_lookup("bob", &account, NULL), 0);
	assert_string_equal(account.shell, "/bin/sh");
	assert_string_equal(account.gecos, "");
	assert_string_equal(account.group, "people");
	account_done(&account);
	/* But not of any size. */
	service.needs = SIZE_MAX;
	assert_int_equal(account_group_id("people", &gid, NULL), -ERANGE);
	assert_true(service.most <= (size_t)64 << 20);
}

/* "There is none" and "I cannot be asked" are not the same. */
static void a_service_that_does_not_answer(void **state)
{
	static const int errnums[] = { ENOENT, ECONNREFUSED, EAGAIN, EIO, EMFILE, ESRCH };
	struct account account = ACCOUNT_INIT;
	gid_t gid;

	(void)state;
	for (size_t i = 0; i < sizeof(errnums) / sizeof(errnums[0]); i++) {
		struct err err = ERR_INIT;
		service.errnum = errnums[i];
		service.times = 1;
		int r = account_group_id("people", &gid, &err);
		assert_true(r < 0 && r != -ENOENT);
		assert_non_null(strstr(err.text, "cannot look up the group"));
		service.times = 1;
		r = account_lookup("bob", &account, &err);
		assert_true(r < 0 && r != -ENOENT);
		assert_non_null(strstr(err.text, "cannot look up the account"));
	}
	service.errnum = EINTR;
	service.times = 3;
	assert_int_equal(account_group_id("people", &gid, NULL), 0);
	assert_int_equal(account_group_id("peopel", &gid, NULL), -ENOENT);
	assert_int_equal(account_lookup("bbo", &account, NULL), -ENOENT);
}

static void ids_that_are_nobodys(void **state)
{
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;

	(void)state;
	service.uid = (uid_t)-1;
	assert_int_equal(account_lookup("bob", &account, &err), -ERANGE);
	assert_null(account.name);
}

static void many_groups(void **state)
{
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;

	(void)state;
	service.group_count = 3000;
	assert_int_equal(account_lookup("bob", &account, &err), 0);
	assert_int_equal(account.group_count, 3000);
	assert_true(account_has_group(&account, 5000) && account_has_group(&account, 9999));
	account_done(&account);
	service.group_count = 70000;
	assert_int_equal(account_lookup("bob", &account, &err), -ERANGE);
	assert_non_null(strstr(err.text, "more than 65536 groups"));
}

/* Who cannot be asked about is not taken for somebody without a policy; and the number of questions
 * is that of the files, and not that of the groups. */
static void policies_of_groups(void **state)
{
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;
	struct policy policy;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "groups/people.conf", "[jail]\nenable = yes\n");
	tree_write(&tree, "groups/other.conf", "");
	service.group_count = 3000;
	assert_int_equal(account_lookup("bob", &account, &err), 0);
	service.questions = 0;
	assert_int_equal(policy_load(&tree.places, &account, &policy, &err), 0);
	assert_true(policy.spec.jail.enable);
	assert_int_equal(service.questions, 2);
	policy_done(&policy);
	service.errnum = ENOENT;
	service.times = 1;
	assert_int_equal(policy_load(&tree.places, &account, &policy, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "cannot look up the group"));
	account_done(&account);
	tree_remove(&tree);
}

/* As where the server of the groups does not answer, and what is left says "only their own". */
static void a_group_that_lists_its_member(void **state)
{
	static char *with[] = { "alice", "bob", NULL },
		    *without[] = { "alice", "bobby", "bo", NULL };
	struct account account = ACCOUNT_INIT;
	struct err err = ERR_INIT;
	struct policy policy;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "groups/people.conf", "[jail]\nenable = yes\n");
	service.people = 6000;
	assert_int_equal(account_lookup("bob", &account, &err), 0);
	assert_false(account_has_group(&account, service.people));
	service.members = with;
	assert_int_equal(policy_load(&tree.places, &account, &policy, &err), 0);
	assert_true(policy.spec.jail.enable);
	policy_done(&policy);
	service.members = without;
	assert_int_equal(policy_load(&tree.places, &account, &policy, &err), 0);
	assert_false(policy.spec.jail.enable);
	policy_done(&policy);
	account_done(&account);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_entry_of_its_own_size, reset),
		cmocka_unit_test_setup(a_service_that_does_not_answer, reset),
		cmocka_unit_test_setup(ids_that_are_nobodys, reset),
		cmocka_unit_test_setup(many_groups, reset),
		cmocka_unit_test_setup(policies_of_groups, reset),
		cmocka_unit_test_setup(a_group_that_lists_its_member, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
