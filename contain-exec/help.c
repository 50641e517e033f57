/* SPDX-License-Identifier: MIT */
#include "contain-exec/help.h"

#include <string.h>

#include "contain-exec/options.h"

/* Where the sentences begin and end. */
#define COLUMN 30
#define WIDTH  80

const char *help_heading(const char *group)
{
	static const struct {
		const char *group, *heading;
	} headings[] = {
		{ "jail", "Container" },
		{ "rootfs", "Root file system" },
		{ "limits", "Limits" },
		{ "network", "Network" },
		{ "security", "Privileges" },
		{ "environment", "Environment" },
	};

	for (size_t i = 0; group && i < sizeof(headings) / sizeof(headings[0]); i++)
		if (strcmp(headings[i].group, group) == 0)
			return headings[i].heading;
	return "Running";
}

bool help_same_group(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* "  -m, --memory, --memory-limit SIZE"; returns how many columns that took. */
static int print_names(FILE *out, const struct option_row *row)
{
	const char *names = row->names, *name;
	int width = fprintf(out, " ");
	size_t length;

	while ((name = options_next_word(&names, &length)))
		width += fprintf(out, " %.*s%s", (int)length, name, *names ? "," : "");
	if (row->value)
		width += fprintf(out, "%s%s", row->value[0] == '[' ? "" : " ", row->value);
	return width;
}

/* Print text in words from COLUMN to WIDTH; the first line is filled up to `used` already. */
static void print_wrapped(FILE *out, const char *text, int used)
{
	size_t length;
	int column = COLUMN;

	fprintf(out, "%*s", COLUMN - used, "");
	for (const char *word; (word = options_next_word(&text, &length)); column += (int)length) {
		if (column > COLUMN && column + 1 + (int)length > WIDTH) {
			fprintf(out, "\n%*s", COLUMN, "");
			column = COLUMN;
		} else if (column > COLUMN) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)length, word);
	}
	fputc('\n', out);
}

void help_print(FILE *out)
{
	struct option_row row;
	const char *group = "";
	char help[256];

	fputs("Usage: contain-exec [options] [--] command [args...]\n"
	      "Run a command in a container of its own.\n",
	    out);
	for (size_t i = 0; options_row(i, &row); i++) {
		if (!help_same_group(row.group, group))
			fprintf(out, "\n%s:\n", help_heading(row.group));
		group = row.group;
		int width = print_names(out, &row);
		if (width > COLUMN - 2) {
			fputc('\n', out);
			width = 0;
		}
		snprintf(help, sizeof(help), "%s%s", row.help, row.list ? HELP_AGAIN : "");
		print_wrapped(out, help, width);
	}
	fputs("\nExit code: the command's own; 128+N if signal N killed it; 124 after --timeout;\n"
	      "125 if contain-exec failed; 126 and 127 if the command could not be executed\n"
	      "or found. contain-exec(1) explains all of this.\n",
	    out);
}
