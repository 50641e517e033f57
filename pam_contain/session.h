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
	uint64_t fingerprint; /* of the policy's files, before they were read */
	char libexec_dir[PATH_MAX], data_dir[PATH_MAX];
};

/* session_request.c: whether what was received is a request. Its texts end within their space then.
 */
bool session_request_ok(struct login_request *request, size_t length);

/* The same: the login as its supervisor is told of it. */
void session_describe(const struct login_request *request, struct control_session *ret);

/*
 * session_again.c: whether a login of the account would be confined as `login` was, because nothing
 * has changed that this came from: who it is, its groups, the policy's files.
 */
bool session_again(const struct login *login, const struct login_request *request);

/* session_policy.c: where the policy of the login is. */
struct policy_places session_places(const struct login *login);

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
