/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_INIT_REPORT_H
#define CONTAIN_INIT_REPORT_H

/*
 * What contain-init and the supervisor agree on. contain-init is started as
 *
 *	contain-init PID	PID is the command, a child of the process that becomes
 *contain-init; it ends when the command ends
 *	contain-init		for a jail that sessions enter from outside; it ends when it is
 *killed
 *
 * and descriptor 3 is a SOCK_SEQPACKET socket on which it sends one struct init_report for each
 * event.
 */
#define INIT_REPORT_FD 3

/* What the supervisor of a jail without a command asks by signal. */
#define INIT_SIGNAL_ALONE SIGUSR1 /* is there a process? INIT_ALONE or INIT_BUSY is the answer */
#define INIT_SIGNAL_END	  SIGTERM /* send SIGTERM to every process of the jail */

enum init_event {
	INIT_STOPPED, /* value: the signal that stopped the command */
	INIT_ENDED,   /* value: its status as wait(2) gives it; contain-init ends after this */
	INIT_ALONE,   /* there is no other process, unless one that entered from outside */
	INIT_BUSY,    /* there is one */
};

struct init_report {
	enum init_event event;
	int value;
};

#endif
