/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_PART_JSON_H
#define CONTAIN_KERNEL_SECCOMP_PART_JSON_H

/*
 * Reading JSON strictly, with the place of whatever is wrong in the message:
 * "syscalls[12].args[0].op". Objects are read through tables of the keys that they may have. Part
 * of the loadable part.
 */

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where in the file we are. Nested, on the stack. */
struct json_place {
	char text[96];
};

struct json_place json_member(const struct json_place *outer, const char *key);
struct json_place json_item(const struct json_place *outer, size_t index);

/* Reads one value, which is never NULL, into target, whose type the reader knows. */
typedef int json_reader(
    const struct json_place *place, struct json_object *value, void *target, struct err *err);

struct json_key {
	const char *name;
	json_reader *read;
};

/* Every function returns 0 or -errno with a message that begins with the place. */

/* Read the members that there are; another key is an error, and null counts as absent. */
int json_read_object(const struct json_place *place, struct json_object *object,
    const struct json_key *keys, size_t count, void *target, struct err *err);

/* Read each item, of which there may be at most max. */
int json_read_array(const struct json_place *place, struct json_object *array, size_t max,
    json_reader *read, void *target, struct err *err);

/* The string stays value's. */
int json_read_string(
    const struct json_place *place, struct json_object *value, const char **ret, struct err *err);

int json_read_uint(const struct json_place *place, struct json_object *value, uint64_t min,
    uint64_t max, uint64_t *ret, struct err *err);

/* A string and the number that it stands for. */
struct json_word {
	const char *text;
	uint32_t value;
};

int json_read_word(const struct json_place *place, struct json_object *value,
    const struct json_word *words, size_t count, uint32_t *ret, struct err *err);

/* A json_reader that takes any string and leaves target alone. */
json_reader json_read_any_string;

/* Parse text (text_len bytes and a NUL). The caller frees *ret with json_object_put(). */
int json_parse(const char *text, size_t text_len, struct json_object **ret, struct err *err);

#endif
