/* SPDX-License-Identifier: MIT */
#include "containctl/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "containctl/amount.h"
#include "containctl/image.h"
#include "containctl/progress_layer.h"

#define DRAW_EVERY   UINT64_C(100000) /* microseconds */
#define SAMPLE_EVERY UINT64_C(1000000)
#define JSON_EVERY   UINT64_C(1000000)
#define DIGITS	     12 /* of a digest, as docker shows them */

void progress_start(struct progress *progress, enum progress_form form)
{
	*progress = (struct progress){ .form = form };
}

enum progress_form progress_form_here(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0 ? PROGRESS_BARS
										  : PROGRESS_LINES;
}

const char *progress_state_word(int state)
{
	switch (state) {
	case PULL_WAITING: return "waiting";
	case PULL_ELSEWHERE: return "elsewhere";
	case PULL_PULLING: return "pulling";
	case PULL_PAUSING: return "retrying";
	case PULL_PRESENT: return "present";
	case PULL_DONE: return "done";
	default: return "failed";
	}
}

/* Its bytes, and how many come in a second, of the last second or so. */
static void sample(struct progress_layer *seen, const struct pull_layer *layer, uint64_t now)
{
	uint64_t bytes = atomic_load(&layer->progress.blob_bytes);

	if (bytes < seen->bytes || (bytes && !seen->began)) {
		seen->began = seen->sampled = now;
		seen->sampled_bytes = bytes;
		seen->rate = 0;
	}
	seen->bytes = bytes;
	uint64_t passed = now - seen->sampled;
	if (!seen->began || passed < SAMPLE_EVERY)
		return;
	uint64_t rate = (uint64_t)((double)(bytes - seen->sampled_bytes) * 1e6 / (double)passed);
	seen->rate = seen->rate ? (seen->rate + rate) / 2 : rate;
	seen->sampled = now;
	seen->sampled_bytes = bytes;
}

static bool is_over(int state)
{
	return state == PULL_PRESENT || state == PULL_DONE || state == PULL_FAILED;
}

void progress_print_lines(struct progress *progress, const struct pull_layer *layers)
{
	char size[AMOUNT_TEXT_MAX];

	for (unsigned i = 0; i < progress->count; i++) {
		int state = atomic_load(&layers[i].state);
		if (state == progress->layers[i].said || !is_over(state))
			continue;
		progress->layers[i].said = state;
		amount_bytes(layers[i].blob.size, size);
		fprintf(stderr, "layer %.*s: %s, %s\n", DIGITS, digest_hex(&layers[i].blob.digest),
		    progress_state_word(state), size);
	}
}

static void print_json_layer(const struct pull_layer *layer, int state, uint64_t bytes)
{
	struct json json = json_start(stdout);

	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_string(&json, "event", "layer");
	json_string(&json, "digest", layer->blob.digest.text);
	json_string(&json, "diff_id", layer->diff_id.text);
	json_string(&json, "state", progress_state_word(state));
	json_uint(&json, "bytes", bytes);
	json_uint(&json, "total", layer->blob.size);
	json_end(&json);
	putchar('\n');
}

/* Changes, and once a second the bytes of what is under way. */
void progress_print_json(struct progress *progress, const struct pull_layer *layers)
{
	for (unsigned i = 0; i < progress->count; i++) {
		struct progress_layer *seen = &progress->layers[i];
		int state = atomic_load(&layers[i].state);
		bool due = state == PULL_PULLING && clock_now() - seen->told >= JSON_EVERY;
		if (state == seen->said && !due)
			continue;
		seen->said = state;
		seen->told = clock_now();
		print_json_layer(&layers[i], state, seen->bytes);
	}
	fflush(stdout);
}

static bool allocate(struct progress *progress, unsigned count)
{
	if (progress->layers)
		return true;
	progress->layers = calloc(count, sizeof(*progress->layers));
	if (!progress->layers)
		return false;
	progress->count = count;
	for (unsigned i = 0; i < count; i++)
		progress->layers[i].said = -1;
	return true;
}

/* Whether nothing will change any more. */
static bool all_over(const struct pull_layer *layers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!is_over(atomic_load(&layers[i].state)))
			return false;
	return true;
}

void progress_look(void *data, const struct pull_layer *layers, unsigned count)
{
	struct progress *progress = data;
	uint64_t now = clock_now();
	bool last = all_over(layers, count);

	if (progress->form == PROGRESS_NONE || !allocate(progress, count))
		return;
	for (unsigned i = 0; i < count; i++)
		sample(&progress->layers[i], &layers[i], now);
	if (progress->form == PROGRESS_LINES) {
		progress_print_lines(progress, layers);
	} else if (progress->form == PROGRESS_JSON) {
		progress_print_json(progress, layers);
	} else if (last || now - progress->last >= DRAW_EVERY) {
		progress->last = now;
		progress_draw_bars(progress, layers);
	}
}

void progress_end(struct progress *progress)
{
	free(progress->layers);
	*progress = (struct progress){ .form = PROGRESS_NONE };
}
