/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/image/digest.h"
#include "lib/image/name.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void names_are_completed_as_docker_does(void **state)
{
	static const struct {
		const char *written, *whole, *brief;
	} cases[] = {
		{ "debian", "docker.io/library/debian:latest", "debian:latest" },
		{ "debian:12", "docker.io/library/debian:12", "debian:12" },
		{ "docker.io/debian:12", "docker.io/library/debian:12", "debian:12" },
		{ "docker.io/library/debian:12", "docker.io/library/debian:12", "debian:12" },
		{ "index.docker.io/debian", "docker.io/library/debian:latest", "debian:latest" },
		{ "alice/tool", "docker.io/alice/tool:latest", "alice/tool:latest" },
		{ "localhost/x:1", "localhost/x:1", "localhost/x:1" },
		{ "localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest" },
		{ "127.0.0.1:5000/a/b/c:v1.2_3-4", "127.0.0.1:5000/a/b/c:v1.2_3-4",
		    "127.0.0.1:5000/a/b/c:v1.2_3-4" },
		{ "quay.io/a__b/c-d---e.f", "quay.io/a__b/c-d---e.f:latest",
		    "quay.io/a__b/c-d---e.f:latest" },
		{ "[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest" },
		{ "A-b.Example.org/x:1", "A-b.Example.org/x:1", "A-b.Example.org/x:1" },
		{ "debian@sha256:" HEX, "docker.io/library/debian@sha256:" HEX,
		    "debian@sha256:" HEX },
		{ "debian:12@sha256:" HEX, "docker.io/library/debian:12@sha256:" HEX,
		    "debian:12@sha256:" HEX },
		{ "sha256:" HEX, "sha256:" HEX, "sha256:" HEX },
	};
	char whole[IMAGE_NAME_MAX], file[NAME_MAX + 1], back[IMAGE_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(image_name_complete(cases[i].written, whole, &err), 0);
		assert_string_equal(whole, cases[i].whole);
		assert_string_equal(image_name_short(whole), cases[i].brief);
		assert_int_equal(image_name_to_file(whole, file, &err), 0);
		assert_null(strchr(file, '/'));
		image_name_of_file(file, back);
		assert_string_equal(back, whole);
	}
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = { "", ":", "a:", "/", "/a", "a/", "a//b", "A", "a/B", "-a",
		"a-", ".a", "..", "a..b", "a/../b", "a___b", "a b", "a\nb", "a%b", "a:-x", "a:.x",
		"a:x/y:z w", "a@", "a@sha256:12", ("a@md5:" HEX), "sha256:abc", "h_st.x/a b",
		("a@sha256:" HEX "0"), "../../etc/passwd", "host.x/", "b\xc3\xa4r" };
	/* Those that begin with a dot would be hidden in the store. */
	static const char *const no_hosts[] = { ".hidden/a", "../a", "./a", "-x.y/a", "x-.y/a",
		"x..y/a", "x./a", ":5000/a", "x.y:/a", "x.y:5a/a", "x.y:1:2/a", "[::1/a", "[]/a.b",
		"[]:1/a", "[::1]x:1/a", "x[::1]:1/a" };
	char whole[IMAGE_NAME_MAX], longest[600];

	(void)state;
	for (size_t i = 0; i < sizeof(no_hosts) / sizeof(no_hosts[0]); i++)
		assert_int_equal(image_name_complete(no_hosts[i], whole, NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		if (image_name_complete(bad[i], whole, &err) != -EINVAL)
			fail_msg("\"%s\" became \"%s\"", bad[i], whole);
		assert_int_equal(err.code, EINVAL);
		assert_true(err.text[0]);
		assert_int_equal(image_name_complete(bad[i], whole, NULL), -EINVAL);
	}
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_int_equal(image_name_complete(longest, whole, NULL), -EINVAL);
	longest[255] = '\0';
	assert_int_equal(image_name_complete(longest, whole, NULL), 0);
	snprintf(longest, sizeof(longest), "a:%0129d", 0);
	assert_int_equal(image_name_complete(longest, whole, NULL), -EINVAL);
	snprintf(longest, sizeof(longest), "a:%0128d", 0);
	assert_int_equal(image_name_complete(longest, whole, NULL), 0);
}

static void digests_are_whole(void **state)
{
	static const char *const bad[] = { "", "sha256:", HEX, "sha256:" HEX "0", "sha512:" HEX,
		"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:../3456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" };
	struct digest digest, other;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(digest_parse(bad[i], &digest, NULL), -EINVAL);
	assert_int_equal(digest_parse("sha256:" HEX, &digest, NULL), 0);
	assert_string_equal(digest_hex(&digest), HEX);
	other = digest;
	assert_true(digest_equal(&digest, &other));
	other.text[20] = other.text[20] == '0' ? '1' : '0';
	assert_false(digest_equal(&digest, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_completed_as_docker_does),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(digests_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
