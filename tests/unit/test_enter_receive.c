/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/jail/enter.h"

/* The two ends, and what arrives. */
struct talk {
	int helper, module;
	struct entry entry;
	struct err err;
};

static struct talk begin(void)
{
	struct talk talk = { .err = ERR_INIT };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	talk.helper = ends[0];
	talk.module = ends[1];
	entry_init(&talk.entry);
	return talk;
}

static void say(const struct talk *talk, int kind, const void *body, size_t length, int pass)
{
	assert_int_equal(enter_send(talk->helper, (enum enter_kind)kind, body, length, pass), 0);
}

static int hear(struct talk *talk)
{
	return enter_receive(talk->module, clock_now() + 50000, &talk->entry, &talk->err);
}

static void end(struct talk *talk)
{
	entry_done(&talk->entry);
	fd_close(talk->helper);
	fd_close(talk->module);
}

static int number_of_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static const struct enter_plan plan = {
	.namespaces = CLONE_NEWUSER | CLONE_NEWNS, .group_count = 2, .groups = { 1001, 2001 }
};

static void everything_arrives(void **state)
{
	const struct sock_filter code[3] = { { .code = 6, .k = 1 }, { .code = 6, .k = 2 } };
	struct talk talk = begin();
	int before = number_of_descriptors();

	(void)state;
	say(&talk, ENTER_PLAN, &plan, sizeof(plan), -1);
	say(&talk, ENTER_FILTER, code, sizeof(code), -1);
	say(&talk, ENTER_VARIABLE, "A=1", 3, -1);
	say(&talk, ENTER_VARIABLE, "B=", 2, -1);
	say(&talk, ENTER_CGROUP, NULL, 0, STDIN_FILENO);
	say(&talk, ENTER_CGROUP, NULL, 0, STDIN_FILENO);
	say(&talk, ENTER_JAIL, NULL, 0, STDIN_FILENO);
	assert_int_equal(hear(&talk), 0);
	assert_int_equal(talk.entry.verdict, ENTER_JAIL);
	assert_int_equal(talk.entry.plan.groups[1], 2001);
	assert_int_equal(talk.entry.filter.length, 3);
	assert_int_equal(talk.entry.filter.code[1].k, 2);
	assert_int_equal(talk.entry.variables.count, 2);
	assert_string_equal(talk.entry.variables.items[1], "B=");
	assert_int_equal(talk.entry.cgroup_count, 2);
	assert_int_equal(number_of_descriptors(), before + 3);
	entry_done(&talk.entry);
	assert_int_equal(number_of_descriptors(), before);
	end(&talk);
}

static void verdicts_without_a_jail(void **state)
{
	struct enter_refusal refusal = { .by_policy = true };
	struct talk talk = begin();

	(void)state;
	say(&talk, ENTER_FREE, NULL, 0, -1);
	assert_int_equal(hear(&talk), 0);
	assert_int_equal(talk.entry.verdict, ENTER_FREE);
	memset(refusal.message, 'x', sizeof(refusal.message)); /* no NUL */
	say(&talk, ENTER_REFUSED, &refusal, sizeof(refusal), -1);
	assert_int_equal(hear(&talk), 0);
	assert_int_equal(talk.entry.verdict, ENTER_REFUSED);
	assert_true(talk.entry.refusal.by_policy);
	assert_int_equal(strlen(talk.entry.refusal.message), sizeof(refusal.message) - 1);
	end(&talk);
}

static void silence_and_death_end(void **state)
{
	struct talk talk = begin();

	(void)state;
	assert_int_equal(hear(&talk), -ETIMEDOUT);
	say(&talk, ENTER_PLAN, &plan, sizeof(plan), -1);
	assert_int_equal(hear(&talk), -ETIMEDOUT); /* a plan alone is no verdict */
	say(&talk, ENTER_CGROUP, NULL, 0, STDIN_FILENO);
	talk.helper = fd_close(talk.helper);
	assert_int_equal(hear(&talk), -EPIPE);
	end(&talk);
}

/* Nothing that is out of shape is taken for a verdict, and no descriptor stays open. */
static void nonsense_is_refused(void **state)
{
	static const struct enter_plan no_namespaces = { .group_count = 1 };
	static const struct enter_plan too_many_groups = { .namespaces = CLONE_NEWNS,
		.group_count = ENTER_GROUPS_MAX + 1 };
	static char large[60000];
	const struct {
		int kind;
		const void *body;
		size_t length;
		int pass;
		const struct enter_plan *before;
	} cases[] = {
		{ ENTER_JAIL, NULL, 0, STDIN_FILENO, NULL }, /* without a plan */
		{ ENTER_JAIL, NULL, 0, STDIN_FILENO, &no_namespaces },
		{ ENTER_JAIL, NULL, 0, STDIN_FILENO, &too_many_groups },
		{ ENTER_JAIL, NULL, 0, -1, &plan }, /* without a descriptor */
		{ ENTER_CGROUP, NULL, 0, -1, NULL },
		{ ENTER_PLAN, &plan, sizeof(plan) - 1, -1, NULL },
		{ ENTER_REFUSED, "short", 5, -1, NULL },
		{ ENTER_FILTER, "odd", 3, -1, NULL },
		{ ENTER_FILTER, NULL, 0, -1, NULL },
		{ 4711, NULL, 0, STDIN_FILENO, NULL },
		{ -1, large, sizeof(large), -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = begin();
		int before = number_of_descriptors();
		if (cases[i].before)
			say(&talk, ENTER_PLAN, cases[i].before, sizeof(plan), -1);
		say(&talk, cases[i].kind, cases[i].body, cases[i].length, cases[i].pass);
		int r = hear(&talk);
		if (r != -EBADMSG)
			fail_msg("case %zu: %d", i, r);
		assert_int_equal(number_of_descriptors(), before);
		end(&talk);
	}
}

static void no_more_groups_than_there_are(void **state)
{
	struct talk talk = begin();

	(void)state;
	for (int i = 0; i <= ENTER_CGROUPS_MAX; i++)
		say(&talk, ENTER_CGROUP, NULL, 0, STDIN_FILENO);
	assert_int_equal(hear(&talk), -EBADMSG);
	end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives),
		cmocka_unit_test(verdicts_without_a_jail),
		cmocka_unit_test(silence_and_death_end),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(no_more_groups_than_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
