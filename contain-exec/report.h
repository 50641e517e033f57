/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_REPORT_H
#define CONTAIN_EXEC_REPORT_H

/*
 * What contain-exec says: one-line messages, --verbose and --stats on standard error, JSON lines on
 * --status-fd, --dry-run on standard output. A reader that has gone is no error, and SIGPIPE never
 * ends the program: that would lose the command's exit code.
 */

#include "contain-exec/options.h"

/* The message of an error, and {"event":"error"} with its stage. */
void report_error(const struct options *options, const struct err *err);

/* A stage of the set-up begins: struct jail_settings.progress. Only formats on the stack and
 * writes, since it also runs in the jail's first process. */
void report_stage(void *data, const char *stage, const char *why, uint64_t microseconds);

/* {"event":"started"}. */
void report_started(const struct options *options, const struct jail *jail);

/*
 * The command has ended and contain-exec will exit with `code`: the limit that ended it if one did,
 * --stats, and {"event":"ended"}.
 */
void report_ended(const struct options *options, const struct jail_result *result, int code);

/* The checked spec as one JSON object. */
void report_dry_run(const struct options *options, FILE *out);

#endif
