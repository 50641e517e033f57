/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_JSON_H
#define CONTAIN_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes JSON (RFC 8259) to a stdio stream. Only a writer: what we read as JSON goes through a
 * library, in a process that can afford one. Commas and quoting are done here; nesting is the
 * caller's, and no deeper than 16.
 *
 *	struct json json = json_start(stdout);
 *	json_object(&json, NULL);
 *	json_string(&json, "name", "web");
 *	json_end(&json);
 */
struct json {
	FILE *out;
	unsigned depth;
	bool filled[17]; /* whether the level has a member already, so that a comma is due */
	char closer[17];
};

struct json json_start(FILE *out);

/* key is NULL inside arrays and at the top. Strings that are not UTF-8 have bytes >= 0x80 escaped.
 */
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_end(struct json *json);
void json_string(struct json *json, const char *key, const char *value); /* NULL becomes null */
void json_uint(struct json *json, const char *key, uint64_t value);
void json_int(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_double(struct json *json, const char *key, double value); /* six digits after the point */
void json_null(struct json *json, const char *key);

#endif
