/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_CHILD_H
#define CONTAIN_BASE_CHILD_H

#include <sys/types.h>

#include "lib/base/err.h"

/*
 * Work that is done in a short-lived child process, because it must change its own namespaces or
 * ids, or because the libraries it loads should go when it is done. The child's `struct err` comes
 * back through a pipe.
 */
struct child {
	pid_t pid;
	int errors; /* read end: a struct err, or end of file on success */
};

#define CHILD_INIT                                                                                 \
	{                                                                                          \
		.pid = -1, .errors = -1                                                            \
	}

/*
 * Fork; the child calls work(argument, err) and ends. It dies with its parent (PDEATHSIG), and by
 * SIGALRM, so that alarm(2) bounds its time.
 * Close with child_wait(). Returns 0 or -errno.
 */
int child_start(struct child *child, int (*work)(void *argument, struct err *err), void *argument,
    struct err *err);

/*
 * Wait for the child and reap it, without touching other children. Returns 0 when work() returned
 * 0, else -errno with the child's error; -ECHILD when it died by a signal. A child that was not
 * started counts as done.
 */
int child_wait(struct child *child, struct err *err);

/* child_start() and child_wait() in one. */
int child_run(int (*work)(void *argument, struct err *err), void *argument, struct err *err);

/*
 * Run the program argv[0] (an absolute path), with a constant environment, "/" as its working
 * directory and /dev/null as stdin; its standard output, at most max bytes, is returned in *ret
 * (NUL-terminated, the caller frees it) if ret is not NULL. Returns 0, or -errno when it could not
 * be started, ended with a code other than 0 (its first line on stderr becomes the text) or by a
 * signal.
 */
int child_capture(char *const argv[], size_t max, char **ret, struct err *err);

/*
 * After child_wait() has failed with `r`: put the first line of what the program wrote to
 * `complaints`, the read end of a non-blocking pipe, in place of the bare exit code. Returns r.
 */
int child_explain(const char *program, int complaints, int r, struct err *err);

#endif
