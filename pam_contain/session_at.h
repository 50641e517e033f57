/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_SESSION_AT_H
#define PAM_CONTAIN_SESSION_AT_H

#include "lib/contain.h"

/*
 * atd(8) removes the file that locks a job, and the one with the job's output, after it has closed
 * the session, as root of the host, which it is no more. They would lie in its spool for ever. So
 * the supervisor looks, when the session opens, which ones they are (atd has the output open), and
 * removes them when the session has ended.
 */
struct at_jobs;

/* NULL: there is no memory, and then they stay. */
struct at_jobs *at_jobs_new(void);

/* Sessions of other services than atd are none of its business. `jobs` may be NULL. */
void at_jobs_opened(struct at_jobs *jobs, const struct control_session *session);
void at_jobs_closed(struct at_jobs *jobs, const struct control_session *session);

void at_jobs_free(struct at_jobs *jobs);

#endif
