/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_SESSION_RECORDS_H
#define PAM_CONTAIN_SESSION_RECORDS_H

#include "lib/contain.h"

/*
 * Follows utmp and wtmp of a jail, to which sshd and login write when they give a terminal to
 * somebody, and writes the same into the host's. What counts there comes from us: the name is the
 * account's, the host the one that PAM was told, the line says which jail it is in
 * ("pts/0@user-1001") unless it is a terminal of the host's.
 */
struct records;

/*
 * Begin to follow. Returns NULL where the jail has neither, or there is no memory: then the host
 * has no records of its sessions. What the arguments point to must outlive it.
 */
struct records *records_open(
    const char *jail, const struct account *account, const char *libexec_dir, pid_t init);

/* Can be read when there is something to do; -1 for NULL. */
int records_fd(const struct records *records);
void records_update(struct records *records);

/* Sessions, so that the host and the terminal that somebody comes from are known. */
void records_add_session(struct records *records, const struct control_session *session);
void records_remove_session(struct records *records, const struct control_session *session);

/* Who is still there is not any more; free. NULL is fine. */
void records_close(struct records *records);

#endif
