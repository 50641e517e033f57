/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_DOCTOR_H
#define CONTAINCTL_DOCTOR_H

#include "containctl/ctl.h"

/*
 * `containctl doctor` looks at the host, and changes nothing. doctor.c has the table of its checks
 * and prints what they find; each check is a function in a doctor_*.c.
 */

enum doctor_level {
	DOCTOR_PROBLEM, /* somebody who is to be confined is not, or cannot log in */
	DOCTOR_HINT,	/* it works, and could be better */
};

struct finding {
	enum doctor_level level;
	const char *about;	/* "sshd", "alice"; NULL: nothing in particular */
	const char *what, *why; /* a sentence each */
	const char *command;	/* what mends it, for a shell of root's; NULL: no single one */
};

struct doctor {
	const struct ctl *ctl;
	const char *check; /* the one that runs */
	struct json *json; /* NULL: text */
	unsigned problems, hints;
};

/* Print it and count it. */
void doctor_found(struct doctor *doctor, const struct finding *finding);

/* The same for what could not be looked at, which may be wrong; `err` is clear afterwards, so that
 * the rest can be looked at. */
void doctor_failed(struct doctor *doctor, const char *about, struct err *err);

/* Each looks and tells what it finds. Returns 0, or -errno where it could not look. For root. */
int doctor_policy(struct doctor *doctor, struct err *err); /* policy files, as `policy check` */
int doctor_pam(struct doctor *doctor, struct err *err);	   /* the stacks of services */
int doctor_sshd(struct doctor *doctor, struct err *err);   /* whether it asks PAM */
int doctor_user_manager(struct doctor *doctor, struct err *err); /* user@.service's drop-in */
int doctor_linger(struct doctor *doctor, struct err *err);	 /* of confined accounts */
int doctor_mail(struct doctor *doctor, struct err *err);    /* whether it runs what people say */
int doctor_network(struct doctor *doctor, struct err *err); /* whether contain0 has a way out */
int doctor_images(struct doctor *doctor, struct err *err);  /* whether those of policy are here */

#endif
