/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image/record.h"

#define A     "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEAD  "contain-image 1\n"
#define LEAST HEAD "id " A "\narchitecture amd64\nlayer " B "\n"

static char *text_of(const struct image *image)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	image_record_write(image, stream);
	fclose(stream);
	return text;
}

static int read_text(const char *text, struct image *ret, struct err *err)
{
	char *copy = strdup(text);
	int r = image_record_read(copy, ret, err);

	free(copy);
	return r;
}

/* Whatever stands in a configuration, a line of it is not the record's. */
static void what_is_written_is_read(void **state)
{
	static const char *const odd[] = { "PATH=/bin:/usr/bin", "", ("A=\nend\nid " B), "\\",
		"\\n", "a\\\nb\\", "X=\t\x1b[31m\x7f\xff", "  two  " };
	struct image image = { .layers = NULL }, back = { .layers = NULL };
	struct digest layer;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(digest_parse(A, &image.id, NULL), 0);
	assert_int_equal(digest_parse(B, &image.manifest, NULL), 0);
	strcpy(image.architecture, "amd64");
	image.created = 1700000000;
	image.size = UINT64_MAX;
	image.workdir = strdup("/srv/\nx");
	image.user = strdup("1000:audio");
	for (int i = 0; i < IMAGE_LAYERS_MAX; i++) {
		char text[DIGEST_TEXT_MAX];
		snprintf(text, sizeof(text), DIGEST_PREFIX "%064d", i);
		assert_int_equal(digest_parse(text, &layer, NULL), 0);
		assert_int_equal(image_add_layer(&image, &layer, NULL), 0);
	}
	assert_int_equal(image_add_layer(&image, &layer, &err), -E2BIG);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		strv_add(&image.environment, odd[i]);
		strv_add(&image.entrypoint, odd[i]);
		strv_add(&image.command, odd[i]);
	}
	char *text = text_of(&image);
	assert_int_equal(read_text(text, &back, &err), 0);
	char *again = text_of(&back);
	assert_string_equal(text, again);
	assert_int_equal(back.layer_count, IMAGE_LAYERS_MAX);
	assert_true(digest_equal(&back.layers[IMAGE_LAYERS_MAX - 1], &layer));
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_string_equal(back.command.items[i], odd[i]);
	assert_string_equal(back.workdir, image.workdir);
	free(text);
	free(again);
	image_done(&image);
	image_done(&back);
	assert_null(back.layers);
}

static void what_is_not_right_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "end" },
		{ LEAST, "end" },
		{ LEAST "end", "no end" },
		{ LEAST "end\nend\n", "behind" },
		{ LEAST "end\nx", "no end" },
		{ "contain-image 2\nend\n", "line 1" },
		{ HEAD "end\n", "no line \"id\"" },
		{ HEAD "id " A "\narchitecture amd64\nend\n", "no line \"layer\"" },
		{ LEAST "id " A "\nend\n", "twice" },
		{ LEAST "user x\nuser y\nend\n", "twice" },
		{ LEAST "layer " B "0\nend\n", "line 5" },
		{ LEAST "layer ../../x\nend\n", "not a digest" },
		{ LEAST "size -1\nend\n", "not a number" },
		{ LEAST "size 18446744073709551616\nend\n", "not a number" },
		{ LEAST "created 9223372036854775808\nend\n", "not a number" },
		{ LEAST "nonsense 1\nend\n", "not known" },
		{ LEAST "env\nend\n", "not known" },
		{ LEAST "\nend\n", "not known" },
		{ LEAST "env a\\x\nend\n", "backslash" },
		{ LEAST "env a\\\nend\n", "backslash" },
		{ HEAD "architecture 0123456789012345678901234567890123456789\nend\n", "too long" },
	};
	struct image image = { .layers = NULL };

	(void)state;
	assert_int_equal(read_text(LEAST "end\n", &image, NULL), 0);
	image_done(&image);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		if (read_text(cases[i].text, &image, &err) != -EINVAL)
			fail_msg("case %zu was read", i);
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void a_list_has_an_end(void **state)
{
	struct image image = { .layers = NULL };
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t length;

	(void)state;
	for (int count = 4096; count <= 4097; count++) {
		FILE *out = open_memstream(&text, &length);
		fputs(LEAST, out);
		for (int i = 0; i < count; i++)
			fprintf(out, "env A%d=\n", i);
		fputs("end\n", out);
		fclose(out);
		assert_int_equal(read_text(text, &image, &err), count > 4096 ? -EINVAL : 0);
		image_done(&image);
		free(text);
	}
	assert_non_null(strstr(err.text, "env"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_not_right_is_refused),
		cmocka_unit_test(a_list_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
