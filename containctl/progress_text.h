/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_PROGRESS_TEXT_H
#define CONTAINCTL_PROGRESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* One line of a progress display, as text of a given width. */

#define PROGRESS_LINE_MAX 512 /* bytes, with the end */

struct progress_row {
	const char *name;      /* "3f2a8c1d9e00" */
	const char *word;      /* "pulling" */
	uint64_t bytes, total; /* total 0: nobody knows */
	uint64_t rate;	       /* bytes a second; 0: nobody knows */
};

/* Seconds for people: "7s", "2m05s", "1h02m", "9d"; at most 7 characters. */
#define PROGRESS_TIME_MAX 16
void progress_time(uint64_t seconds, char text[PROGRESS_TIME_MAX]);

/*
 * A line of at most `width` columns, without a newline: what there is no room for is left out, the
 * bar first. All of it is ASCII, if the row is.
 */
void progress_line(const struct progress_row *row, unsigned width, char text[PROGRESS_LINE_MAX]);

#endif
