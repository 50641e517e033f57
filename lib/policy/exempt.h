/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_EXEMPT_H
#define CONTAIN_POLICY_EXEMPT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Who is never confined, whatever policy files say. Decided before any of them is opened, so that
 * no mistake in one can lock an administrator out. Links with nothing but libc: the PAM module and
 * `containctl policy explain` both ask here.
 */

/* Members of this group of the host are exempt, unless the module's line names another. */
#define EXEMPT_GROUP "contain-exempt"

/* The PAM services that are asked about unless the module's line names others; comma-separated. */
#define EXEMPT_SERVICES                                                                            \
	"sshd,login,remote,su,su-l,runuser,runuser-l,sudo,sudo-i,cron,crond,atd,systemd-user,"     \
	"systemd-run0"

/* Accounts below are the system's: UID_MIN of login.defs(5), this where it says nothing. */
#define EXEMPT_UID_MIN 1000

struct exempt_login {
	uid_t uid;
	uid_t uid_min;
	const char *service;  /* NULL: any */
	const char *services; /* EXEMPT_SERVICES, or what the module's line says */
	bool in_group;	      /* a member of the group of exempt accounts */
};

/* Why this login is exempt, as a sentence to follow "because": "uid 0 is root". NULL: it is not. */
const char *exempt_reason(const struct exempt_login *login);

/* UID_MIN as the file `path`, LOGIN_DEFS, has it; EXEMPT_UID_MIN where it says nothing. */
#define LOGIN_DEFS "/etc/login.defs"
uid_t exempt_uid_min(const char *path);

/* Whether `word` is one of the comma-separated words of `list`. */
bool exempt_listed(const char *list, const char *word);

#endif
