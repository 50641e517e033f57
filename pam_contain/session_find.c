/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "pam_contain/session.h"

void session_describe(const struct login *login, struct control_session *ret)
{
	const struct login_request *request = &login->request;

	*ret = (struct control_session){ .pid = request->pid };
	snprintf(ret->id, sizeof(ret->id), "%s", request->id);
	snprintf(ret->user, sizeof(ret->user), "%s", request->user);
	snprintf(ret->service, sizeof(ret->service), "%s", request->service);
	snprintf(ret->tty, sizeof(ret->tty), "%s", request->tty);
	snprintf(ret->rhost, sizeof(ret->rhost), "%s", request->rhost);
}

int session_find(struct login *login, struct err *err)
{
	struct control_session session;
	cleanup_fd int connection = control_connect(login->policy.spec.name);

	/* Also when it is just ending, or has more waiting than it can take: look again. */
	if (connection < 0)
		return -ENOENT;
	session_describe(login, &session);
	int r = control_offer(connection, &session, login->socket);
	if (r == 0)
		r = control_wait(connection, login->request.deadline_us);
	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "the supervisor of %s does not answer",
		    login->policy.spec.name);
	return r < 0 ? -ENOENT : 0;
}
