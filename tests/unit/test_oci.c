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

#include "lib/pull/oci.h"
#include "lib/pull/proxy.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define TAR	    "application/vnd.oci.image.layer.v1.tar"
#define CONFIG_TYPE "application/vnd.oci.image.config.v1+json"
#define CONFIG_PART                                                                                \
	"\"config\":{\"mediaType\":\"" CONFIG_TYPE "\",\"digest\":\"sha256:" A "\",\"size\":7}"
#define LAYER(type, digest, size)                                                                  \
	"{\"mediaType\":\"" type "\",\"digest\":\"sha256:" digest "\",\"size\":" size "}"
#define MANIFEST_OF(layers)                                                                        \
	"{\"schemaVersion\":2," CONFIG_PART ",\"layers\":[" layers "],\"annotations\":{\"x\":[]}}"
#define MANIFEST      MANIFEST_OF(LAYER(TAR "+gzip", B, "123") "," LAYER(TAR, C, "0"))
#define SYSTEM	      "\"os\":\"linux\",\"architecture\":\"amd64\""
#define ROOTFS	      "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" B "\",\"sha256:" A "\"]}"
#define CONFIG_OF(in) "{" SYSTEM "," ROOTFS ",\"config\":{" in "}}"
#define CONFIG                                                                                     \
	CONFIG_OF("\"Env\":[\"PATH=/bin\",\"EMPTY=\",\"TWO=a\\nb \\u00e4\"],"                      \
		  "\"Entrypoint\":[\"/bin/sh\",\"\"],\"Cmd\":null,\"WorkingDir\":\"/w\","          \
		  "\"User\":\"\",\"Volumes\":{\"/v\":{}}")

/* What the part makes of two documents; the caller frees *ret. */
static int take_apart(const char *manifest, const char *config, char **ret, struct err *err)
{
	size_t length;
	FILE *out = open_memstream(ret, &length);

	assert_non_null(out);
	int r = contain_oci_image(manifest, strlen(manifest), config, strlen(config), out, err);
	assert_int_equal(fclose(out), 0);
	return r;
}

static void test_image(void **state)
{
	struct err err = ERR_INIT;
	struct oci_image image;
	char *text;

	(void)state;
	assert_int_equal(take_apart(MANIFEST, CONFIG, &text, &err), 0);
	assert_int_equal(oci_image_parse(text, &image, &err), 0);
	assert_string_equal(image.image.id.text, "sha256:" A);
	assert_int_equal(image.image.layer_count, 2);
	assert_string_equal(image.image.layers[0].text, "sha256:" B);
	assert_string_equal(image.image.layers[1].text, "sha256:" A);
	assert_string_equal(image.blobs[0].digest.text, "sha256:" B);
	assert_string_equal(image.blobs[1].digest.text, "sha256:" C);
	assert_true(image.blobs[0].size == 123 && image.blobs[1].size == 0);
	assert_string_equal(image.image.architecture, "amd64");
	assert_int_equal(image.image.environment.count, 3);
	assert_string_equal(image.image.environment.items[2], "TWO=a\nb \xc3\xa4");
	assert_int_equal(image.image.entrypoint.count, 2);
	assert_string_equal(image.image.entrypoint.items[1], "");
	assert_int_equal(image.image.command.count, 0);
	assert_string_equal(image.image.workdir, "/w");
	assert_null(image.image.user);
	oci_image_done(&image);
	free(text);
}

static void test_every_type_of_layer(void **state)
{
	static const char *const types[] = { TAR, TAR "+gzip", TAR "+zstd",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.diff.tar.gzip",
		"application/vnd.docker.image.rootfs.diff.tar.zstd" };
	char manifest[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct err err = ERR_INIT;
		char *text;
		snprintf(manifest, sizeof(manifest),
		    "{\"schemaVersion\":2," CONFIG_PART
		    ",\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"sha256:" B
		    "\",\"size\":1}," LAYER(TAR, C, "2") "]}",
		    types[i]);
		assert_int_equal(take_apart(manifest, CONFIG, &text, &err), 0);
		free(text);
	}
}

static void test_config_without_execution(void **state)
{
	struct err err = ERR_INIT;
	char *text;

	(void)state;
	assert_int_equal(take_apart(MANIFEST, "{" SYSTEM "," ROOTFS "}", &text, &err), 0);
	free(text);
	assert_int_equal(
	    take_apart(MANIFEST, "{" SYSTEM "," ROOTFS ",\"config\":null}", &text, &err), 0);
	free(text);
}

/* What is wrong, and a word of the message. */
static const struct {
	const char *manifest, *config, *word;
} malformed[] = {
	{ "", CONFIG, "ends too early" },
	{ "{", CONFIG, "ends too early" },
	{ "[]", CONFIG, "not a JSON object" },
	{ "null", CONFIG, "not a JSON object" },
	{ "7", CONFIG, "not a JSON object" },
	{ MANIFEST "x", CONFIG, "not valid JSON" },
	{ "{schemaVersion:2}", CONFIG, "not valid JSON" },
	{ "{\"a\":\"\xff\"}", CONFIG, "not valid JSON" },
	{ "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	  "}",
	    CONFIG, "not valid JSON" },
	{ "{}", CONFIG, "schemaVersion is missing" },
	{ "{\"schemaVersion\":1}", CONFIG, "only 2 is known" },
	{ "{\"schemaVersion\":\"2\"}", CONFIG, "schemaVersion is a JSON string" },
	{ "{\"schemaVersion\":2.0}", CONFIG, "schemaVersion is a JSON double" },
	{ "{\"schemaVersion\":-1}", CONFIG, "schemaVersion must be" },
	{ "{\"schemaVersion\":99999999999999999999999}", CONFIG, "schemaVersion must be" },
	{ "{\"schemaVersion\":2}", CONFIG, "config is missing" },
	{ "{\"schemaVersion\":2,\"config\":[]}", CONFIG, "config is a JSON array" },
	{ "{\"schemaVersion\":2,\"config\":{}}", CONFIG, "mediaType is missing" },
	{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" CONFIG_TYPE "\"}}", CONFIG,
	    "config.digest is missing" },
	{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/x-helm\"}}", CONFIG,
	    "application/x-helm" },
	{ "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" CONFIG_TYPE
	  "\",\"digest\":\"sha512:" A "\"}}",
	    CONFIG, "config.digest" },
	{ "{\"schemaVersion\":2," CONFIG_PART
	  ",\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}",
	    CONFIG, "not an image's" },
	{ "{\"schemaVersion\":2," CONFIG_PART "}", CONFIG, "layers is missing" },
	{ "{\"schemaVersion\":2," CONFIG_PART ",\"layers\":{}}", CONFIG,
	    "layers is a JSON object" },
	{ MANIFEST_OF(""), CONFIG, "0 layers" },
	{ MANIFEST_OF("null"), CONFIG, "layers[0] is not an object" },
	{ MANIFEST_OF("\"x\""), CONFIG, "layers[0] is not an object" },
	{ MANIFEST_OF("{}"), CONFIG, "layers[0].mediaType is missing" },
	{ MANIFEST_OF(LAYER(TAR "+zip", B, "1")), CONFIG, "+zip" },
	{ MANIFEST_OF(LAYER(TAR "+gzip+encrypted", B, "1")), CONFIG, "encrypted" },
	{ MANIFEST_OF(LAYER("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", B, "1")),
	    CONFIG, "foreign" },
	{ MANIFEST_OF(LAYER(TAR, "../../../etc/passwd", "1")), CONFIG, "layers[0].digest" },
	{ MANIFEST_OF(LAYER(TAR, "BBBB", "1")), CONFIG, "layers[0].digest" },
	{ MANIFEST_OF(LAYER(TAR, B "\\u0000", "1")), CONFIG, "NUL" },
	{ MANIFEST_OF(LAYER(TAR, B, "-1")), CONFIG, "layers[0].size" },
	{ MANIFEST_OF(LAYER(TAR, B, "1.5")), CONFIG, "layers[0].size" },
	{ MANIFEST_OF(LAYER(TAR, B, "\"1\"")), CONFIG, "layers[0].size" },
	{ MANIFEST_OF(LAYER(TAR, B, "9223372036854775807")), CONFIG, "layers[0].size" },
	{ MANIFEST_OF(LAYER(TAR, B, "18446744073709551616")), CONFIG, "layers[0].size" },
	{ MANIFEST_OF(LAYER(TAR, B, "1")), CONFIG, "1 layers, and the configuration 2" },
	{ MANIFEST, "", "the configuration" },
	{ MANIFEST, "[]", "the configuration is not a JSON object" },
	{ MANIFEST, "{" ROOTFS "}", "os is missing" },
	{ MANIFEST, "{\"os\":\"windows\",\"architecture\":\"amd64\"," ROOTFS "}", "windows" },
	{ MANIFEST, "{\"os\":\"linux\"," ROOTFS "}", "architecture is missing" },
	{ MANIFEST, "{\"os\":\"linux\",\"architecture\":\"\"," ROOTFS "}", "which is none" },
	{ MANIFEST,
	    "{\"os\":\"linux\",\"architecture\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"," ROOTFS
	    "}",
	    "which is none" },
	{ MANIFEST, "{" SYSTEM "}", "rootfs is missing" },
	{ MANIFEST, "{" SYSTEM ",\"rootfs\":{}}", "the configuration 0" },
	{ MANIFEST, "{" SYSTEM ",\"rootfs\":{\"diff_ids\":\"x\"}}", "rootfs.diff_ids" },
	{ MANIFEST, "{" SYSTEM ",\"rootfs\":{\"diff_ids\":[1,2]}}", "rootfs.diff_ids[0]" },
	{ MANIFEST, "{" SYSTEM ",\"rootfs\":{\"diff_ids\":[\"sha256:" B "\",\"x\"]}}",
	    "rootfs.diff_ids[1]" },
	{ MANIFEST, "{" SYSTEM "," ROOTFS ",\"config\":[]}", "config is a JSON array" },
	{ MANIFEST, CONFIG_OF("\"Env\":\"A=b\""), "config.Env" },
	{ MANIFEST, CONFIG_OF("\"Env\":[\"A\"]"), "config.Env[0]" },
	{ MANIFEST, CONFIG_OF("\"Env\":[\"=A\"]"), "config.Env[0]" },
	{ MANIFEST, CONFIG_OF("\"Env\":[\"A=\\u0000\"]"), "NUL" },
	{ MANIFEST, CONFIG_OF("\"Env\":[null]"), "config.Env[0]" },
	{ MANIFEST, CONFIG_OF("\"Cmd\":\"/bin/sh\""), "config.Cmd" },
	{ MANIFEST, CONFIG_OF("\"Cmd\":[[]]"), "config.Cmd[0]" },
	{ MANIFEST, CONFIG_OF("\"Entrypoint\":{}"), "config.Entrypoint" },
	{ MANIFEST, CONFIG_OF("\"User\":0"), "config.User" },
	{ MANIFEST, CONFIG_OF("\"User\":\"a\\u0000b\""), "NUL" },
	{ MANIFEST, CONFIG_OF("\"WorkingDir\":false"), "config.WorkingDir" },
};

static void test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		struct err err = ERR_INIT;
		char *text;
		int r = take_apart(malformed[i].manifest, malformed[i].config, &text, &err);
		if (r >= 0 || !strstr(err.text, malformed[i].word))
			fail_msg("%s %s: %d \"%s\", expected \"%s\"", malformed[i].manifest,
			    malformed[i].config, r, err.text, malformed[i].word);
		free(text);
	}
}

static void test_nul_behind(void **state)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	static const char manifest[] = MANIFEST "\0{}";

	(void)state;
	assert_true(contain_oci_image(
			manifest, sizeof(manifest) - 1, CONFIG, strlen(CONFIG), out, &err) < 0);
	assert_non_null(strstr(err.text, "NUL"));
	fclose(out);
	free(text);
}

/* A manifest with so many layers, and a configuration with as many. */
static void make_many(unsigned count, char **manifest, char **config)
{
	size_t length;
	FILE *m = open_memstream(manifest, &length), *c = open_memstream(config, &length);

	fputs("{\"schemaVersion\":2," CONFIG_PART ",\"layers\":[", m);
	fputs("{" SYSTEM ",\"rootfs\":{\"diff_ids\":[", c);
	for (unsigned i = 0; i < count; i++) {
		fprintf(m, "%s%s", i ? "," : "", LAYER(TAR, B, "1"));
		fprintf(c, "%s\"sha256:" A "\"", i ? "," : "");
	}
	fputs("]}", m);
	fputs("]}}", c);
	fclose(m);
	fclose(c);
}

static void test_number_of_layers(void **state)
{
	char *manifest, *config, *text;
	struct err err = ERR_INIT;
	struct oci_image image;

	(void)state;
	make_many(IMAGE_LAYERS_MAX, &manifest, &config);
	assert_int_equal(take_apart(manifest, config, &text, &err), 0);
	assert_int_equal(oci_image_parse(text, &image, &err), 0);
	assert_int_equal(image.image.layer_count, IMAGE_LAYERS_MAX);
	oci_image_done(&image);
	free(text);
	free(manifest);
	free(config);
	make_many(IMAGE_LAYERS_MAX + 1, &manifest, &config);
	assert_int_equal(take_apart(manifest, config, &text, &err), -E2BIG);
	free(text);
	free(manifest);
	free(config);
}

/* What a parser that somebody has taken over might hand on. */
static void test_output_that_is_not_ours(void **state)
{
	static const char *const texts[] = {
		"",
		"blob",
		"blob sha256:" A " 1",
		"blob sha256:" A "\n",
		"blob sha256:" A " x\n",
		"blob sha256:" A " 1\nblob ",
		"blob ../x 1\n",
		"blob sha256:" A " 1\ncontain-image 1\nend\n",
		"contain-image 1\nid sha256:" A "\narchitecture amd64\nlayer sha256:" B "\nend\n",
		"blob sha256:" A " 99999999999999999\ncontain-image 1\nid sha256:" A
		"\narchitecture amd64\nlayer sha256:" B "\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct oci_image image;
		char *copy = strdup(texts[i]);
		assert_int_equal(oci_image_parse(copy, &image, &err), -EINVAL);
		assert_true(err.text[0]);
		free(copy);
	}
}

static int reply_of(const char *text, struct oci_reply *ret, struct err *err)
{
	return contain_oci_reply(text, strlen(text), ret, err);
}

static void test_replies(void **state)
{
	struct oci_reply reply;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    reply_of(
		"{\"success\":true,\"value\":\"0.2.3\",\"pipeid\":0,\"error\":\"\"}", &reply, &err),
	    0);
	assert_true(reply.success && reply.pipe == 0 && reply.number == 0);
	assert_string_equal(reply.text, "0.2.3");
	assert_int_equal(
	    reply_of("{\"success\":true,\"value\":7,\"pipeid\":9,\"new\":[1]}", &reply, &err), 0);
	assert_true(reply.success && reply.number == 7 && reply.pipe == 9);
	assert_string_equal(reply.text, "");
	assert_int_equal(
	    reply_of(
		"{\"success\":false,\"value\":null,\"pipeid\":0,\"error\":\"no\"}", &reply, &err),
	    0);
	assert_false(reply.success);
	assert_string_equal(reply.error, "no");
}

static void test_replies_that_are_none(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "{\"success\":1,\"pipeid\":0}",
		"{\"success\":true}", "{\"success\":true,\"pipeid\":-1}",
		"{\"success\":true,\"pipeid\":\"1\"}", "{\"success\":true,\"pipeid\":4294967296}",
		"{\"success\":true,\"pipeid\":1,\"value\":-5}",
		"{\"success\":true,\"pipeid\":1,\"value\":9223372036854775807}",
		"{\"success\":true,\"pipeid\":1,\"value\":\"a\\u0000b\"}",
		"{\"success\":false,\"pipeid\":1,\"error\":7}",
		"{\"success\":true,\"pipeid\":1}x" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct oci_reply reply;
		struct err err = ERR_INIT;
		if (reply_of(texts[i], &reply, &err) >= 0 || !err.text[0])
			fail_msg("%s: was taken", texts[i]);
	}
}

static void test_long_messages(void **state)
{
	struct oci_reply reply;
	struct err err = ERR_INIT;
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "{\"success\":false,\"pipeid\":0,\"error\":\"%01000d\"}", 0);
	assert_int_equal(reply_of(text, &reply, &err), 0);
	assert_int_equal(strlen(reply.error), sizeof(reply.error) - 1);
	snprintf(text, sizeof(text), "{\"success\":true,\"pipeid\":0,\"value\":\"%0200d\"}", 0);
	assert_true(reply_of(text, &reply, &err) < 0);
}

static void test_docker(void **state)
{
	static const char *const bad[] = { "", "{}", "[]", "{\"mediaType\":\"x\"}",
		"{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\"}",
		"{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\","
		"\"config\":{\"digest\":\"../x\"}}",
		"{\"mediaType\":\"application/"
		"vnd.docker.distribution.manifest.list.v2+json\"," CONFIG_PART "}" };
	static const char good[] =
	    "{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\"," CONFIG_PART
	    "}";
	struct err err = ERR_INIT;
	struct digest digest;

	(void)state;
	assert_int_equal(contain_oci_docker(good, strlen(good), &digest, &err), 0);
	assert_string_equal(digest.text, "sha256:" A);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (contain_oci_docker(bad[i], strlen(bad[i]), &digest, &err) >= 0)
			fail_msg("%s: was taken", bad[i]);
}

static void test_what_failures_mean(void **state)
{
	(void)state;
	assert_int_equal(proxy_failure_of("unexpected EOF"), PROXY_TRY_AGAIN);
	assert_int_equal(proxy_failure_of("read tcp: connection reset by peer"), PROXY_TRY_AGAIN);
	assert_int_equal(
	    proxy_failure_of("invalid status code from registry 503 (x)"), PROXY_TRY_AGAIN);
	assert_int_equal(proxy_failure_of("fetching sha256:404404" A ": EOF"), PROXY_TRY_AGAIN);
	assert_int_equal(
	    proxy_failure_of("invalid status code from registry 404 (Not Found)"), PROXY_FAILED);
	assert_int_equal(proxy_failure_of("corrupted blob, expecting x"), PROXY_FAILED);
	assert_int_equal(proxy_failure_of("unauthorized: x"), PROXY_FAILED);
	assert_int_equal(proxy_failure_of("write |1: broken pipe"), PROXY_LEFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_every_type_of_layer),
		cmocka_unit_test(test_config_without_execution),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_nul_behind),
		cmocka_unit_test(test_number_of_layers),
		cmocka_unit_test(test_output_that_is_not_ours),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_replies_that_are_none),
		cmocka_unit_test(test_long_messages),
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_what_failures_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
