/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_HOST_RECORDS_H
#define PAM_CONTAIN_HOST_RECORDS_H

#include <sys/types.h>
#include <utmpx.h>

/*
 * The host's own records of who is logged in: utmp(5), wtmp and lastlog. Files that do not exist
 * are not made: a host that keeps no such records gets none. Nothing here waits: any user of the
 * host can lock utmp, which they can read.
 */

/* Put the record into utmp, in place of the one of the same line. */
void host_records_utmp(const struct utmpx *record);

/* Add it to wtmp. */
void host_records_wtmp(const struct utmpx *record);

/* Where and when uid logged in last. */
void host_records_last(uid_t uid, const struct utmpx *record);

#endif
