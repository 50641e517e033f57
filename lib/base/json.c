/* SPDX-License-Identifier: MIT */
#include "lib/base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

struct json json_start(FILE *out)
{
	return (struct json){ .out = out };
}

/* Length of the UTF-8 sequence (RFC 3629) that text begins with, 0 if it begins with none. */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		unsigned char first, last;  /* of the lead byte */
		unsigned char second_first; /* of the byte after it: no overlong forms, no */
		unsigned char second_last;  /* surrogates, nothing above U+10FFFF */
		unsigned char length;
	} forms[] = {
		{ 0x01, 0x7f, 0x00, 0xff, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].length > 1 &&
		    (text[1] < forms[i].second_first || text[1] > forms[i].second_last))
			return 0;
		for (size_t k = 2; k < forms[i].length; k++)
			if (text[k] < 0x80 || text[k] > 0xbf)
				return 0;
		return forms[i].length;
	}
	return 0;
}

static bool is_utf8(const unsigned char *text)
{
	while (*text) {
		size_t length = utf8_length(text);
		if (!length)
			return false;
		text += length;
	}
	return true;
}

static void put_quoted(FILE *out, const char *value)
{
	const unsigned char *text = (const unsigned char *)value;
	bool raw = is_utf8(text);

	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (*text < 0x20 || *text == 0x7f || (*text >= 0x80 && !raw))
			fprintf(out, "\\u%04x", *text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

/* The comma before a value that is not the first of its level, and its key. */
static void begin(struct json *json, const char *key)
{
	if (json->filled[json->depth])
		fputc(',', json->out);
	json->filled[json->depth] = true;
	if (!key)
		return;
	put_quoted(json->out, key);
	fputc(':', json->out);
}

static void descend(struct json *json, const char *key, char opener, char closer)
{
	begin(json, key);
	fputc(opener, json->out);
	json->depth++;
	json->filled[json->depth] = false;
	json->closer[json->depth] = closer;
}

void json_object(struct json *json, const char *key)
{
	descend(json, key, '{', '}');
}

void json_array(struct json *json, const char *key)
{
	descend(json, key, '[', ']');
}

void json_end(struct json *json)
{
	fputc(json->closer[json->depth], json->out);
	json->depth--;
}

void json_string(struct json *json, const char *key, const char *value)
{
	if (!value) {
		json_null(json, key);
		return;
	}
	begin(json, key);
	put_quoted(json->out, value);
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_int(struct json *json, const char *key, int64_t value)
{
	begin(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->out);
}

/* JSON knows neither infinity nor NaN. */
void json_double(struct json *json, const char *key, double value)
{
	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	begin(json, key);
	fprintf(json->out, "%.6f", value);
}

void json_null(struct json *json, const char *key)
{
	begin(json, key);
	fputs("null", json->out);
}
