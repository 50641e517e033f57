/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp_part_json.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_place json_member(const struct json_place *outer, const char *key)
{
	struct json_place place = *outer;
	size_t used = strlen(place.text);

	snprintf(place.text + used, sizeof(place.text) - used, "%s%.40s", used ? "." : "", key);
	return place;
}

struct json_place json_item(const struct json_place *outer, size_t index)
{
	struct json_place place = *outer;
	size_t used = strlen(place.text);

	snprintf(place.text + used, sizeof(place.text) - used, "[%zu]", index);
	return place;
}

int json_read_object(const struct json_place *place, struct json_object *object,
    const struct json_key *keys, size_t count, void *target, struct err *err)
{
	if (!json_object_is_type(object, json_type_object))
		return err_say(err, EINVAL, "%s: expected an object",
		    place->text[0] ? place->text : "the file");
	json_object_object_foreach(object, name, value)
	{
		struct json_place inner = json_member(place, name);
		size_t i = 0;
		while (i < count && strcmp(keys[i].name, name) != 0)
			i++;
		if (i == count)
			return err_say(
			    err, EINVAL, "%s: is not a key of seccomp profiles", inner.text);
		int r = value ? keys[i].read(&inner, value, target, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int json_read_array(const struct json_place *place, struct json_object *array, size_t max,
    json_reader *read, void *target, struct err *err)
{
	if (!json_object_is_type(array, json_type_array))
		return err_say(err, EINVAL, "%s: expected an array", place->text);
	size_t length = json_object_array_length(array);
	if (length > max)
		return err_say(err, E2BIG, "%s: has %zu items, at most %zu are possible",
		    place->text, length, max);
	for (size_t i = 0; i < length; i++) {
		struct json_place inner = json_item(place, i);
		struct json_object *value = json_object_array_get_idx(array, i);
		if (!value)
			return err_say(err, EINVAL, "%s: is null", inner.text);
		int r = read(&inner, value, target, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int json_read_string(
    const struct json_place *place, struct json_object *value, const char **ret, struct err *err)
{
	if (!json_object_is_type(value, json_type_string))
		return err_say(err, EINVAL, "%s: expected a string", place->text);
	const char *text = json_object_get_string(value);
	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return err_say(err, EINVAL, "%s: has a NUL character", place->text);
	*ret = text;
	return 0;
}

/* Numbers beyond 2^64-1 do not get here: json_parse() refuses them. */
int json_read_uint(const struct json_place *place, struct json_object *value, uint64_t min,
    uint64_t max, uint64_t *ret, struct err *err)
{
	if (!json_object_is_type(value, json_type_int))
		return err_say(err, EINVAL, "%s: expected a whole number", place->text);
	uint64_t number = json_object_get_uint64(value);
	if (json_object_get_int64(value) < 0 || number < min || number > max)
		return err_say(err, ERANGE, "%s: expected a number from %" PRIu64 " to %" PRIu64,
		    place->text, min, max);
	*ret = number;
	return 0;
}

int json_read_word(const struct json_place *place, struct json_object *value,
    const struct json_word *words, size_t count, uint32_t *ret, struct err *err)
{
	const char *text = NULL;
	int r = json_read_string(place, value, &text, err);

	if (r < 0)
		return r;
	for (size_t i = 0; text && i < count; i++) {
		if (strcmp(words[i].text, text) != 0)
			continue;
		*ret = words[i].value;
		return 0;
	}
	return err_say(err, EINVAL, "%s: \"%.40s\" is not known; \"%s\" would be", place->text,
	    text, words[0].text);
}

int json_read_any_string(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	const char *text;

	(void)target;
	return json_read_string(place, value, &text, err);
}

static int syntax_error(const char *text, size_t offset, const char *what, struct err *err)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return err_say(err, EINVAL, "line %u, column %u: not valid JSON: %s", line, column, what);
}

static const char *describe(enum json_tokener_error error)
{
	if (error == json_tokener_continue || error == json_tokener_error_parse_eof)
		return "the file ends too early";
	return json_tokener_error_desc(error);
}

/* json-c makes 2^64-1 of all numbers that are larger, and does not tell. */
static int check_numbers(const char *text, struct err *err)
{
	bool in_string = false;

	for (const char *c = text; *c; c++) {
		if (in_string && *c == '\\' && c[1])
			c++;
		else if (*c == '"')
			in_string = !in_string;
		else if (!in_string && *c >= '0' && *c <= '9') {
			char *end;
			errno = 0;
			(void)strtoull(c, &end, 10);
			if (errno == ERANGE)
				return syntax_error(
				    text, (size_t)(c - text), "the number is too large", err);
			c = end - 1;
		}
	}
	return 0;
}

int json_parse(const char *text, size_t text_len, struct json_object **ret, struct err *err)
{
	if (text_len >= INT_MAX)
		return err_say(err, EFBIG, "the file is too large");
	if (strlen(text) != text_len)
		return err_say(err, EINVAL, "not valid JSON: has a NUL character");
	struct json_tokener *tokener = json_tokener_new();
	if (!tokener)
		return err_sys(err, ENOMEM, "cannot parse JSON");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* with the NUL, which tells that a bare number or word is complete */
	struct json_object *json = json_tokener_parse_ex(tokener, text, (int)text_len + 1);
	enum json_tokener_error error = json_tokener_get_error(tokener);
	size_t end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	int r = error == json_tokener_success
		    ? check_numbers(text, err)
		    : syntax_error(text, end < text_len ? end : text_len, describe(error), err);
	if (r < 0)
		json_object_put(json);
	else
		*ret = json;
	return r;
}
