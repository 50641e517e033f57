/* SPDX-License-Identifier: MIT */
#include "lib/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int str_to_u64(const char *text, uint64_t max, uint64_t *ret)
{
	bool overflow = false;
	uint64_t value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		overflow |= __builtin_mul_overflow(value, 10u, &value) ||
			    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value);
	}
	if (overflow || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int str_stream_take(FILE *stream, char **text, char **ret)
{
	int failed = ferror(stream);

	if (fclose(stream) != 0 || failed) {
		free(*text);
		return -ENOMEM;
	}
	*ret = *text;
	return 0;
}

static int add_owned(struct strv *list, char *item)
{
	char **items = item ? reallocarray(list->items, list->count + 2, sizeof(char *)) : NULL;

	if (!items) {
		free(item);
		return -ENOMEM;
	}
	list->items = items;
	items[list->count++] = item;
	items[list->count] = NULL;
	return 0;
}

int strv_add(struct strv *list, const char *text)
{
	return add_owned(list, strdup(text));
}

static char **find(char **items, const char *key)
{
	size_t length = strlen(key);

	for (; items && *items; items++)
		if (strncmp(*items, key, length) == 0 && (*items)[length] == '=')
			return items;
	return NULL;
}

int strv_set(struct strv *list, const char *key, const char *value)
{
	char **old = find(list->items, key);
	char *item;

	if (asprintf(&item, "%s=%s", key, value) < 0)
		return -ENOMEM;
	if (!old)
		return add_owned(list, item);
	free(*old);
	*old = item;
	return 0;
}

const char *strv_get(const struct strv *list, const char *key)
{
	char **item = find(list->items, key);

	return item ? *item + strlen(key) + 1 : NULL;
}

void strv_free(struct strv *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct strv){ NULL, 0 };
}

#define WORD_MAX 64

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t above = row[j];
			row[j] =
			    smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

const char *str_nearest(
    const char *word, const char *(*candidate)(size_t index, const void *data), const void *data)
{
	const char *best = NULL;
	size_t limit = strlen(word) / 3 > 2 ? strlen(word) / 3 : 2, least = limit + 1;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0;; i++) {
		const char *other = candidate(i, data);
		if (!other)
			return best;
		if (strlen(other) > WORD_MAX)
			continue;
		size_t d = distance(word, other);
		if (d < least) {
			least = d;
			best = other;
		}
	}
}
