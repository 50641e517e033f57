/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_SYNC_H
#define CONTAIN_JAIL_SYNC_H

#include "lib/base/err.h"

/*
 * The conversation between the supervisor (S), the jail's first process (F) and the command before
 * its exec (C), over one SOCK_SEQPACKET pair:
 *
 *	S -> F	SYNC_PLACED	your limits stand, and your ids are mapped: begin
 *	F -> S	SYNC_BUILT	the jail stands; with it, the terminal's master if there is one
 *	S -> F	SYNC_START	the network is connected and the terminal taken over: run the
 *				command (F waits for it only where there is one of these)
 *	F, C -> S  SYNC_FAILED	with the error; nothing follows
 *	end of file		F and C have both exec'd: the command runs
 *
 * Either side sees end of file when the other dies, whatever it was doing.
 */
enum sync_kind { SYNC_PLACED, SYNC_BUILT, SYNC_START, SYNC_FAILED };

/* Send a kind without an error. Returns 0 or -errno. */
int sync_send(int socket, enum sync_kind kind, int pass);

/* Send SYNC_FAILED with err; there is nothing to be done if that fails. */
void sync_fail(int socket, const struct err *err);

/*
 * Wait for `kind`. *ret_passed (may be NULL) gets a descriptor that came along, or -1. Returns 0;
 * the other side's error when it sent SYNC_FAILED; -EPIPE, without a message, at end of file.
 */
int sync_expect(int socket, enum sync_kind kind, int *ret_passed, struct err *err);

/* Wait for end of file: 0 then, or the other side's error. */
int sync_expect_end(int socket, struct err *err);

#endif
