/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_SERVE_H
#define CONTAIN_JAIL_SERVE_H

#include <stdbool.h>

#include "lib/jail/control.h"
#include "lib/jail/jail.h"

/* What happens to the sessions of a jail, for the program's log and records. */
struct serve_hooks {
	void (*opened)(void *data, const struct control_session *session);
	/* It could not be told how to enter. */
	void (*refused)(void *data, const struct control_session *session, const struct err *err);
	void (*closed)(void *data, const struct control_session *session, uint64_t lasted_us);
	/* An application asks by itself: control_ask(). Fill in *ret and return true if it is to be
	 * admitted without further questions. NULL: none is. */
	bool (*asked)(void *data, const void *request, size_t length, struct control_session *ret);
	/* Called whenever `watch` can be read; -1: there is nothing to watch. */
	void (*watched)(void *data);
	int watch;
	void *data;
};

/*
 * The supervisor of a resident jail, jail_open()ed by this process: admits the first session, whose
 * socket it takes over, and those that are offered on the control socket, until the jail's time has
 * come: spec->jail.grace_ms after the last session ended, and with linger not before the last
 * process has; or SIGTERM, SIGINT or SIGHUP to this process; or the end of PID 1, by whatever.
 * Processes get SIGTERM, and a second later SIGKILL.
 *
 * Returns 0 with the jail's processes gone, or -errno; jail_close() is still to be called.
 */
int jail_serve(struct jail *jail, const struct control_session *first, int socket,
    const struct serve_hooks *hooks, struct jail_result *ret, struct err *err);

#endif
