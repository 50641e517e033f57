/* SPDX-License-Identifier: MIT */
#include "lib/pull/oci_part_json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Deeper than any of the documents; a parser's recursion is what a stranger could make use of. */
#define DEPTH 32

struct oci_place oci_inside(const struct oci_place *outer, const char *key)
{
	struct oci_place place = *outer;
	size_t used = strlen(place.member);

	snprintf(place.member + used, sizeof(place.member) - used, "%s%.40s", used ? "." : "", key);
	return place;
}

struct oci_place oci_item(const struct oci_place *outer, const char *key, size_t index)
{
	struct oci_place place = oci_inside(outer, key);
	size_t used = strlen(place.member);

	snprintf(place.member + used, sizeof(place.member) - used, "[%zu]", index);
	return place;
}

static int parse(struct json_tokener *tokener, const char *document, const char *text,
    size_t length, struct json_object **ret, struct err *err)
{
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With the NUL, which tells that there is nothing behind it. */
	struct json_object *json = json_tokener_parse_ex(tokener, text, (int)length + 1);
	enum json_tokener_error error = json_tokener_get_error(tokener);

	if (error == json_tokener_success && json_object_is_type(json, json_type_object)) {
		*ret = json;
		return 0;
	}
	json_object_put(json);
	if (error == json_tokener_success)
		return err_say(err, EINVAL, "%s is not a JSON object", document);
	if (error == json_tokener_continue || error == json_tokener_error_parse_eof)
		return err_say(err, EINVAL, "%s is not valid JSON: it ends too early", document);
	return err_say(err, EINVAL, "%s is not valid JSON at byte %zu: %s", document,
	    json_tokener_get_parse_end(tokener), json_tokener_error_desc(error));
}

int oci_parse(const char *document, const char *text, size_t length, struct json_object **ret,
    struct err *err)
{
	if (length >= INT_MAX)
		return err_say(err, EFBIG, "%s is too large", document);
	if (strlen(text) != length)
		return err_say(
		    err, EINVAL, "%s is not valid JSON: it has a NUL character", document);
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	if (!tokener)
		return err_sys(err, ENOMEM, "cannot parse %s", document);
	int r = parse(tokener, document, text, length, ret, err);
	json_tokener_free(tokener);
	return r;
}

int oci_get(const struct oci_place *place, struct json_object *object, const char *key,
    enum json_type type, struct json_object **ret, struct err *err)
{
	struct json_object *value = NULL;

	if (json_object_object_get_ex(object, key, &value) && value &&
	    !json_object_is_type(value, type))
		return err_say(err, EINVAL, "%s: %s is a JSON %s, and must be of type %s",
		    place->document, oci_inside(place, key).member,
		    json_type_to_name(json_object_get_type(value)), json_type_to_name(type));
	*ret = value;
	return 0;
}

int oci_need(const struct oci_place *place, struct json_object *object, const char *key,
    enum json_type type, struct json_object **ret, struct err *err)
{
	int r = oci_get(place, object, key, type, ret, err);

	if (r < 0 || *ret)
		return r;
	err_say(err, EINVAL, "%s: %s is missing", place->document, oci_inside(place, key).member);
	return -EINVAL;
}

static int take_text(
    const struct oci_place *place, struct json_object *value, const char **ret, struct err *err)
{
	const char *text = json_object_get_string(value);

	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return err_say(
		    err, EINVAL, "%s: %s has a NUL character", place->document, place->member);
	*ret = text;
	return 0;
}

int oci_get_text(const struct oci_place *place, struct json_object *object, const char *key,
    const char **ret, struct err *err)
{
	struct oci_place inside = oci_inside(place, key);
	struct json_object *value = NULL;
	int r = oci_get(place, object, key, json_type_string, &value, err);

	*ret = NULL;
	return r < 0 || !value ? r : take_text(&inside, value, ret, err);
}

int oci_need_text(const struct oci_place *place, struct json_object *object, const char *key,
    const char **ret, struct err *err)
{
	int r = oci_get_text(place, object, key, ret, err);

	if (r < 0 || *ret)
		return r;
	err_say(err, EINVAL, "%s: %s is missing", place->document, oci_inside(place, key).member);
	return -EINVAL;
}

/* json-c makes the largest number that it knows of what is larger: max must be below. */
int oci_need_number(const struct oci_place *place, struct json_object *object, const char *key,
    uint64_t max, uint64_t *ret, struct err *err)
{
	struct json_object *value = NULL;
	int r = oci_need(place, object, key, json_type_int, &value, err);

	if (r < 0)
		return r;
	int64_t number = json_object_get_int64(value);
	if (number < 0 || (uint64_t)number > max)
		return err_say(err, ERANGE, "%s: %s must be from 0 to %llu", place->document,
		    oci_inside(place, key).member, (unsigned long long)max);
	*ret = (uint64_t)number;
	return 0;
}

static int take_item(
    const struct oci_place *place, struct json_object *value, struct strv *list, struct err *err)
{
	const char *text = NULL;

	if (!json_object_is_type(value, json_type_string))
		return err_say(
		    err, EINVAL, "%s: %s is not a string", place->document, place->member);
	int r = take_text(place, value, &text, err);
	if (r == 0 && strv_add(list, text) < 0)
		return err_sys(err, ENOMEM, "cannot keep a value");
	return r;
}

int oci_get_list(const struct oci_place *place, struct json_object *object, const char *key,
    size_t max, struct strv *ret, struct err *err)
{
	struct json_object *array = NULL;
	int r = oci_get(place, object, key, json_type_array, &array, err);

	if (r < 0 || !array)
		return r;
	size_t count = json_object_array_length(array);
	if (count > max)
		return err_say(err, E2BIG, "%s: %s has %zu items, and may have at most %zu",
		    place->document, oci_inside(place, key).member, count, max);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct oci_place item = oci_item(place, key, i);
		r = take_item(&item, json_object_array_get_idx(array, i), ret, err);
	}
	return r;
}
