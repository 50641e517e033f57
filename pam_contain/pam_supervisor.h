/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_PAM_SUPERVISOR_H
#define PAM_CONTAIN_PAM_SUPERVISOR_H

#include "pam_contain/request.h"

/*
 * Ask the supervisor of the account's jail, where one lives, to take the login without
 * contain-session in between: it does so if nothing has changed that its jail came from. Returns
 * the socket of the session, on which the answer follows and which the caller closes; or -ENOENT
 * where contain-session is to be asked, after at most a quarter of the time that there is.
 */
int supervisor_ask(const struct login_request *request);

#endif
