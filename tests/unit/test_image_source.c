/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/pull/source.h"

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text, *given, *transport, *name; /* transport NULL: refused */
} sources[] = {
	{ "debian:12", NULL, "docker://docker.io/library/debian:12",
	    "docker.io/library/debian:12" },
	{ "docker://debian", NULL, "docker://docker.io/library/debian:latest",
	    "docker.io/library/debian:latest" },
	{ "localhost:5000/a/b:c", NULL, "docker://localhost:5000/a/b:c", "localhost:5000/a/b:c" },
	{ "localhost:5000/a/b", NULL, "docker://localhost:5000/a/b:latest",
	    "localhost:5000/a/b:latest" },
	{ "quay.io/a@sha256:" HEX, NULL, "docker://quay.io/a@sha256:" HEX,
	    "quay.io/a@sha256:" HEX },
	{ "quay.io:1/a:t@sha256:" HEX, NULL, "docker://quay.io:1/a@sha256:" HEX,
	    "quay.io:1/a:t@sha256:" HEX },
	{ "oci:/x/Box:1", NULL, "oci:/x/Box:1", "localhost/box:1" },
	{ "oci:/x/box/", NULL, "oci:/x/box/", "localhost/box:latest" },
	{ "oci:box", "other:3", "oci:box", "docker.io/library/other:3" },
	{ "oci-archive:/x/a.oci.tar.gz:t", NULL, "oci-archive:/x/a.oci.tar.gz:t", "localhost/a:t" },
	{ "oci-archive:a.tgz", NULL, "oci-archive:a.tgz", "localhost/a:latest" },
	{ "docker-archive:a.tar", NULL, "docker-archive:a.tar", "localhost/a:latest" },
	{ "docker-archive:a.tar:quay.io/b:2", NULL, "docker-archive:a.tar:quay.io/b:2",
	    "quay.io/b:2" },
	{ "", NULL, NULL, "" },
	{ "docker://", NULL, NULL, "" },
	{ "oci:", NULL, NULL, "" },
	{ "oci::t", NULL, NULL, "" },
	{ "oci:x:", NULL, NULL, "" },
	{ "oci:/", NULL, NULL, "" },
	{ "oci:a_-b", NULL, NULL, "" },
	{ "debian", "other", NULL, "" },
	{ "sha256:" HEX, NULL, NULL, "" },
	{ "oci:x", "sha256:" HEX, NULL, "" },
	{ "oci:x", "UPPER", NULL, "" },
	{ "--flag", NULL, NULL, "" },
};

static void test_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct image_source source;
		struct err err = ERR_INIT;
		int r = image_source_parse(sources[i].text, sources[i].given, &source, &err);
		if (!sources[i].transport) {
			if (r != -EINVAL || !err.text[0])
				fail_msg("%s: was taken", sources[i].text);
			continue;
		}
		if (r < 0)
			fail_msg("%s: %s", sources[i].text, err.text);
		assert_string_equal(source.transport, sources[i].transport);
		assert_string_equal(source.name, sources[i].name);
	}
}

static void test_pin(void **state)
{
	const struct digest digest = { "sha256:" HEX };
	struct image_source source;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(image_source_parse("localhost:5000/a:b", NULL, &source, &err), 0);
	image_source_pin(&source, &digest);
	assert_string_equal(source.transport, "docker://localhost:5000/a@sha256:" HEX);
	assert_string_equal(source.name, "localhost:5000/a:b");
	assert_int_equal(image_source_parse("oci:a:b", NULL, &source, &err), 0);
	image_source_pin(&source, &digest);
	assert_string_equal(source.transport, "oci:a:b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
