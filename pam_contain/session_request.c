/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "pam_contain/session.h"

static void terminate(char *text, size_t size)
{
	text[size - 1] = '\0';
}

bool session_request_ok(struct login_request *request, size_t length)
{
	if (length != sizeof(*request) || request->version != REQUEST_VERSION)
		return false;
	terminate(request->user, sizeof(request->user));
	terminate(request->service, sizeof(request->service));
	terminate(request->tty, sizeof(request->tty));
	terminate(request->rhost, sizeof(request->rhost));
	terminate(request->conf, sizeof(request->conf));
	terminate(request->id, sizeof(request->id));
	return true;
}

void session_describe(const struct login_request *request, struct control_session *ret)
{
	*ret = (struct control_session){ .pid = request->pid };
	snprintf(ret->id, sizeof(ret->id), "%s", request->id);
	snprintf(ret->user, sizeof(ret->user), "%s", request->user);
	snprintf(ret->service, sizeof(ret->service), "%s", request->service);
	snprintf(ret->tty, sizeof(ret->tty), "%s", request->tty);
	snprintf(ret->rhost, sizeof(ret->rhost), "%s", request->rhost);
}
