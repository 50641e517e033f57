/* SPDX-License-Identifier: MIT */
#include "pam_contain/pam_supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/jail/control.h"

int supervisor_ask(const struct login_request *request, struct err *err)
{
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
		r = control_wait(connection, request->deadline_us);
	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "the supervisor of %s does not answer", name);
	return r < 0 ? -ENOENT : take_fd(&ours);
}
