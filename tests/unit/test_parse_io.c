/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/policy/parse.h"

static void limits(void **state)
{
	static const struct {
		const char *text;
		struct spec_io io;
	} cases[] = {
		{ "254:0:rbps=10M", { 254, 0, 10485760, SPEC_UNSET, SPEC_UNSET, SPEC_UNSET } },
		{ "8:16:wbps=1,riops=2,wiops=3", { 8, 16, SPEC_UNSET, 1, 2, 3 } },
		{ "0:0:rbps=1K,rbps=2K", { 0, 0, 2048, SPEC_UNSET, SPEC_UNSET, SPEC_UNSET } },
		{ "4095:1048575:riops=4294967294",
		    { 4095, 1048575, SPEC_UNSET, SPEC_UNSET, 4294967294, SPEC_UNSET } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct spec_io *want = &cases[i].io;
		struct err err = ERR_INIT;
		struct spec_io io;
		if (parse_io(cases[i].text, &io, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(io.major, want->major);
		assert_int_equal(io.minor, want->minor);
		assert_true(io.rbps == want->rbps && io.wbps == want->wbps);
		assert_true(io.riops == want->riops && io.wiops == want->wiops);
	}
}

static void what_is_no_limit(void **state)
{
	static const char *const texts[] = { "", ":", "nonsense", "254:0", "254:0:", "254:0:rbps",
		"254:0:rbps=", "254:0:rbps=0", "254:0:rbps=64MM", "254:0:riops=0", "254:0:riops=1K",
		"254:0:riops=4294967295", "254:0:speed=1M",
		"254:0:rbps=0000000000000000000000000000000000000000000000000000000000000001",
		"254:0:rbps=1M,", "254:0:,rbps=1M", "254:0:RBPS=1M", "4096:0:rbps=1M",
		"254:1048576:rbps=1M", "-1:0:rbps=1M", "/no/such/device:rbps=1M",
		"/dev/null:rbps=1M", "/:rbps=1M", ":rbps=1M" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		struct spec_io io = { .major = 4711 };
		if (parse_io(texts[i], &io, &err) >= 0 || io.major != 4711 || !err.text[0])
			fail_msg("\"%s\" was taken for a limit", texts[i]);
	}
}

/* A whole disk is taken, by its numbers, and a partition refused. */
static void try_device(const char *path, const struct stat *st)
{
	char text[320], place[64];
	struct err err = ERR_INIT;
	struct spec_io io = { .major = 4711 };

	snprintf(text, sizeof(text), "%s:rbps=1M", path);
	snprintf(place, sizeof(place), "/sys/dev/block/%u:%u/partition", major(st->st_rdev),
	    minor(st->st_rdev));
	int r = parse_io(text, &io, &err);
	if (access(place, F_OK) == 0) {
		assert_true(r < 0);
		assert_non_null(strstr(err.text, "whole disk"));
		return;
	}
	assert_int_equal(r, 0);
	assert_int_equal(io.major, major(st->st_rdev));
	assert_int_equal(io.minor, minor(st->st_rdev));
	assert_int_equal(io.rbps, 1048576);
}

/* A policy is read in whatever directory; there the name alone would be something else. */
static void try_relative(const char *name)
{
	char text[320];
	struct err err = ERR_INIT;
	struct spec_io io;

	assert_int_equal(chdir("/dev"), 0);
	snprintf(text, sizeof(text), "%s:rbps=1M", name);
	assert_true(parse_io(text, &io, &err) < 0);
	assert_non_null(strstr(err.text, "use its path"));
	assert_int_equal(chdir("/"), 0);
}

static void devices_by_path(void **state)
{
	struct dirent *entry;
	unsigned tried = 0;
	DIR *dir = opendir("/dev");

	(void)state;
	while (dir && (entry = readdir(dir))) {
		char path[300];
		struct stat st;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (lstat(path, &st) < 0 || !S_ISBLK(st.st_mode))
			continue;
		try_device(path, &st);
		try_relative(entry->d_name);
		tried++;
	}
	if (dir)
		closedir(dir);
	if (!tried)
		skip(); /* a container without block devices */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(what_is_no_limit),
		cmocka_unit_test(devices_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
