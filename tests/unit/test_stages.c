/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/jail/stages.h"

/*
 * The order of the table is what keeps a jail tight. Each pair says what would be wrong if the
 * first did not stand before the second.
 */
static const struct {
	enum stage_place place;
	const char *before, *after, *or_else;
} order[] = {
	{ STAGE_SUPERVISOR, "name", "ids", "a lease without a record that names it" },
	{ STAGE_SUPERVISOR, "name", "cgroup", "a folder that no gc finds" },
	{ STAGE_SUPERVISOR, "cgroup", "clone", "a process before its limits" },
	{ STAGE_SUPERVISOR, "filter", "clone", "a jail before its profile is known to be good" },
	{ STAGE_SUPERVISOR, "image", "clone", "a first process that does not know its layers" },
	{ STAGE_SUPERVISOR, "placed", "pasta", "pasta in a user namespace without ids" },
	{ STAGE_SUPERVISOR, "pasta", "connected", "a wait for what was not started" },
	{ STAGE_SUPERVISOR, "connected", "start", "a command before its network" },
	{ STAGE_SUPERVISOR, "hosts", "clone",
	    "a jail before it is known that names can be looked up" },
	{ STAGE_SUPERVISOR, "connected", "looked up", "an answer without a set to put it into" },
	{ STAGE_SUPERVISOR, "looked up", "start", "a command before its name server" },
	{ STAGE_FIRST, "alive", "limits", "a jail that outlives its supervisor" },
	{ STAGE_FIRST, "limits", "root", "memory that nobody counts" },
	{ STAGE_FIRST, "layers", "root", "a root that is made of nothing" },
	{ STAGE_FIRST, "namespaces", "sys", "the /sys of another network" },
	{ STAGE_FIRST, "init", "root", "contain-init out of sight" },
	{ STAGE_FIRST, "dev", "proc", "files covered with the root's own /dev/null" },
	{ STAGE_FIRST, "proc", "volumes", "a volume under /proc" },
	{ STAGE_FIRST, "hide", "volumes", "volumes hidden again" },
	{ STAGE_FIRST, "user", "terminal", "a terminal of somebody else" },
	{ STAGE_FIRST, "volumes", "readonly", "mount points that cannot be made" },
	{ STAGE_FIRST, "readonly", "pivot", "a root that is never read-only" },
	{ STAGE_FIRST, "pivot", "lock", "the host's mounts in the jail" },
	{ STAGE_FIRST, "lock", "clean", "a keyring of the host's root" },
	{ STAGE_FIRST, "lock", "command", "a command with the rights of the host's root" },
	{ STAGE_FIRST, "built", "command", "a command before the supervisor is ready" },
	{ STAGE_COMMAND, "setuid filter", "credentials", "a filter that cannot be installed" },
	{ STAGE_COMMAND, "rlimits", "credentials", "limits that cannot be raised" },
	{ STAGE_COMMAND, "credentials", "workdir", "a directory that the user may not enter" },
	{ STAGE_COMMAND, "credentials", "filter", "a filter in the way of setuid()" },
	{ STAGE_COMMAND, "gate", "exec", "a command that meets the supervisor's program as PID 1" },
	{ STAGE_COMMAND, "filter", "exec", "a command without a filter" },
};

static int find(enum stage_place place, const char *name)
{
	for (int i = 0; stages[i].name; i++)
		if (stages[i].place == place && strcmp(stages[i].name, name) == 0)
			return i;
	return -1;
}

static void stages_stand_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int before = find(order[i].place, order[i].before);
		int after = find(order[i].place, order[i].after);
		if (before < 0 || after < 0 || before >= after)
			fail_msg("%s must come before %s, or else: %s", order[i].before,
			    order[i].after, order[i].or_else);
	}
}

static void every_stage_says_why(void **state)
{
	(void)state;
	for (int i = 0; stages[i].name; i++) {
		assert_non_null(stages[i].apply);
		assert_true(strlen(stages[i].why) > 10);
		/* It must fit into struct err. */
		assert_true(strlen(stages[i].name) < sizeof(((struct err *)NULL)->stage));
	}
}

static void only_the_supervisor_undoes(void **state)
{
	(void)state;
	for (int i = 0; stages[i].name; i++)
		if (stages[i].place != STAGE_SUPERVISOR)
			assert_null(stages[i].undo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_stand_in_order),
		cmocka_unit_test(every_stage_says_why),
		cmocka_unit_test(only_the_supervisor_undoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
