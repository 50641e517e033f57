/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_PROGRESS_LAYER_H
#define CONTAINCTL_PROGRESS_LAYER_H

#include "containctl/progress.h"

/* What the forms of progress have in common, and each of them. */

struct progress_layer {
	int said;	      /* the state that has been said; -1: none */
	uint64_t began;	      /* when its bytes began to come; 0: not yet */
	uint64_t told;	      /* when its bytes were said last, as JSON */
	uint64_t bytes, rate; /* now, and of the last second or so */
	uint64_t sampled, sampled_bytes;
};

/* "pulling", "done", ...; of enum pull_state. */
const char *progress_state_word(int state);

void progress_draw_bars(struct progress *progress, const struct pull_layer *layers);
void progress_print_lines(struct progress *progress, const struct pull_layer *layers);
void progress_print_json(struct progress *progress, const struct pull_layer *layers);

#endif
