/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_PULL_WORKER_H
#define CONTAIN_PULL_PULL_WORKER_H

#include "lib/pull/proxy.h"
#include "lib/pull/pull.h"

/* What the processes of one pull have in common. */
struct pull {
	const struct store *store;
	const struct pull_request *request;
	struct image_source source;   /* for the workers: by digest */
	struct proxy_options options; /* for the workers */
	struct oci_image image;
	struct pull_layer *layers; /* shared memory */
	unsigned count;
	/* One a layer: held, or begun by us. The lock of one that was begun is in the workers too,
	 * and goes with its directory when that gets its place. */
	struct store_layer *held;
};

/*
 * For child_start(), with a struct pull: take layers that wait, until there are none. The directory
 * of what is left undone is the parent's to remove.
 */
int pull_work(void *argument, struct err *err);

#endif
