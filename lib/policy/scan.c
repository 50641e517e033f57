/* SPDX-License-Identifier: MIT */
#include "lib/policy/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/str.h"
#include "lib/policy/keys.h"

#define BLANKS " \t"

/* What an indented line would go on with. */
enum above { ABOVE_NOTHING, ABOVE_ENTRY, ABOVE_REFUSED };

struct scanner {
	const char *file;
	unsigned line;
	struct scan *scan;
	struct problems *problems;
	FILE *out;	     /* becomes scan->text */
	const char *section; /* of policy_keys; NULL: none yet, or one that is not known */
	bool section_refused;
	enum above above;
	unsigned column; /* in which the line begins, behind its blanks */
	bool comment;	 /* the line has one, which is cut off */
	bool failed;	 /* there was no memory */
};

/* The line is wrong. What is indented below it goes with it. */
#define refuse(scanner, ...)                                                                       \
	do {                                                                                       \
		(scanner)->above = ABOVE_REFUSED;                                                  \
		if (problems_add(                                                                  \
			(scanner)->problems, (scanner)->file, (scanner)->line, __VA_ARGS__) < 0)   \
			(scanner)->failed = true;                                                  \
	} while (0)

static const char *section_at(size_t index, const void *data)
{
	(void)data;
	return policy_key_section(index);
}

static const char *known_section(const char *name)
{
	const char *section;

	for (size_t i = 0; (section = policy_key_section(i)); i++)
		if (strcmp(section, name) == 0)
			return section;
	return NULL;
}

/* "[limits]"; nothing stands behind the bracket. */
static void take_section(struct scanner *scanner, char *text)
{
	char *end = strchr(text, ']');

	scanner->section = NULL;
	scanner->section_refused = true;
	if (!end || end[1]) {
		refuse(scanner,
		    "\"%.128s\" is not a section: use a name in brackets, as in [limits]", text);
		return;
	}
	*end = '\0';
	scanner->section = known_section(text + 1);
	if (!scanner->section) {
		const char *near = str_nearest(text + 1, section_at, NULL);
		refuse(scanner, "[%.64s]: unknown section%s%s%s", text + 1,
		    near ? "; did you mean [" : "", near ?: "", near ? "]?" : "");
		return;
	}
	scanner->section_refused = false;
	scanner->above = ABOVE_NOTHING;
	fprintf(scanner->out, "[%s]\n", scanner->section);
}

/* Quotes enclose a whole value or stand for themselves, in pairs. */
static bool check_quotes(struct scanner *scanner, const char *value, bool *ret_quoted)
{
	size_t count = 0, length = strlen(value);

	for (const char *c = value; *c; c++)
		count += *c == '"';
	*ret_quoted = *value == '"';
	if (count % 2 == 1)
		refuse(scanner, "a quote is opened and not closed in this line%s",
		    scanner->comment ? ": \"#\" begins a comment, also in quotes" : "");
	else if (*ret_quoted && (count > 2 || value[length - 1] != '"'))
		refuse(scanner, "quotes can only enclose the whole value");
	else
		return true;
	return false;
}

static const struct scan_entry *find(const struct scan *scan, const char *section, const char *name)
{
	for (size_t i = 0; i < scan->count; i++)
		if (strcmp(scan->entries[i].section, section) == 0 &&
		    strcmp(scan->entries[i].name, name) == 0)
			return &scan->entries[i];
	return NULL;
}

static void add_entry(struct scanner *scanner, const char *name, bool quoted)
{
	struct scan *scan = scanner->scan;
	struct scan_entry *entries = reallocarray(scan->entries, scan->count + 1, sizeof(*entries));
	struct scan_entry entry = { .section = strdup(scanner->section),
		.name = strdup(name),
		.line = scanner->line,
		.column = scanner->column,
		.quoted = quoted };

	if (entries)
		scan->entries = entries;
	if (entries && entry.section && entry.name) {
		entries[scan->count++] = entry;
		scanner->above = ABOVE_ENTRY;
		return;
	}
	free(entry.section);
	free(entry.name);
	scanner->failed = true;
}

/* Whether "name = value" can be taken; says what is wrong with it if not. */
static bool check_key(struct scanner *scanner, const char *name)
{
	const struct scan_entry *before;

	if (!*name)
		refuse(scanner, "there is no name in front of \"=\"");
	else if (strpbrk(name, BLANKS))
		refuse(scanner, "\"%.64s\" is not the name of a key: there is a blank in it", name);
	else if (scanner->section_refused)
		scanner->above = ABOVE_REFUSED;
	else if (!scanner->section)
		refuse(scanner, "%.64s: stands in front of the first [section]", name);
	else if ((before = find(scanner->scan, scanner->section, name)))
		refuse(scanner, "[%s] %.64s: is given in line %u already", scanner->section, name,
		    before->line);
	else if (scanner->scan->count == SCAN_ENTRIES_MAX)
		refuse(scanner, "there are more than %d keys in this file", SCAN_ENTRIES_MAX);
	else
		return true;
	return false;
}

/* Without the blanks around it. */
static char *trim(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(BLANKS, text[length - 1]))
		text[--length] = '\0';
	return text + strspn(text, BLANKS);
}

/* It could be meant as a part of the value above. */
static bool is_indented_further(const struct scanner *scanner)
{
	const struct scan *scan = scanner->scan;

	return scanner->above == ABOVE_ENTRY &&
	       scanner->column > scan->entries[scan->count - 1].column;
}

static void take_key(struct scanner *scanner, char *text)
{
	char *equals = strchr(text, '=');
	char *value = trim(equals + 1);
	bool quoted;

	if (is_indented_further(scanner)) {
		refuse(scanner,
		    "\"%.64s\" is indented below %.32s: keys stand below each other, and items "
		    "with \"=\" in the line of their list",
		    text, scanner->scan->entries[scanner->scan->count - 1].name);
		return;
	}
	*equals = '\0';
	const char *name = trim(text);
	if (!check_key(scanner, name) || !check_quotes(scanner, value, &quoted))
		return;
	add_entry(scanner, name, quoted);
	fprintf(scanner->out, "%s = %s\n", name, value);
}

static void go_on(struct scanner *scanner, const char *text)
{
	struct scan_entry *entry = &scanner->scan->entries[scanner->scan->count - 1];
	bool quoted;

	if (!check_quotes(scanner, text, &quoted))
		return;
	if (entry->quoted || quoted) {
		refuse(scanner, "a value in quotes cannot go on in another line");
		return;
	}
	if (scanner->line - entry->line >= SCAN_VALUE_LINES) {
		refuse(scanner, "the value has more than %d lines", SCAN_VALUE_LINES);
		return;
	}
	if (!entry->more)
		entry->more = scanner->line;
	fprintf(scanner->out, " %s\n", text);
}

static unsigned column_of(const char *line, const char *text)
{
	unsigned column = 0;

	for (; line < text; line++)
		column = *line == '\t' ? column / 8 * 8 + 8 : column + 1;
	return column;
}

/* A line without its end and without its comment. */
static void take_line(struct scanner *scanner, char *line)
{
	char *text = trim(line);

	scanner->column = column_of(line, text);
	if (!*text && scanner->comment)
		return; /* an item that is commented out does not end a list */
	if (!*text)
		scanner->above = ABOVE_NOTHING;
	else if (*text == ';')
		refuse(scanner, "comments begin with \"#\", and not with \";\"");
	else if (*text == '[')
		take_section(scanner, text);
	else if (strchr(text, '='))
		take_key(scanner, text);
	else if (scanner->column && scanner->above == ABOVE_ENTRY)
		go_on(scanner, text);
	else if (!scanner->column || scanner->above == ABOVE_NOTHING)
		refuse(scanner, "\"%.128s\" is neither a [section] nor a key = value", text);
}

/* Why the bytes are no line of a text file; NULL: they are one. */
static const char *why_no_text(const char *bytes, size_t length, unsigned line)
{
	if (line == 1 && length >= 2 &&
	    (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return "the file is UTF-16: save it as UTF-8";
	if (line == 1 && length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return "the file begins with a byte order mark: save it without one";
	if (memchr(bytes, '\0', length))
		return "there is a NUL byte in the line: the file is not text";
	if (length && bytes[length - 1] == '\r')
		return "the line ends as in Windows: take the CR off";
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7f)
			return "there is a control character in the line";
	return NULL;
}

/* Returns whether it makes sense to look at the next one. */
static bool look_at(struct scanner *scanner, const char *bytes, size_t length)
{
	char line[SCAN_LINE_MAX + 1];
	const char *why = why_no_text(bytes, length, scanner->line);

	if (why) {
		refuse(scanner, "%s", why);
		return false;
	}
	if (length > SCAN_LINE_MAX) {
		refuse(scanner, "the line is longer than %d bytes", SCAN_LINE_MAX);
	} else {
		memcpy(line, bytes, length);
		line[length] = '\0';
		scanner->comment = strchr(line, '#');
		line[strcspn(line, "#")] = '\0';
		take_line(scanner, line);
	}
	return !scanner->failed && scanner->problems->count < PROBLEMS_MAX;
}

static void look_at_all(struct scanner *scanner, const char *text, size_t length)
{
	const char *end = text + length;
	bool more = true;

	while (more && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ?: end;
		scanner->line++;
		more = look_at(scanner, text, (size_t)(stop - text));
		text = stop + 1;
	}
}

int scan_text(const char *text, size_t length, const char *file, struct scan *ret,
    struct problems *problems, struct err *err)
{
	struct scan scan = { .entries = NULL };
	struct scanner scanner = { .file = file, .scan = &scan, .problems = problems };
	size_t size;

	scanner.out = open_memstream(&scan.text, &size);
	if (!scanner.out)
		return err_sys(err, ENOMEM, "%.256s", file);
	look_at_all(&scanner, text, length);
	if (fclose(scanner.out) != 0 || scanner.failed) {
		scan_done(&scan);
		return err_sys(err, ENOMEM, "%.256s", file);
	}
	*ret = scan;
	return 0;
}

void scan_done(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		free(scan->entries[i].section);
		free(scan->entries[i].name);
	}
	free(scan->entries);
	free(scan->text);
	*scan = (struct scan){ .entries = NULL };
}
