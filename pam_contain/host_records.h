/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_HOST_RECORDS_H
#define PAM_CONTAIN_HOST_RECORDS_H

#include <sys/types.h>
#include <utmpx.h>

#include "pam_contain/wtmpdb_part.h"

/*
 * The host's own records of who is logged in: utmp(5), wtmp and lastlog, and the database that has
 * taken the place of wtmp. Files that do not exist are not made: a host that keeps no such records
 * gets none. Nothing here waits for long: any user of the host can lock what they can read.
 */

/* Put the record into utmp, in place of the one of the same line. */
void host_records_utmp(const struct utmpx *record);

/* Add it to wtmp. */
void host_records_wtmp(const struct utmpx *record);

/* Where and when uid logged in last. */
void host_records_last(uid_t uid, const struct utmpx *record);

/*
 * Write a record into the database, with the part of libexec_dir; 2 s are the longest that this can
 * take, and some milliseconds what it does.
 */
void host_records_database(const char *libexec_dir, const struct wtmpdb_request *request);

#endif
