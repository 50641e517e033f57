/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "pam_contain/session.h"

int session_find(struct login *login, struct err *err)
{
	struct control_session session;
	cleanup_fd int connection = control_connect(login->policy.spec.name);

	/* Also when it is just ending, or has more waiting than it can take: look again. */
	if (connection < 0)
		return -ENOENT;
	session_describe(&login->request, &session);
	int r = control_offer(connection, &session, login->socket);
	if (r == 0)
		r = control_wait(connection, login->request.deadline_us);
	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "the supervisor of %s does not answer",
		    login->policy.spec.name);
	return r < 0 ? -ENOENT : 0;
}
