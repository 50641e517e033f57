/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a process that has systemd make the scope, and waits in it. A scope begins with a
 * process, and systemd removes it with the last one: without the keeper it would go with a command,
 * and nobody could tell any more what the kernel has killed for its memory.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/kernel/cgroup_internal.h"
#include "lib/kernel/systemd_part.h"

#define SCOPE_SECONDS 15

struct keeping {
	const struct cgroup *cgroup;
	pid_t supervisor, keeper;
	int end; /* of the socket pair */
};

static int make_scope(void *argument, struct err *err)
{
	const struct keeping *keeping = argument;
	const struct cgroup *cgroup = keeping->cgroup;
	const struct cgroup_units *units = &cgroup->units;
	const struct systemd_request request = { .scope = units->scope,
		.slice = units->slice,
		.pids = { keeping->keeper, units->of_login ? keeping->supervisor : 0 },
		.limits = cgroup->needed ? &cgroup->limits : NULL,
		.limit_slice = units->of_login && cgroup->needed };

	/* Every wait in there has an end; should there be one without, this ends it. */
	alarm(SCOPE_SECONDS);
	systemd_scope_fn *scope = (systemd_scope_fn *)part_load(
	    units->libexec_dir, SYSTEMD_PART_FILE, SYSTEMD_PART_SYMBOL, NULL, err);
	return scope ? scope(&request, err) : -err->code;
}

/* In a child of its own, because libsystemd, once loaded, does not always go. */
static int keep(void *argument, struct err *err)
{
	struct keeping *keeping = argument;
	char byte = 0;

	keeping->keeper = getpid();
	int r = child_run(make_scope, keeping, err);
	if (r < 0)
		return r;
	if (send(keeping->end, &byte, 1, MSG_NOSIGNAL) != 1)
		return err_sys(err, errno, "cannot tell of %s", keeping->cgroup->units.scope);
	while (recv(keeping->end, &byte, 1, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int cgroup_keeper_start(struct cgroup *cgroup, struct err *err)
{
	struct cgroup_units *units = &cgroup->units;
	int ends[2];
	char byte;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(err, errno, "cannot make a socket pair");
	cleanup_fd int theirs = ends[1];
	cleanup_fd int ours = ends[0];
	struct keeping keeping = { .cgroup = cgroup, .supervisor = getpid(), .end = theirs };
	int r = child_start(&units->keeper, keep, &keeping, err);
	if (r < 0)
		return r;
	theirs = fd_close(theirs);
	do
		n = recv(ours, &byte, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n != 1) {
		r = child_wait(&units->keeper, err);
		return r < 0 ? r : err_say(err, EIO, "%s was not made", units->scope);
	}
	units->release = take_fd(&ours);
	return 0;
}

/* By a byte: the first process has a copy of our end for as long as it lives, and an end of file
 * would not come before that. */
int cgroup_keeper_release(struct cgroup_units *units, struct err *err)
{
	const char byte = 0;

	if (units->release >= 0)
		(void)send(units->release, &byte, 1, MSG_NOSIGNAL);
	units->release = fd_close(units->release);
	return child_wait(&units->keeper, err);
}
