/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_PULL_CREW_H
#define CONTAIN_PULL_PULL_CREW_H

#include "lib/pull/pull_worker.h"

/*
 * Let `wanted` workers at most take all layers that wait, and wait for them. The first error ends
 * them all, and then no process is left of what they have started. Returns 0, -EINTR if it is time
 * to stop, or -errno.
 */
int pull_run_crew(struct pull *pull, unsigned wanted, struct err *err);

/* Let somebody look at the layers, who does not need to know when. */
void pull_look(const struct pull *pull);

/* Whether it is time to stop: 0, or -EINTR with a message. */
int pull_stopped(const struct pull *pull, struct err *err);

#endif
