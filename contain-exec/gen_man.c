/* SPDX-License-Identifier: MIT */

/*
 * Copies the template of the manual from standard input to standard output, with the list of
 * options in mdoc(7) in place of the line "@OPTIONS@", and installation directories in place of
 * their names. Only used while building.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "contain-exec/help.h"
#include "contain-exec/options.h"

static void put_character(char c)
{
	if (c == '\\')
		fputs("\\e", stdout);
	else if (c == '-')
		fputs("\\-", stdout);
	else
		putchar(c);
}

/* Sentences, each on a line of its own, as mdoc wants them; the first letter becomes a capital. */
static void put_sentences(const char *text)
{
	bool first = true;

	for (; *text; text++) {
		put_character(first ? (char)toupper((unsigned char)*text) : *text);
		first = false;
		if (text[0] == '.' && text[1] == ' ') {
			putchar('\n');
			text++;
		}
	}
}

/* ".It Fl -memory Ar SIZE , Fl m Ar SIZE"; Fl puts one dash in front. */
static void put_names(const struct option_row *row)
{
	const char *names = row->names, *name;
	size_t length;

	fputs(".It", stdout);
	while ((name = options_next_word(&names, &length))) {
		printf(" Fl %.*s", (int)length - 1, name + 1);
		if (row->value)
			printf("%s Ar %s", row->value[0] == '[' ? " Ns" : "", row->value);
		if (*names)
			fputs(" ,", stdout);
	}
	putchar('\n');
}

static void put_options(void)
{
	struct option_row row;
	const char *group = "";

	for (size_t i = 0; options_row(i, &row); i++) {
		if (!help_same_group(row.group, group))
			printf("%s.Ss %s\n.Bl -tag -width Ds\n", i ? ".El\n" : "",
			    help_heading(row.group));
		group = row.group;
		put_names(&row);
		put_sentences(row.help);
		puts(row.list ? HELP_AGAIN "." : ".");
		if (row.details) {
			put_sentences(row.details);
			putchar('\n');
		}
	}
	puts(".El");
}

static void put_template_line(const char *line)
{
	static const struct {
		const char *name, *value;
	} places[] = { { "@LIBEXECDIR@", LIBEXECDIR }, { "@DATADIR@", DATADIR } };

	while (*line) {
		size_t i = 0, count = sizeof(places) / sizeof(places[0]);
		while (i < count && strncmp(line, places[i].name, strlen(places[i].name)) != 0)
			i++;
		if (i < count) {
			fputs(places[i].value, stdout);
			line += strlen(places[i].name);
		} else {
			putchar(*line++);
		}
	}
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "@OPTIONS@\n") == 0)
			put_options();
		else
			put_template_line(line);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
