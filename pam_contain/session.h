/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_SESSION_H
#define PAM_CONTAIN_SESSION_H

/* What the files of contain-session share: one login, from its request to the end of its jail. */

#include "lib/contain.h"
#include "pam_contain/request.h"

struct login {
	struct login_request request;
	int socket; /* to the PAM application; -1 once it is somebody else's */
	struct account account;
	struct policy policy; /* whose spec is const from session_policy() on */
	bool policy_loaded;
	char libexec_dir[PATH_MAX], data_dir[PATH_MAX];
};

/* session_find.c: the login as its supervisor is told of it. */
void session_describe(const struct login *login, struct control_session *ret);

/* session_policy.c: who it is and what becomes of them. Returns the verdict, or -errno. */
int session_policy(struct login *login, char why[POLICY_WHY_MAX], struct err *err);

/*
 * session_find.c: hand the login over to the supervisor of the account's jail, until the deadline.
 * Returns 0 when that has it, -ENOENT where no such jail lives, or -errno with a message.
 */
int session_find(struct login *login, struct err *err);

/*
 * session_serve.c: build the jail and be its supervisor until it ends. Returns 0; -EEXIST, without
 * having done anything, where somebody else is building it or it is ending; or -errno.
 */
int session_serve(struct login *login, struct err *err);

#endif
