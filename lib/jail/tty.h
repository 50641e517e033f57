/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_TTY_H
#define CONTAIN_JAIL_TTY_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/jail/jail.h"

/*
 * The terminal of the host that a session was started on (by login, su, sudo), shown in the jail
 * under the same name: programs ask for the name of their terminal, and login opens it again by its
 * name. What may be done with it is as on the host: it belongs to whom it belongs.
 */

/* The name below /dev, "pts/3" or "tty1", of what PAM_TTY says; NULL if that is no terminal. */
const char *tty_name(const char *pam_tty);

/*
 * The same for a pseudo terminal that the process has made for its session before it opened it, as
 * sudo does (use_pty). Returns whether there is one; it is the first of them.
 */
#define TTY_NAME_SIZE 64
bool tty_made_by(pid_t pid, char name[TTY_NAME_SIZE]);

/* Give the terminal to the account, as login(1) is going to do: in the jail it can only change what
 * belongs to ids of the jail. Returns 0 or -errno. */
int tty_give(const char *name, uid_t uid, gid_t gid, struct err *err);

/*
 * Show it, until tty_hide(). *ret_keep is a descriptor that must stay open until then, or -1.
 * Returns 0, or -EEXIST where the jail has a terminal of its own by that name.
 */
int tty_show(const struct jail *jail, const char *name, int *ret_keep, struct err *err);

void tty_hide(const struct jail *jail, const char *name);

#endif
