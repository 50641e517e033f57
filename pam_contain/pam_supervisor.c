/* SPDX-License-Identifier: MIT */
#include "pam_contain/pam_supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/jail/control.h"

int supervisor_ask(const struct login_request *request)
{
	uint64_t now = clock_now();
	char name[32];
	int ends[2];

	/* As contain-session calls the jails of accounts. Those of single sessions nobody shares.
	 */
	snprintf(name, sizeof(name), "user-%u", request->uid);
	cleanup_fd int connection = control_connect(name);
	if (connection < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -ENOENT;
	cleanup_fd int ours = ends[0];
	cleanup_fd int theirs = ends[1];
	int r = control_ask(connection, request, sizeof(*request), theirs);
	if (r == 0)
		r = control_wait(connection, now + (request->deadline_us - now) / 4);
	return r < 0 ? -ENOENT : take_fd(&ours);
}
