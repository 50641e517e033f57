/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_STR_H
#define CONTAIN_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Parse a decimal number that fills the whole string: digits only, no sign, no space, no leading
 * "0x", no overflow. Returns 0, -EINVAL if it is not one, -ERANGE if it is above max.
 */
int str_to_u64(const char *text, uint64_t max, uint64_t *ret);

/*
 * Close a stream that open_memstream(3) writes into *text, and move that to *ret, which the caller
 * frees. Returns 0, or -ENOMEM if something that was written is not there.
 */
int str_stream_take(FILE *stream, char **text, char **ret);

/* A list of strings that owns them; `items` is NULL-terminated as argv is, or NULL when empty. */
struct strv {
	char **items;
	size_t count;
};

/* Append a copy of text. Returns 0 or -ENOMEM. */
int strv_add(struct strv *list, const char *text);

/* Append "key=value", or replace the item that starts with "key=". Returns 0 or -ENOMEM. */
int strv_set(struct strv *list, const char *key, const char *value);

/* The value of the item that starts with "key=", or NULL. It stays the list's. */
const char *strv_get(const struct strv *list, const char *key);

void strv_free(struct strv *list);

/*
 * The candidate that is nearest to `word` (Levenshtein distance at most a third of its length, at
 * least 2), for "did you mean"; NULL when none is near. candidate(i, data) returns the i-th, NULL
 * after the last.
 */
const char *str_nearest(
    const char *word, const char *(*candidate)(size_t index, const void *data), const void *data);

#endif
