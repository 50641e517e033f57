/* SPDX-License-Identifier: MIT */
#include "lib/jail/admit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/jail/enter.h"
#include "lib/jail/stages.h"

static int say_plan(const struct jail *jail, int socket)
{
	const struct jail_spec *spec = jail->spec;
	struct enter_plan plan = {
		.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS |
			      CLONE_NEWIPC | CLONE_NEWCGROUP |
			      (spec->network.mode == NETWORK_HOST ? 0 : CLONE_NEWNET),
		.allow_setuid = spec->identity.allow_setuid,
		.capabilities = spec->identity.capabilities,
	};

	memcpy(plan.rlimits, spec->limits.rlimits, sizeof(plan.rlimits));
	for (size_t i = 0; i < spec->account->group_count; i++)
		if (spec->account->groups[i] != 0 && plan.group_count < ENTER_GROUPS_MAX)
			plan.groups[plan.group_count++] = spec->account->groups[i];
	return enter_send(socket, ENTER_PLAN, &plan, sizeof(plan), -1);
}

static int say_filter(const struct jail *jail, int socket)
{
	const struct seccomp_filter *filter = &jail->filter;

	if (!filter->code)
		return 0;
	return enter_send(
	    socket, ENTER_FILTER, filter->code, filter->length * sizeof(*filter->code), -1);
}

static int say_variables(const struct jail *jail, int socket)
{
	const struct strv *variables = &jail->spec->identity.environment;
	int r = 0;

	for (size_t i = 0; r == 0 && i < variables->count; i++)
		r = enter_send(
		    socket, ENTER_VARIABLE, variables->items[i], strlen(variables->items[i]), -1);
	return r;
}

static int say_cgroups(const struct jail *jail, pid_t pid, int socket, struct err *err)
{
	int fds[CGROUP_FOLDERS_MAX], sent = 0;
	int count = jail->cgroup ? cgroup_open_entrances(jail->cgroup, pid, fds, err) : 0;

	for (int i = 0; i < count; i++) {
		if (sent == 0)
			sent = enter_send(socket, ENTER_CGROUP, NULL, 0, fds[i]);
		fd_close(fds[i]);
	}
	return count < 0 ? count : sent;
}

int admit(const struct jail *jail, pid_t pid, int socket, struct err *err)
{
	int flags = fcntl(socket, F_GETFL);
	int r = flags < 0 || fcntl(socket, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;

	if (r == 0)
		r = say_plan(jail, socket);
	if (r == 0)
		r = say_filter(jail, socket);
	if (r == 0)
		r = say_variables(jail, socket);
	if (r == 0)
		r = say_cgroups(jail, pid, socket, err);
	if (r == 0)
		r = enter_send(socket, ENTER_JAIL, NULL, 0, jail->pidfd);
	return r < 0 ? err_sys(err, -r, "cannot tell the session how to enter") : 0;
}
