/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "containctl/progress_layer.h"
#include "containctl/progress_text.h"

/*
 * One bar a layer and one of them all, without colours. The lines are written anew where they
 * stand, in one piece, so that nothing flickers.
 */

#define NAME_DIGITS 12
#define ROWS	    24
#define COLUMNS	    80

struct screen {
	unsigned rows, columns;
};

/* Asked anew each time: that is all there is to do about a window that changes. */
static struct screen measure(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return (struct screen){ ROWS, COLUMNS };
	return (struct screen){ size.ws_row, size.ws_col };
}

/* Not into the last column, where some terminals begin a new line. */
static void put_row(FILE *out, const struct progress_row *row, unsigned columns)
{
	char text[PROGRESS_LINE_MAX];

	progress_line(row, columns > 1 ? columns - 1 : 1, text);
	fprintf(out, "%s\n", text);
}

static bool is_under_way(int state)
{
	return state == PULL_PULLING || state == PULL_PAUSING || state == PULL_FAILED;
}

/* How much of a layer is there, whether or not it had to come. */
static uint64_t bytes_of(const struct progress_layer *seen, const struct pull_layer *layer)
{
	int state = atomic_load(&layer->state);

	return state == PULL_PRESENT || state == PULL_DONE ? layer->blob.size : seen->bytes;
}

static void put_layer(
    FILE *out, const struct progress_layer *seen, const struct pull_layer *layer, unsigned columns)
{
	char name[NAME_DIGITS + 1];
	int state = atomic_load(&layer->state);
	const struct progress_row row = { .name = name,
		.word = progress_state_word(state),
		.bytes = bytes_of(seen, layer),
		.total = layer->blob.size,
		.rate = state == PULL_PULLING ? seen->rate : 0 };

	snprintf(name, sizeof(name), "%s", digest_hex(&layer->blob.digest));
	put_row(out, &row, columns);
}

static void put_sum(
    FILE *out, const struct progress *progress, const struct pull_layer *layers, unsigned columns)
{
	char name[NAME_DIGITS + 1], word[32];
	struct progress_row row = { .name = name, .word = word };
	unsigned ready = 0;

	for (unsigned i = 0; i < progress->count; i++) {
		int state = atomic_load(&layers[i].state);
		ready += state == PULL_PRESENT || state == PULL_DONE;
		row.bytes += bytes_of(&progress->layers[i], &layers[i]);
		row.total += layers[i].blob.size;
		row.rate += state == PULL_PULLING ? progress->layers[i].rate : 0;
	}
	snprintf(name, sizeof(name), "%-*s", NAME_DIGITS, "all layers");
	snprintf(word, sizeof(word), "%u/%u", ready, progress->count);
	put_row(out, &row, columns);
}

/* All layers where there is room for them, else those under way. Returns how many lines. */
static unsigned put_screen(FILE *out, const struct progress *progress,
    const struct pull_layer *layers, struct screen screen)
{
	unsigned room = screen.rows > 2 ? screen.rows - 2 : 1, lines = 0;
	bool all = progress->count <= room;

	for (unsigned i = 0; i < progress->count && lines < room; i++) {
		if (!all && !is_under_way(atomic_load(&layers[i].state)))
			continue;
		put_layer(out, &progress->layers[i], &layers[i], screen.columns);
		lines++;
	}
	put_sum(out, progress, layers, screen.columns);
	return lines + 1;
}

void progress_draw_bars(struct progress *progress, const struct pull_layer *layers)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return;
	/* Up to the first of the old lines, and away with them. */
	if (progress->drawn)
		fprintf(out, "\r\033[%uA\033[J", progress->drawn);
	unsigned lines = put_screen(out, progress, layers, measure());
	if (fclose(out) == 0) {
		(void)fd_write_all(STDERR_FILENO, text, length);
		progress->drawn = lines;
	}
	free(text);
}
