/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_PAM_HELPER_H
#define PAM_CONTAIN_PAM_HELPER_H

#include "lib/base/err.h"
#include "pam_contain/request.h"

/*
 * Start contain-session and send it the request. Returns the socket to it, which the caller closes,
 * or -errno where it cannot be started.
 *
 * The application does not notice: the child that is started tells it nothing when it ends (it has
 * no SIGCHLD), cannot be taken for another by a wait for any child, and is gone when this returns;
 * contain-session itself is nobody's child by then.
 */
int helper_ask(const struct login_request *request, struct err *err);

#endif
