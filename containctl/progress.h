/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_PROGRESS_H
#define CONTAINCTL_PROGRESS_H

#include "lib/contain.h"

/*
 * How far a pull is, for whoever looks: bars on a terminal, a line for every layer elsewhere, or
 * JSON objects, one a line.
 */

enum progress_form { PROGRESS_NONE, PROGRESS_LINES, PROGRESS_BARS, PROGRESS_JSON };

struct progress_layer; /* what has been said of a layer */

struct progress {
	enum progress_form form;
	struct progress_layer *layers; /* NULL until something is seen */
	unsigned count;
	unsigned drawn; /* lines that are on the screen, above the cursor */
	uint64_t last;	/* when something was drawn: clock_now() */
};

/* Begin. Bars and lines go to standard error, JSON to standard output. */
void progress_start(struct progress *progress, enum progress_form form);

/* Bars if standard error is a terminal that has a cursor, else lines. */
enum progress_form progress_form_here(void);

/* For pull_request.look, with a struct progress as data. */
void progress_look(void *progress, const struct pull_layer *layers, unsigned count);

/* No more of it; what is on the screen stays there. Harmless twice. */
void progress_end(struct progress *progress);

#endif
