/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_OCI_PART_JSON_H
#define CONTAIN_PULL_OCI_PART_JSON_H

/*
 * Members of JSON that somebody else wrote, each with the type that it must have. Members that are
 * not asked for may be there; null counts as absent. Part of the loadable part.
 */

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/* Where we are: "the manifest" and in it "layers[3].digest". */
struct oci_place {
	const char *document;
	char member[96];
};

struct oci_place oci_inside(const struct oci_place *outer, const char *key);
struct oci_place oci_item(const struct oci_place *outer, const char *key, size_t index);

/* Every function returns 0 or -errno with a message that begins with the place. */

/* Parse an object, no deeper than 32; the caller frees *ret with json_object_put(). */
int oci_parse(const char *document, const char *text, size_t length, struct json_object **ret,
    struct err *err);

/* A member of an object; *ret is NULL if there is none. It stays the object's. */
int oci_get(const struct oci_place *place, struct json_object *object, const char *key,
    enum json_type type, struct json_object **ret, struct err *err);

/* The same, and it must be there. */
int oci_need(const struct oci_place *place, struct json_object *object, const char *key,
    enum json_type type, struct json_object **ret, struct err *err);

/* A string without NUL in it; *ret is NULL if there is none. */
int oci_get_text(const struct oci_place *place, struct json_object *object, const char *key,
    const char **ret, struct err *err);

int oci_need_text(const struct oci_place *place, struct json_object *object, const char *key,
    const char **ret, struct err *err);

/* A number from 0 to max. */
int oci_need_number(const struct oci_place *place, struct json_object *object, const char *key,
    uint64_t max, uint64_t *ret, struct err *err);

/* A list of strings, at most `max`, into a list that is empty; it stays so if there is none. */
int oci_get_list(const struct oci_place *place, struct json_object *object, const char *key,
    size_t max, struct strv *ret, struct err *err);

#endif
