/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_SKOPEO_H
#define CONTAIN_PULL_SKOPEO_H

/* The program skopeo(1), which dies with the calling process and is in a process group of its own.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/child.h"
#include "lib/base/err.h"

/* How it is to get at images. */
struct skopeo_options {
	const char *authfile; /* --authfile; NULL: skopeo's own places */
	const char *cert_dir; /* --cert-dir; NULL: the system's */
	bool insecure;	      /* plain http, and certificates of anybody */
};

struct skopeo {
	struct child child;
	int complaints; /* what it writes to standard error */
};

#define SKOPEO_INIT                                                                                \
	{                                                                                          \
		.child = CHILD_INIT, .complaints = -1                                              \
	}

/*
 * Start it with these words (ending with NULL; the first is its command) and with `fd`, which stays
 * the caller's, as descriptor `number`, 1 or 3. Of the environment it gets what it needs. Relative
 * paths are from the working directory. End it with skopeo_end() in any case. Returns 0 or -errno,
 * with the package or file that is missing.
 */
int skopeo_start(const struct skopeo_options *options, const char *const words[], int fd,
    int number, struct skopeo *ret, struct err *err);

/*
 * It has ended, or is about to: wait for it. Returns 0 if that is as it should be, else -EREMOTEIO
 * or -errno with what it complained of last.
 */
int skopeo_wait(struct skopeo *skopeo, struct err *err);

/* End it. Harmless on one that has ended. */
void skopeo_end(struct skopeo *skopeo);

#endif
