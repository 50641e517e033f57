/* SPDX-License-Identifier: MIT */

/*
 * Copies the template of a manual from standard input to standard output, with the list of
 * contain-exec's options in mdoc(7) in place of the line "@OPTIONS@", that of the keys of policy
 * files in place of "@KEYS@", and installation directories in place of their names. Only used while
 * building.
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

static void put_standard(const char *standard)
{
	if (standard)
		printf("The default is\n.Cm %s .\n", standard);
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
		put_standard(row.standard);
	}
	puts(".El");
}

/* ".It Cm memory No = Ar SIZE" */
static void put_key(const struct policy_key *key)
{
	char text[2048];

	printf(".It Cm %s No = Ar %s%s\n", key->uses & KEY_FREE ? "NAME" : key->name,
	    key->uses & KEY_FREE ? "VALUE" : key->value ?: "yes|no", key->clear ? " ..." : "");
	policy_keys_rephrase(key->help, text, sizeof(text));
	put_sentences(text);
	puts(".");
	if (key->details) {
		policy_keys_rephrase(key->details, text, sizeof(text));
		put_sentences(text);
		putchar('\n');
	}
	if (!(key->uses & KEY_FILE))
		puts("Only in the file of a network.");
	put_standard(key->standard);
}

static void put_keys(void)
{
	const char *section = NULL;

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!(key->uses & (KEY_FILE | KEY_NETWORK)))
			continue;
		if (!section || strcmp(key->section, section) != 0)
			printf("%s.Ss \\&[%s]\n.Bl -tag -width Ds\n", section ? ".El\n" : "",
			    key->section);
		section = key->section;
		put_key(key);
	}
	puts(".El");
}

/* ".Cm bridge , gateway" in lines of one each, for a sentence. */
static void put_network_keys(void)
{
	const char *before = "";

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!(key->uses & KEY_NETWORK))
			continue;
		if (*before)
			printf(".Cm %s ,\n", before);
		before = key->name;
	}
	printf("and\n.Cm %s .\n", before);
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
		else if (strcmp(line, "@KEYS@\n") == 0)
			put_keys();
		else if (strcmp(line, "@NETWORKKEYS@\n") == 0)
			put_network_keys();
		else
			put_template_line(line);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
