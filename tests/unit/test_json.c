/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* json-c has types of the same names as two of our functions. */
#define json_object jsonc_object
#define json_bool   jsonc_bool
#include <json-c/json.h>
#undef json_object
#undef json_bool

#include "lib/base/json.h"

/* What `write` writes; the caller frees it. */
static char *written(void (*write)(struct json *json, const void *data), const void *data)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	struct json json = json_start(stream);
	write(&json, data);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void write_nested(struct json *json, const void *data)
{
	(void)data;
	json_object(json, NULL);
	json_uint(json, "u", UINT64_MAX);
	json_int(json, "i", INT64_MIN);
	json_bool(json, "t", true);
	json_bool(json, "f", false);
	json_null(json, "n");
	json_double(json, "d", 1.5);
	json_double(json, "nan", NAN);
	json_double(json, "inf", INFINITY);
	json_string(json, "s", NULL);
	json_array(json, "a");
	json_array(json, NULL);
	json_end(json);
	json_object(json, NULL);
	json_end(json);
	json_string(json, NULL, "x");
	json_end(json);
	json_string(json, "after", "y");
	json_end(json);
}

static void commas_and_nesting(void **state)
{
	char *text = written(write_nested, NULL);

	(void)state;
	assert_string_equal(text,
	    "{\"u\":18446744073709551615,\"i\":-9223372036854775808,\"t\":true,\"f\":false,"
	    "\"n\":null,\"d\":1.500000,\"nan\":null,\"inf\":null,\"s\":null,"
	    "\"a\":[[],{},\"x\"],\"after\":\"y\"}");
	free(text);
}

static void write_deep(struct json *json, const void *data)
{
	(void)data;
	for (int i = 0; i < 16; i++)
		json_array(json, NULL);
	for (int i = 0; i < 16; i++)
		json_end(json);
}

static void sixteen_levels(void **state)
{
	char *text = written(write_deep, NULL);

	(void)state;
	assert_string_equal(text, "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]");
	free(text);
}

static void write_string(struct json *json, const void *data)
{
	json_object(json, NULL);
	json_string(json, data, data);
	json_end(json);
}

/* Another JSON parser reads exactly what was written. */
static void strings_survive(void **state)
{
	static const char *const strings[] = { "", "plain", "quote\" and back\\slash", "/",
		"\n\r\t\b\f\x01\x1f\x7f", "ä€𝄞", "\xf4\x8f\xbf\xbf" };

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		char *text = written(write_string, strings[i]);
		jsonc_object *object = json_tokener_parse(text), *value = NULL;
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
		assert_non_null(object);
		assert_true(json_object_object_get_ex(object, strings[i], &value));
		assert_string_equal(json_object_get_string(value), strings[i]);
		json_object_put(object);
		free(text);
	}
}

/* Each is no UTF-8: a lone or missing continuation, overlong, a surrogate, above U+10FFFF. */
static void other_encodings_are_escaped(void **state)
{
	static const char *const strings[] = { "\x80", "a\xff", "\xc3", "\xc3(", "\xe2\x82",
		"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf0\x80\x80\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		char *text = written(write_string, strings[i]), first[8];
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c < 0x80);
		snprintf(first, sizeof(first), "\\u%04x",
		    (unsigned char)strings[i][strings[i][0] == 'a']);
		assert_non_null(strstr(text, first));
		jsonc_object *object = json_tokener_parse(text);
		assert_non_null(object);
		json_object_put(object);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_nesting),
		cmocka_unit_test(sixteen_levels),
		cmocka_unit_test(strings_survive),
		cmocka_unit_test(other_encodings_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
