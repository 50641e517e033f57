/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_CONTROL_H
#define CONTAIN_JAIL_CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "lib/base/err.h"
#include "lib/jail/registry.h"

/*
 * How a session gets to the supervisor of a jail that lives already: whoever has the session's
 * socket (lib/jail/enter.h) offers it on the supervisor's control socket. Only root can reach that:
 * it lies in a directory of root's.
 *
 *	finder				supervisor
 *	control_connect("user-1001")
 *	control_offer()	   ----------->	control_receive(): admits the session, or not
 *	control_wait()	   <-----------	control_taken()
 *
 * A supervisor that dies, or ends because its last session has ended, closes what it did not take:
 * the finder then has the session still, and looks again.
 *
 * An application that has not asked whether and where it is to be confined may ask here first, by
 * control_ask(): if the answer that the jail was built on still holds, it is taken, and otherwise
 * the connection is closed, and the question is for somebody who reads the policy anew.
 */

/* Who the session is, for records and logs. All of it is as the PAM application said. */
struct control_session {
	pid_t pid;	  /* of the process that enters, in the host's PID namespace */
	char id[16];	  /* by which the log and the person who logs in call it */
	char user[256];	  /* as the account is called */
	char service[64]; /* PAM service: "sshd" */
	char tty[64];	  /* PAM_TTY: "/dev/pts/3", "ssh", ""; */
	char rhost[256];  /* PAM_RHOST: where from; "" if from here */
};

/* Make the control socket of this jail and say so in its record. Returns it, or -errno. */
int control_listen(struct registry *registry, struct err *err);

/*
 * Connect to the living jail called `name`. Returns a descriptor, or -ENOENT where none lives or
 * none that takes sessions, or -errno; no message: it may be different in a moment. For root.
 */
int control_connect(const char *name);

/* Offer the session, whose socket stays the caller's too. Returns 0 or -errno. */
int control_offer(int connection, const struct control_session *session, int socket);

/* The same with a request that is the two programs' own business, of at most CONTROL_BODY_MAX. */
int control_ask(int connection, const void *request, size_t length, int socket);

/*
 * Wait until `deadline_us` (CLOCK_MONOTONIC) for the supervisor to take it. Returns 0, -EPIPE when
 * it will not, -ETIMEDOUT.
 */
int control_wait(int connection, uint64_t deadline_us);

enum control_kind {
	CONTROL_OFFER = 1, /* struct control_session */
	CONTROL_ASK,	   /* a request */
};

#define CONTROL_BODY_MAX 12288

struct control_message {
	enum control_kind kind;
	char body[CONTROL_BODY_MAX];
	size_t length; /* of the body */
};

/*
 * Receive what is said first on an accepted connection that can be read. *ret_socket is the
 * caller's. Returns 0, or -errno for a connection that is of no use.
 */
int control_receive(int connection, struct control_message *ret, int *ret_socket);

/* The session that a CONTROL_OFFER is about. Returns 0, or -EBADMSG. */
int control_session(const struct control_message *message, struct control_session *ret);

/* Tell the finder that the session is the supervisor's now. */
void control_taken(int connection);

/* The address of a path in the registry's directory, for the two sides. Returns 0 or -errno. */
int control_address(const char *path, struct sockaddr_un *ret);

#endif
