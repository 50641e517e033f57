/* SPDX-License-Identifier: MIT */
#include "lib/image/record.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "contain-image 1"
#define LAST_LINE  "end"

/* Variables or arguments. All are compared with all when the image is run: 70,000 took seven
 * seconds. */
#define ITEMS_MAX 4096

int image_add_layer(struct image *image, const struct digest *diff_id, struct err *err)
{
	if (image->layer_count == IMAGE_LAYERS_MAX)
		return err_say(err, E2BIG, "the image has more than %d layers", IMAGE_LAYERS_MAX);
	struct digest *larger =
	    reallocarray(image->layers, image->layer_count + 1, sizeof(*image->layers));
	if (!larger)
		return err_sys(err, ENOMEM, "cannot keep a layer");
	image->layers = larger;
	image->layers[image->layer_count++] = *diff_id;
	return 0;
}

void image_done(struct image *image)
{
	free(image->layers);
	strv_free(&image->environment);
	strv_free(&image->entrypoint);
	strv_free(&image->command);
	free(image->workdir);
	free(image->user);
	*image = (struct image){ .layers = NULL };
}

/* A value must not be able to end its line. */
static void write_value(FILE *out, const char *word, const char *value)
{
	fprintf(out, "%s ", word);
	for (const char *c = value; *c; c++)
		if (*c == '\n')
			fputs("\\n", out);
		else if (*c == '\\')
			fputs("\\\\", out);
		else
			fputc(*c, out);
	fputc('\n', out);
}

/* In place: it only gets shorter. Returns whether it is what write_value() writes. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		from++;
		if (*from != 'n' && *from != '\\')
			return false;
		*to++ = *from == 'n' ? '\n' : '\\';
	}
	*to = '\0';
	return true;
}

enum kind { DIGEST, NUMBER, SECONDS, SHORT, TEXT, LIST, LAYER };

/* The lines of a record, in the order in which they are written. */
static const struct row {
	const char *word;
	enum kind kind;
	bool needed;
	size_t member;
} rows[] = {
	{ "id", DIGEST, true, offsetof(struct image, id) },
	{ "manifest", DIGEST, false, offsetof(struct image, manifest) },
	{ "architecture", SHORT, true, offsetof(struct image, architecture) },
	{ "created", SECONDS, false, offsetof(struct image, created) },
	{ "size", NUMBER, false, offsetof(struct image, size) },
	{ "layer", LAYER, true, offsetof(struct image, layers) },
	{ "env", LIST, false, offsetof(struct image, environment) },
	{ "entrypoint", LIST, false, offsetof(struct image, entrypoint) },
	{ "cmd", LIST, false, offsetof(struct image, command) },
	{ "workdir", TEXT, false, offsetof(struct image, workdir) },
	{ "user", TEXT, false, offsetof(struct image, user) },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const void *member_of(const struct image *image, const struct row *row)
{
	return (const char *)image + row->member;
}

static void write_list(FILE *out, const char *word, const struct strv *list)
{
	for (size_t i = 0; i < list->count; i++)
		write_value(out, word, list->items[i]);
}

static void write_layers(FILE *out, const char *word, const struct image *image)
{
	for (unsigned i = 0; i < image->layer_count; i++)
		write_value(out, word, image->layers[i].text);
}

static void write_row(FILE *out, const struct row *row, const struct image *image)
{
	const void *member = member_of(image, row);
	const char *text = NULL;

	switch (row->kind) {
	case DIGEST:
	case SHORT: text = *(const char *)member ? member : NULL; break;
	case TEXT: text = *(char *const *)member; break;
	case NUMBER:
		fprintf(out, "%s %llu\n", row->word, (unsigned long long)*(const uint64_t *)member);
		break;
	case SECONDS:
		fprintf(out, "%s %lld\n", row->word, (long long)*(const int64_t *)member);
		break;
	case LIST: write_list(out, row->word, member); break;
	case LAYER: write_layers(out, row->word, image); break;
	}
	if (text)
		write_value(out, row->word, text);
}

void image_record_write(const struct image *image, FILE *out)
{
	fprintf(out, "%s\n", FIRST_LINE);
	for (size_t i = 0; i < ROWS; i++)
		write_row(out, &rows[i], image);
	fprintf(out, "%s\n", LAST_LINE);
}

static int read_number(const char *value, uint64_t max, void *member, struct err *err)
{
	uint64_t number;

	if (str_to_u64(value, max, &number) < 0)
		return err_say(err, EINVAL, "\"%.64s\" is not a number", value);
	memcpy(member, &number, sizeof(number));
	return 0;
}

static int read_text(const char *value, char **member, struct err *err)
{
	free(*member);
	*member = strdup(value);
	return *member ? 0 : err_sys(err, ENOMEM, "cannot keep a value");
}

static int read_short(const char *value, char *member, struct err *err)
{
	if (strlen(value) >= sizeof(((struct image *)NULL)->architecture))
		return err_say(err, EINVAL, "\"%.64s\" is too long", value);
	memcpy(member, value, strlen(value) + 1);
	return 0;
}

static int read_layer(const char *value, struct image *image, struct err *err)
{
	struct digest diff_id;
	int r = digest_parse(value, &diff_id, err);

	return r < 0 ? r : image_add_layer(image, &diff_id, err);
}

static int read_item(const char *word, const char *value, struct strv *list, struct err *err)
{
	if (list->count == ITEMS_MAX)
		return err_say(err, EINVAL, "there are more than %d lines \"%s\"", ITEMS_MAX, word);
	return strv_add(list, value) < 0 ? err_sys(err, ENOMEM, "cannot keep a value") : 0;
}

static int read_row(const struct row *row, const char *value, struct image *image, struct err *err)
{
	void *member = (char *)image + row->member;

	switch (row->kind) {
	case DIGEST: return digest_parse(value, member, err);
	case NUMBER: return read_number(value, UINT64_MAX, member, err);
	case SECONDS: return read_number(value, INT64_MAX, member, err);
	case SHORT: return read_short(value, member, err);
	case TEXT: return read_text(value, member, err);
	case LIST: return read_item(row->word, value, member, err);
	case LAYER: return read_layer(value, image, err);
	}
	return -EINVAL;
}

/* "WORD VALUE"; `seen` remembers which rows there were. */
static int read_line(char *line, bool seen[ROWS], struct image *image, struct err *err)
{
	char *blank = strchr(line, ' ');

	if (blank) {
		*blank = '\0';
		if (!unescape(blank + 1))
			return err_say(
			    err, EINVAL, "a backslash stands before neither n nor a backslash");
	}
	for (size_t i = 0; blank && i < ROWS; i++) {
		if (strcmp(rows[i].word, line) != 0)
			continue;
		bool repeats = rows[i].kind == LIST || rows[i].kind == LAYER;
		if (seen[i] && !repeats)
			return err_say(err, EINVAL, "\"%s\" is there twice", line);
		seen[i] = true;
		return read_row(&rows[i], blank + 1, image, err);
	}
	return err_say(err, EINVAL, "\"%.32s\" is not known", line);
}

static int check_whole(const bool seen[ROWS], bool ended, struct err *err)
{
	if (!ended)
		return err_say(
		    err, EINVAL, "it is not whole: the line \"" LAST_LINE "\" is missing");
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].needed && !seen[i])
			return err_say(err, EINVAL, "it has no line \"%s\"", rows[i].word);
	return 0;
}

static int read_lines(char *text, struct image *image, struct err *err)
{
	bool seen[ROWS] = { false }, ended = false;
	unsigned number = 0;
	char *rest = text;
	int r = 0;

	while (r == 0 && *rest) {
		char *line = strsep(&rest, "\n");
		if (!rest)
			return err_say(err, EINVAL, "line %u has no end", number + 1);
		if (ended)
			r = err_say(err, EINVAL, "there is something behind its end");
		else if (number++ == 0)
			r = strcmp(line, FIRST_LINE) == 0
				? 0
				: err_say(err, EINVAL, "it is not \"" FIRST_LINE "\"");
		else if (strcmp(line, LAST_LINE) == 0)
			ended = true;
		else
			r = read_line(line, seen, image, err);
	}
	if (r < 0)
		return err_prefix(err, "line %u", number);
	return check_whole(seen, ended, err);
}

int image_record_read(char *text, struct image *ret, struct err *err)
{
	struct image image = { .layers = NULL };
	int r = read_lines(text, &image, err);

	if (r < 0) {
		image_done(&image);
		return r;
	}
	*ret = image;
	return 0;
}
