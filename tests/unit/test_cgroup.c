/* SPDX-License-Identifier: MIT */
/* lib/kernel/cgroup*: everything that needs no control group to be looked at. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/kernel/cgroup_internal.h"

static int add_group(struct hierarchies *hierarchies, const char *line)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", line);
	return cgroup_hierarchies_add_group(hierarchies, copy);
}

static int add_mount(struct hierarchies *hierarchies, const char *line)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", line);
	return cgroup_hierarchies_add_mount(hierarchies, copy);
}

static void controllers_are_parsed_by_whole_names(void **state)
{
	(void)state;
	assert_int_equal(
	    cgroup_controllers_parse("cpu,cpuacct", false), CONTROLLER_CPU | CONTROLLER_CPUACCT);
	assert_int_equal(cgroup_controllers_parse("rw,blkio", false), CONTROLLER_IO);
	assert_int_equal(cgroup_controllers_parse("cpuset cpu io memory hugetlb pids rdma\n", true),
	    CONTROLLERS_ALL & ~CONTROLLER_CPUACCT);
	assert_int_equal(cgroup_controllers_parse("cpus,pid,memory2,xcpu", false), 0);
	assert_int_equal(cgroup_controllers_parse("", false), 0);
	/* Each version has its own names. */
	assert_int_equal(cgroup_controllers_parse("io", false), 0);
	assert_int_equal(cgroup_controllers_parse("blkio cpuacct", true), 0);
	assert_string_equal(cgroup_controllers_first(CONTROLLER_IO, false), "blkio");
	assert_string_equal(cgroup_controllers_first(CONTROLLER_IO, true), "io");
}

static void own_groups_are_found(void **state)
{
	struct hierarchies own = { .count = 0 };

	(void)state;
	assert_int_equal(add_group(&own, "4:memory:/a/b:c d\n"), 0);
	assert_int_equal(add_group(&own, "1:cpu,cpuacct:/\n"), 0);
	assert_int_equal(add_group(&own, "9:name=systemd:/x\n"), 0);
	assert_int_equal(add_group(&own, "6:freezer:/\n"), 0);
	assert_int_equal(add_group(&own, "0::/user.slice\n"), 0);
	assert_int_equal(own.count, 3);
	assert_int_equal(own.items[0].controllers, CONTROLLER_MEMORY);
	assert_string_equal(own.items[0].group, "/a/b:c d");
	assert_int_equal(own.items[1].controllers, CONTROLLER_CPU | CONTROLLER_CPUACCT);
	assert_false(own.items[1].unified);
	assert_true(own.items[2].unified);
	assert_string_equal(own.items[2].group, "/user.slice");
	cgroup_hierarchies_done(&own);
	assert_int_equal(own.count, 0);
}

static void bad_group_lines_are_refused(void **state)
{
	static const char *const lines[] = { "", "\n", "4", "4:memory", "4:memory:", "4:memory:a" };
	struct hierarchies own = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(add_group(&own, lines[i]), -EINVAL);
	assert_int_equal(own.count, 0);
	for (int i = 0; i <= CONTROLLER_COUNT; i++)
		assert_int_equal(add_group(&own, "4:memory:/"), 0);
	assert_int_equal(add_group(&own, "4:memory:/"), -EINVAL);
	cgroup_hierarchies_done(&own);
}

struct mount_case {
	const char *group, *mount;
	const char *folder; /* NULL: not shown by this mount */
};

static void folders_are_found_in_mountinfo(void **state)
{
	static const struct mount_case cases[] = {
		{ "4:memory:/", "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
		    "/sys/fs/cgroup/memory" },
		{ "4:memory:/a/b",
		    "35 31 0:32 / /sys/fs/cgroup/memory rw shared:9 master:1 - cgroup none "
		    "rw,memory",
		    "/sys/fs/cgroup/memory/a/b" },
		/* A container's mount shows a part of the hierarchy. */
		{ "4:memory:/docker/x/y", "35 31 0:32 /docker/x /m rw - cgroup c rw,memory",
		    "/m/y" },
		{ "4:memory:/docker/x", "35 31 0:32 /docker/x /m rw - cgroup c rw,memory", "/m" },
		{ "4:memory:/docker/xy", "35 31 0:32 /docker/x /m rw - cgroup c rw,memory", NULL },
		{ "4:memory:/docker", "35 31 0:32 /docker/x /m rw - cgroup c rw,memory", NULL },
		{ "4:memory:/a", "35 31 0:32 /../.. /m rw - cgroup c rw,memory", NULL },
		/* Outside of the cgroup namespace: ".." must not be walked. */
		{ "4:memory:/../a", "35 31 0:32 / /m rw - cgroup c rw,memory", NULL },
		{ "4:memory:/..", "35 31 0:32 / /m rw - cgroup c rw,memory", NULL },
		{ "4:memory:/..a", "35 31 0:32 / /m rw - cgroup c rw,memory", "/m/..a" },
		{ "1:cpu,cpuacct:/", "3 2 0:1 / /c rw - cgroup cgroup rw,cpuacct,cpu", "/c" },
		{ "4:memory:/", "3 2 0:1 / /my\\040cg\\134x rw - cgroup c rw,memory", "/my cg\\x" },
		{ "4:memory:/", "3 2 0:1 / /m rw - cgroup  rw,memory", "/m" },
		{ "4:memory:/", "3 2 0:1 / /m rw - cgroup c rw,cpu", NULL },
		{ "4:memory:/", "3 2 0:1 / /m rw - cgroup2 c rw,memory", NULL },
		{ "4:memory:/", "3 2 0:1 / /m rw - tmpfs c rw,memory", NULL },
		{ "4:memory:/", "3 2 0:1 / /m rw - cgroup", NULL },
		{ "4:memory:/", "3 - cgroup c rw,memory", NULL },
		{ "0::/s", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate",
		    "/sys/fs/cgroup/s" },
		{ "0::/s", "41 31 0:38 / /sys/fs/cgroup rw - cgroup cgroup rw,memory", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hierarchies own = { .count = 0 };
		assert_int_equal(add_group(&own, cases[i].group), 0);
		assert_int_equal(add_mount(&own, cases[i].mount), 0);
		if (!cases[i].folder)
			assert_null(own.items[0].folder);
		else
			assert_string_equal(own.items[0].folder, cases[i].folder);
		cgroup_hierarchies_done(&own);
	}
}

static void the_first_mount_that_shows_the_group_counts(void **state)
{
	struct hierarchies own = { .count = 0 };

	(void)state;
	assert_int_equal(add_group(&own, "4:memory:/a"), 0);
	assert_int_equal(add_mount(&own, "1 2 0:1 /b /one rw - cgroup c rw,memory"), 0);
	assert_int_equal(add_mount(&own, "1 2 0:1 / /two rw - cgroup c rw,memory"), 0);
	assert_int_equal(add_mount(&own, "1 2 0:1 / /three rw - cgroup c rw,memory"), 0);
	assert_string_equal(own.items[0].folder, "/two/a");
	cgroup_hierarchies_done(&own);
}

static void the_root_of_the_hierarchy_is_found(void **state)
{
	static const struct {
		const char *group, *folder;
		size_t length;
	} cases[] = {
		{ "/a/b", "/sys/fs/cgroup/a/b", 14 },
		{ "/", "/sys/fs/cgroup", 14 },
		{ "/x.scope", "/c/x.scope", 2 },
		/* A mount that begins at the caller's group, or somewhere above it. */
		{ "/a/b", "/mnt", 4 },
		{ "/a/b", "/mnt/b", 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct hierarchy one = { .group = (char *)cases[i].group,
			.folder = (char *)cases[i].folder };
		assert_int_equal(cgroup_hierarchy_root_length(&one), cases[i].length);
	}
}

static void only_slices_of_users_are_released(void **state)
{
	static const char *const wrong[] = { "system.slice", "user.slice", "user-.slice",
		"user-1.slice/..", "../user-1.slice", "user-1.slice.d", "user-x.slice", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cgroup_release_slice(wrong[i], NULL), -EINVAL);
	/* Of nobody: there is nothing to release. */
	assert_int_equal(cgroup_release_slice("user-4294967294.slice", NULL), 0);
}

static enum cgroup_layout pick(const char *first, const char *second, unsigned needed)
{
	struct hierarchies own = { .count = 0 };

	assert_int_equal(add_group(&own, first), 0);
	assert_int_equal(add_group(&own, second), 0);
	enum cgroup_layout layout = cgroup_layout_pick(&own, needed);
	cgroup_hierarchies_done(&own);
	return layout;
}

static void the_layout_is_where_the_controllers_are(void **state)
{
	(void)state;
	assert_int_equal(pick("4:memory:/", "0::/", CONTROLLER_MEMORY), CGROUP_V1);
	assert_int_equal(pick("4:memory:/", "0::/", 0), CGROUP_V1);
	assert_int_equal(pick("6:freezer:/", "0::/", CONTROLLER_MEMORY), CGROUP_V2);
	assert_int_equal(pick("6:freezer:/", "0::/", 0), CGROUP_V2);
	/* One controller kept on v1, the others on v2. */
	assert_int_equal(pick("2:cpuset:/", "0::/", CONTROLLER_MEMORY), CGROUP_V2);
	assert_int_equal(pick("2:cpuset:/", "0::/", CONTROLLER_CPUSET), CGROUP_V1);
}

static void weights_become_shares_on_the_kernels_scale(void **state)
{
	(void)state;
	assert_int_equal(cgroup_weight_to_shares(100), 1024);
	assert_int_equal(cgroup_weight_to_shares(1), 10);
	assert_int_equal(cgroup_weight_to_shares(10000), 102400);
	assert_int_equal(cgroup_weight_to_shares(50), 512);
	assert_int_equal(cgroup_weight_to_shares(33), 338);
}

static struct spec_io io_without_limits(void)
{
	return (struct spec_io){
		.major = 8,
		.minor = 16,
		.rbps = SPEC_UNSET,
		.wbps = SPEC_UNSET,
		.riops = SPEC_UNSET,
		.wiops = SPEC_UNSET,
	};
}

static void io_limits_are_formatted(void **state)
{
	struct spec_io io = io_without_limits();
	char text[128];

	(void)state;
	io.wbps = 1048576;
	io.riops = 7;
	assert_int_equal(cgroup_io_format_all(&io, text, sizeof(text)), 0);
	assert_string_equal(text, "8:16 rbps=max wbps=1048576 riops=7 wiops=max");
	assert_int_equal(cgroup_io_format_all(&io, text, 20), -ENOBUFS);
	assert_int_equal(cgroup_io_format(&io, text, sizeof(text)), 0);
	assert_string_equal(text, "8:16 wbps=1048576 riops=7");
	io.rbps = io.wiops = 1;
	assert_int_equal(cgroup_io_format(&io, text, sizeof(text)), 0);
	assert_string_equal(text, "8:16 rbps=1 wbps=1048576 riops=7 wiops=1");
	assert_int_equal(cgroup_io_format(&io, text, 20), -ENOBUFS);
	assert_int_equal(cgroup_io_format(&io, text, 3), -ENOBUFS);
}

static void io_limits_that_mean_no_limit_are_refused(void **state)
{
	struct spec_io io = io_without_limits();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(cgroup_io_check(&io, &err), 0);
	io.wiops = UINT32_MAX - 1;
	io.rbps = 1;
	assert_int_equal(cgroup_io_check(&io, &err), 0);
	io.wiops = UINT32_MAX;
	assert_int_equal(cgroup_io_check(&io, &err), -ERANGE);
	assert_string_equal(err.text, "--io-max: wiops of device 8:16 must be 1 to 4294967294");
	io.wiops = SPEC_UNSET;
	io.rbps = 0;
	assert_int_equal(cgroup_io_check(&io, &err), -ERANGE);
	assert_non_null(strstr(err.text, "rbps"));
	io.rbps = (uint64_t)INT64_MAX + 1;
	assert_int_equal(cgroup_io_check(&io, &err), -ERANGE);
}

static void keyed_files_are_read(void **state)
{
	static const char text[] =
	    "low 0\noom 3\noom_kill 12\noom_group_kill 4\nmax 18446744073709551616";
	uint64_t value = 77;

	(void)state;
	assert_int_equal(cgroup_text_key(text, "oom_kill", &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(cgroup_text_key(text, "oom", &value), 0);
	assert_int_equal(value, 3);
	assert_int_equal(cgroup_text_key(text, "low", &value), 0);
	assert_int_equal(value, 0);
	/* One more than fits does not wrap around to 0. */
	assert_int_equal(cgroup_text_key(text, "max", &value), 0);
	assert_true(value == UINT64_MAX);
	value = 77;
	assert_int_equal(cgroup_text_key(text, "kill", &value), -ENOENT);
	assert_int_equal(cgroup_text_key("", "oom", &value), -ENOENT);
	assert_int_equal(value, 77);
}

static void io_statistics_are_summed(void **state)
{
	uint64_t in = 1, out = 1;

	(void)state;
	cgroup_text_io_v1("8:0 Read 4096\n8:0 Write 512\n8:0 Sync 4608\n8:0 Total 4608\n"
			  "254:0 Read 1\n254:0 Write 2\nTotal 4611",
	    &in, &out);
	assert_int_equal(in, 4097);
	assert_int_equal(out, 514);
	cgroup_text_io_v2("8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=5 dios=0\n"
			  "254:0 rbytes=1 wbytes=2 rios=9 wios=9",
	    &in, &out);
	assert_int_equal(in, 11);
	assert_int_equal(out, 22);
	cgroup_text_io_v2("", &in, &out);
	assert_int_equal(in + out, 0);
}

static void messages_name_the_option_that_asked(void **state)
{
	struct spec_limits limits = { .memory = SPEC_UNSET, .swap = 0, .cpu_quota = SPEC_UNSET };

	(void)state;
	assert_string_equal(cgroup_option(&limits, CONTROLLER_MEMORY), "--swap");
	limits.memory = 1;
	assert_string_equal(cgroup_option(&limits, CONTROLLER_MEMORY | CONTROLLER_IO), "--memory");
	assert_string_equal(cgroup_option(&limits, CONTROLLER_CPU), "--cpu-weight");
	limits.cpu_quota = 1;
	assert_string_equal(cgroup_option(&limits, CONTROLLER_CPU), "--cpu");
	assert_string_equal(cgroup_option(&limits, CONTROLLER_CPUSET), "--cpu-core-ids");
	assert_string_equal(cgroup_option(&limits, CONTROLLER_PIDS), "--pids");
	assert_string_equal(cgroup_option(&limits, CONTROLLER_IO), "--io-max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controllers_are_parsed_by_whole_names),
		cmocka_unit_test(own_groups_are_found),
		cmocka_unit_test(bad_group_lines_are_refused),
		cmocka_unit_test(folders_are_found_in_mountinfo),
		cmocka_unit_test(the_first_mount_that_shows_the_group_counts),
		cmocka_unit_test(the_root_of_the_hierarchy_is_found),
		cmocka_unit_test(only_slices_of_users_are_released),
		cmocka_unit_test(the_layout_is_where_the_controllers_are),
		cmocka_unit_test(weights_become_shares_on_the_kernels_scale),
		cmocka_unit_test(io_limits_are_formatted),
		cmocka_unit_test(io_limits_that_mean_no_limit_are_refused),
		cmocka_unit_test(keyed_files_are_read),
		cmocka_unit_test(io_statistics_are_summed),
		cmocka_unit_test(messages_name_the_option_that_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
