/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_REQUEST_H
#define PAM_CONTAIN_REQUEST_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What pam_contain.so asks contain-session, as one message on the socket that contain-session has
 * as REQUEST_FD when it starts. The answer is what lib/jail/enter.h says.
 */
#define REQUEST_FD	   3
#define REQUEST_VERSION	   1
#define REQUEST_GROUPS_MAX 1024 /* more than a map of ids can have, so that this is found out */

struct login_request {
	uint32_t version;     /* the two may be of different installations */
	char id[16];	      /* by which the log and the person who logs in call this login */
	uint64_t deadline_us; /* CLOCK_MONOTONIC: when the answer must be on its way */
	bool debug;
	pid_t pid; /* of the PAM application */
	uid_t uid;
	char user[256];
	char service[64];
	char tty[64];	     /* PAM_TTY; "" if there is none */
	char rhost[256];     /* PAM_RHOST; "" if there is none */
	char conf[PATH_MAX]; /* the directory of the policy files */
	/* As getgrouplist(3) has them; group_count may be more than there is room for. */
	uint32_t group_count;
	gid_t groups[REQUEST_GROUPS_MAX];
};

#endif
