/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_INIT_REPORT_H
#define CONTAIN_INIT_REPORT_H

/*
 * What contain-init and the supervisor agree on. contain-init is started as
 *
 *	contain-init PID
 *
 * where PID is the command, already a child of the process that becomes contain-init, and
 * descriptor 3 is a SOCK_SEQPACKET socket on which it sends one struct init_report for each event.
 */
#define INIT_REPORT_FD 3

enum init_event {
	INIT_STOPPED, /* value: the signal that stopped the command */
	INIT_ENDED,   /* value: its status as wait(2) gives it; contain-init ends after this */
};

struct init_report {
	enum init_event event;
	int value;
};

#endif
