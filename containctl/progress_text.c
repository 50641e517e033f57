/* SPDX-License-Identifier: MIT */
#include "containctl/progress_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "containctl/amount.h"

#define BAR_MOST  40
#define BAR_LEAST 8
#define FIGURES	  80

void progress_time(uint64_t seconds, char text[PROGRESS_TIME_MAX])
{
	if (seconds < 60)
		snprintf(text, PROGRESS_TIME_MAX, "%" PRIu64 "s", seconds);
	else if (seconds < 3600)
		snprintf(text, PROGRESS_TIME_MAX, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60,
		    seconds % 60);
	else if (seconds < 86400)
		snprintf(text, PROGRESS_TIME_MAX, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600,
		    seconds / 60 % 60);
	else
		snprintf(text, PROGRESS_TIME_MAX, "%" PRIu64 "d",
		    seconds / 86400 > 999 ? 999 : seconds / 86400);
}

/* "  12.3M/118M    4.5M/s   23s" */
static void write_figures(const struct progress_row *row, char text[FIGURES])
{
	char bytes[AMOUNT_TEXT_MAX], total[AMOUNT_TEXT_MAX] = "?", rate[AMOUNT_TEXT_MAX + 2] = "";
	char left[PROGRESS_TIME_MAX] = "";

	amount_bytes(row->bytes, bytes);
	if (row->total)
		amount_bytes(row->total, total);
	if (row->rate) {
		amount_bytes(row->rate, rate);
		snprintf(rate + strlen(rate), 3, "/s");
	}
	if (row->rate && row->total > row->bytes)
		progress_time((row->total - row->bytes + row->rate - 1) / row->rate, left);
	snprintf(text, FIGURES, "%6s/%-6s %8s %6s", bytes, total, rate, left);
}

static void write_bar(const struct progress_row *row, unsigned width, char *text)
{
	uint64_t bytes = row->bytes < row->total ? row->bytes : row->total;
	/* As a fraction first: a product of two sizes might not fit. */
	unsigned filled = row->total ? (unsigned)((double)bytes / (double)row->total * width) : 0;

	*text++ = '[';
	for (unsigned i = 0; i < width; i++)
		*text++ = i < filled ? '=' : i == filled && filled ? '>' : ' ';
	memcpy(text, "]", 2);
}

void progress_line(const struct progress_row *row, unsigned width, char text[PROGRESS_LINE_MAX])
{
	char head[96], figures[FIGURES], bar[BAR_MOST + 3];

	if (width >= PROGRESS_LINE_MAX)
		width = PROGRESS_LINE_MAX - 1;
	snprintf(head, sizeof(head), "%.32s %-8.40s", row->name, row->word);
	write_figures(row, figures);
	/* Beside the bar are a blank before it, its ends, and a blank behind it. */
	size_t used = strlen(head) + strlen(figures) + 4;
	size_t room = width > used ? width - used : 0;
	int fits = (int)width + 1;
	if (room >= BAR_LEAST) {
		write_bar(row, (unsigned)(room < BAR_MOST ? room : BAR_MOST), bar);
		snprintf(text, (size_t)fits, "%s %s %s", head, bar, figures);
	} else {
		snprintf(text, (size_t)fits, "%s %s", head, figures);
	}
	/* Blanks at the end would only wrap. */
	for (size_t end = strlen(text); end && text[end - 1] == ' '; end--)
		text[end - 1] = '\0';
}
