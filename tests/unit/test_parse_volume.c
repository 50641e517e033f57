/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

static void targets(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "/mnt", "/mnt" },
		{ "/mnt/", "/mnt" },
		{ "//mnt//data/", "/mnt/data" },
		{ "/./mnt/./x/.", "/mnt/x" },
		{ "/...", "/..." },
		{ "/..x/y..", "/..x/y.." },
		{ "/procfs", "/procfs" },
		{ "/mnt/proc", "/mnt/proc" },
		{ "/devices", "/devices" },
		{ "/system", "/system" },
	};
	static const char *const refused[] = { "", "mnt", "./mnt", "/", "//", "/.", "/./", "/..",
		"/mnt/..", "/mnt/../etc", "/../proc", "/proc", "/proc/", "//proc", "/./proc",
		"/proc/sys", "/proc/self/attr", "/sys", "/sys/kernel", "/dev", "/dev/shm",
		"//dev//null" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path = NULL;
		if (parse_target(cases[i].text, &path, NULL) != 0)
			fail_msg("\"%s\" was refused", cases[i].text);
		assert_string_equal(path, cases[i].path);
		free(path);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		char *path = NULL;
		if (parse_target(refused[i], &path, &err) >= 0 || path || !err.text[0])
			fail_msg("\"%s\" was taken for a target", refused[i]);
	}
}

static void paths_have_an_end(void **state)
{
	char *text = malloc(PATH_MAX + 1), *path = NULL;

	(void)state;
	memset(text, 'a', PATH_MAX);
	text[0] = '/';
	text[PATH_MAX] = '\0';
	assert_true(parse_target(text, &path, NULL) < 0);
	text[PATH_MAX - 1] = '\0';
	assert_int_equal(parse_target(text, &path, NULL), 0);
	free(path);
	free(text);
}

static void volumes(void **state)
{
	static const struct {
		const char *text, *source, *target;
		bool readonly, idmap;
	} cases[] = {
		{ "/srv:/mnt", "/srv", "/mnt", false, false },
		{ "/srv:/mnt:ro", "/srv", "/mnt", true, false },
		{ "/srv:/mnt:rw", "/srv", "/mnt", false, false },
		{ "/srv:/mnt:ro,idmap", "/srv", "/mnt", true, true },
		{ "/srv:/mnt:idmap", "/srv", "/mnt", false, true },
		{ "./data:/mnt/", "./data", "/mnt", false, false },
		{ "/:/mnt/host", "/", "/mnt/host", false, false },
		{ "/a\\:b:/mnt", "/a:b", "/mnt", false, false },
		{ "/a:/c\\:d\\\\:ro", "/a", "/c:d\\", true, false },
		{ "/a\\b:/mnt", "/a\\b", "/mnt", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_volume volume;
		if (parse_volume(cases[i].text, &volume, &err) != 0)
			fail_msg("%s", err.text);
		assert_string_equal(volume.source, cases[i].source);
		assert_string_equal(volume.target, cases[i].target);
		assert_int_equal(volume.readonly, cases[i].readonly);
		assert_int_equal(volume.idmap, cases[i].idmap);
		parse_volume_done(&volume);
		parse_volume_done(&volume);
	}
}

static void what_is_no_volume(void **state)
{
	static const char *const texts[] = { "", ":", "::", "/srv", "/srv:", ":/mnt", "/srv:mnt",
		"/srv:/mnt:", "/srv:/mnt:rx", "/srv:/mnt:a-word-that-no-option-is-as-long-as",
		"/srv:/mnt:ro,", "/srv:/mnt:ro,rw", "/srv:/mnt:RO", "/srv:/mnt:ro:rw",
		"/srv:/mnt: ro", "/srv:/proc", "/srv:/", "/srv:/mnt/../etc", "/srv\\:/mnt" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_volume volume = { .source = NULL };
		if (parse_volume(texts[i], &volume, &err) >= 0 || volume.source || !err.text[0])
			fail_msg("\"%s\" was taken for a volume", texts[i]);
	}
}

static void tmpfs(void **state)
{
	static const struct {
		const char *text, *target;
		uint64_t size;
		unsigned mode;
	} cases[] = {
		{ "/tmp", "/tmp", SPEC_UNSET, 01777 },
		{ "/tmp:size=64M", "/tmp", 67108864, 01777 },
		{ "/tmp:size=64M,mode=700", "/tmp", 67108864, 0700 },
		{ "/tmp:mode=01777", "/tmp", SPEC_UNSET, 01777 },
		{ "/a\\:b:mode=0", "/a:b", SPEC_UNSET, 0 },
	};
	static const char *const refused[] = { "", "tmp", "/tmp:", "/tmp:size",
		"/tmp:size=", "/tmp:size=0", "/tmp:size=64MM", "/tmp:mode=", "/tmp:mode=9",
		"/tmp:mode=17777", "/tmp:mode=77777", "/tmp:mode=-1", "/tmp:mode=0x1",
		"/tmp:colour=blue", "/tmp:size=1M,", "/dev/shm", "/" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_tmpfs parsed;
		if (parse_tmpfs(cases[i].text, &parsed, &err) != 0)
			fail_msg("%s", err.text);
		assert_string_equal(parsed.target, cases[i].target);
		assert_true(parsed.size == cases[i].size);
		assert_int_equal(parsed.mode, cases[i].mode);
		free(parsed.target);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_tmpfs parsed = { .target = NULL };
		if (parse_tmpfs(refused[i], &parsed, &err) >= 0 || parsed.target || !err.text[0])
			fail_msg("\"%s\" was taken for a tmpfs", refused[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(paths_have_an_end),
		cmocka_unit_test(volumes),
		cmocka_unit_test(what_is_no_volume),
		cmocka_unit_test(tmpfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
