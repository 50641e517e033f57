/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_PULL_H
#define CONTAIN_PULL_PULL_H

/*
 * From a registry or an archive into the store: one process a processor, each with a skopeo of its
 * own, takes one layer after the other that is not in the store yet.
 */

#include <signal.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/layer/layer.h"
#include "lib/pull/oci.h"
#include "lib/pull/source.h"
#include "lib/image/store.h"

enum pull_state {
	PULL_WAITING,
	PULL_ELSEWHERE, /* another process is making it */
	PULL_PULLING,
	PULL_PAUSING, /* its transfer broke, and is begun again soon */
	PULL_PRESENT, /* it was in the store */
	PULL_DONE,    /* it has come into the store */
	PULL_FAILED,
};

/* A layer of the image, and how far it is; in memory that processes share. */
struct pull_layer {
	struct digest diff_id;
	struct oci_blob blob;
	struct layer_progress progress;
	_Atomic int state; /* enum pull_state */
};

struct pull_request {
	const struct image_source *source;
	const struct layer_limits *limits;
	const char *authfile; /* as skopeo's option; NULL: its own places */
	const char *cert_dir; /* as skopeo's option; NULL: the system's */
	bool insecure;	      /* plain http, and certificates of anybody */
	const char *libexec_dir, *data_dir;

	/* Called about ten times a second, and once for every change of the end; NULL: nobody
	 * looks. */
	void (*look)(void *data, const struct pull_layer *layers, unsigned count);
	void *data;

	/* What a signal handler sets to other than 0: then it ends with -EINTR; NULL: never. The
	 * handler must interrupt system calls (no SA_RESTART). */
	const volatile sig_atomic_t *stop;
};

struct pull_result {
	struct digest id;
	unsigned layers, pulled; /* all, and those that were not there */
	bool up_to_date;	 /* the name meant this image already */
};

/*
 * Pull an image and give it the source's name. Any number of processes can pull at the same time,
 * also the same. Transfers that break are tried again, three times. What fails leaves the layers
 * that are complete, for the next time, and nothing else. Root only; forks, becomes the reaper of
 * what it starts (PR_SET_CHILD_SUBREAPER), and has all children of the process waited for when it
 * fails: the caller has no others. Returns 0 or -errno.
 */
int image_pull(const struct store *store, const struct pull_request *request,
    struct pull_result *ret, struct err *err);

#endif
