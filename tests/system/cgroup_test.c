/* SPDX-License-Identifier: MIT */
/*
 * lib/kernel/cgroup on this machine, with real processes that run into real limits. Every test runs
 * for both backends; where the machine lacks the controller, the refusal is what is tested.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/sched.h>

#include "lib/kernel/cgroup.h"

#define MIB (UINT64_C(1) << 20)

/* In a child process: cmocka's assertions would run the parent's remaining tests there. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(                                                                   \
			    stderr, "# line %d: %s (errno %d)\n", __LINE__, #condition, errno);    \
			_exit(99);                                                                 \
		}                                                                                  \
	} while (0)

static enum cgroup_layout v1 = CGROUP_V1, v2 = CGROUP_V2;
static struct cgroup *live; /* of the running test, for the teardown */
static struct strv folders; /* and its folders */
static struct err err;

/* ---- the machine, found out without the code under test ---- */

static bool file_has(const char *path, const char *word)
{
	char line[4096];
	bool found = false;
	FILE *file = fopen(path, "re");

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, word) != NULL;
	if (file)
		fclose(file);
	return found;
}

/* The folder of this process in the unified hierarchy, or "". */
static const char *unified(void)
{
	static char path[8192];
	char line[4096], point[2048] = "", type[64], group[2048] = "";
	FILE *mounts = fopen("/proc/self/mounts", "re");
	FILE *groups = fopen("/proc/self/cgroup", "re");

	while (fgets(line, sizeof(line), mounts) && strcmp(point, "") == 0)
		if (sscanf(line, "%*s %2047s %63s", point, type) != 2 ||
		    strcmp(type, "cgroup2") != 0)
			point[0] = '\0';
	while (fgets(line, sizeof(line), groups) && sscanf(line, "0::%2047s", group) != 1)
		;
	fclose(mounts);
	fclose(groups);
	snprintf(path, sizeof(path), "%s%s", point, strcmp(group, "/") != 0 ? group : "");
	return point[0] ? path : "";
}

static bool has(enum cgroup_layout layout, const char *controller)
{
	char word[8300];

	if (layout == CGROUP_V1) {
		snprintf(word, sizeof(word),
		    ":%s:", strcmp(controller, "io") != 0 ? controller : "blkio");
		return file_has("/proc/self/cgroup", word);
	}
	snprintf(word, sizeof(word), "%s/cgroup.controllers", unified());
	return file_has(word, controller);
}

/* Whether the folder above our group is one that allows limits, as that of a test's world is. */
static bool limits_above(const char *group)
{
	char path[8300];

	snprintf(path, sizeof(path), "%s", group);
	*strrchr(path, '/') = '\0';
	strncat(path, "/cgroup.subtree_control", sizeof(path) - strlen(path) - 1);
	return file_has(path, "memory");
}

/*
 * Whether cgroup v2 allows no limits here, because this process is not alone in its group, and the
 * one above has none for its children.
 */
static bool in_company(enum cgroup_layout layout)
{
	char path[8300], line[64] = "";

	snprintf(path, sizeof(path), "%s/cgroup.type", unified());
	if (layout == CGROUP_V1 || access(path, F_OK) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/cgroup.procs", unified());
	FILE *file = fopen(path, "re");
	bool others = file && fgets(line, sizeof(line), file) &&
		      (strtol(line, NULL, 10) != getpid() || fgets(line, sizeof(line), file));
	if (file)
		fclose(file);
	return others && !limits_above(unified());
}

static bool present(enum cgroup_layout layout)
{
	return layout == CGROUP_V1 ? has(layout, "memory") || has(layout, "pids") : *unified() != 0;
}

static void need(enum cgroup_layout layout)
{
	if (present(layout))
		return;
	print_message("this machine has no cgroup %s\n", layout == CGROUP_V1 ? "v1" : "v2");
	skip();
}

/* ---- specs, groups and processes ---- */

static struct jail_spec no_limits(void)
{
	struct jail_spec spec = {
		.limits = { .memory = SPEC_UNSET,
		    .swap = SPEC_UNSET,
		    .cpu_quota = SPEC_UNSET,
		    .cpu_period = 100000,
		    .cpu_weight = SPEC_UNSET,
		    .pids = SPEC_UNSET },
	};

	snprintf(spec.name, sizeof(spec.name), "test-%d", (int)getpid());
	return spec;
}

static void ok(int r)
{
	if (r < 0)
		print_message("%s\n", err.text);
	assert_int_equal(r, 0);
}

static void says(const char *words)
{
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static int open_group(
    enum cgroup_layout layout, const struct jail_spec *spec, bool accounting, struct cgroup **ret)
{
	const struct cgroup_request request = {
		.layout = layout, .spec = spec, .accounting = accounting
	};

	return cgroup_open(&request, ret, &err);
}

static void make(enum cgroup_layout layout, const struct jail_spec *spec, bool accounting)
{
	ok(open_group(layout, spec, accounting, &live));
	assert_non_null(live);
	ok(cgroup_folders(live, &folders, &err));
	ok(cgroup_create(live, &err));
}

static void unmake(void)
{
	ok(cgroup_remove(live, &err));
	for (size_t i = 0; i < folders.count; i++)
		assert_int_equal(access(folders.items[i], F_OK), -1);
	strv_free(&folders);
	cgroup_close(live);
	live = NULL;
}

static int clear(void **state)
{
	(void)state;
	if (live) {
		bool killed = cgroup_kill(live, NULL) == 0;
		while (killed && waitpid(-1, NULL, 0) > 0)
			;
		(void)cgroup_remove(live, NULL);
		cgroup_close(live);
		live = NULL;
	}
	strv_free(&folders);
	err_clear(&err);
	return 0;
}

/* Whether the limits can be had; if not, that they are refused by the right words. */
static bool can(enum cgroup_layout layout, const struct jail_spec *spec, const char *option,
    const char *controller)
{
	bool company = in_company(layout);

	if (has(layout, controller) && !company)
		return true;
	if (has(layout, controller)) {
		assert_int_equal(open_group(layout, spec, false, &live), -EBUSY);
		says(option);
		says("other processes");
		return false;
	}
	assert_int_equal(open_group(layout, spec, false, &live), -EOPNOTSUPP);
	assert_null(live);
	says(option);
	if (present(layout))
		says(strcmp(controller, "io") != 0 || layout == CGROUP_V2 ? controller : "blkio");
	return false;
}

/*
 * A child in the group, by the way that the group's backend has for it: clone3() puts it there, or
 * it goes there by itself, and is waited for.
 */
static pid_t start_in(struct cgroup *cgroup, int (*work)(uint64_t), uint64_t argument)
{
	int into = cgroup_clone_fd(cgroup), there[2];
	struct clone_args args = {
		.flags = into >= 0 ? CLONE_INTO_CGROUP : 0,
		.exit_signal = SIGCHLD,
		.cgroup = into >= 0 ? (uint64_t)into : 0,
	};
	char byte = 0;

	if (pipe2(there, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CHECK(into >= 0 || cgroup_attach(cgroup, 0, &err) == 0);
		CHECK(write(there[1], &byte, 1) == 1);
		close(there[0]);
		close(there[1]);
		_exit(work(argument));
	}
	close(there[1]);
	bool arrived = pid > 0 && read(there[0], &byte, 1) == 1;
	close(there[0]);
	return arrived ? pid : -1;
}

static pid_t start(int (*work)(uint64_t), uint64_t argument)
{
	pid_t pid = start_in(live, work, argument);

	assert_true(pid > 0);
	return pid;
}

static int end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int run(int (*work)(uint64_t), uint64_t argument)
{
	return end(start(work, argument));
}

static uint64_t now_ms(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static struct cgroup_stats stats(void)
{
	struct cgroup_stats stats;

	ok(cgroup_stats(live, &stats, &err));
	return stats;
}

static int nothing(uint64_t argument)
{
	(void)argument;
	return 0;
}

static int wait_for_ever(uint64_t argument)
{
	for (;;)
		pause();
	return (int)argument;
}

static int sleep_ms(uint64_t ms)
{
	return usleep((useconds_t)ms * 1000);
}

static int touch(uint64_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (uint64_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	return 0;
}

/* Fork until it fails; how many children there were, 100 + that if it failed in another way. */
static int fork_up_to(uint64_t max)
{
	pid_t children[64];
	int count = 0, code = 0;

	for (; (uint64_t)count < max; count++) {
		children[count] = fork();
		if (children[count] == 0)
			wait_for_ever(0);
		if (children[count] < 0) {
			code = errno == EAGAIN ? 0 : 100;
			break;
		}
	}
	for (int i = 0; i < count; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	return code + count;
}

static int burn_ms(uint64_t ms)
{
	while (now_ms(CLOCK_PROCESS_CPUTIME_ID) < ms)
		;
	return 0;
}

static int only_on_cpu(uint64_t cpu)
{
	cpu_set_t cpus;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	return CPU_COUNT(&cpus) == 1 && CPU_ISSET(cpu, &cpus) ? 0 : 1;
}

/* ---- limits ---- */

static void memory(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.memory = 32 * MIB;
	if (!can(layout, &spec, "--memory", "memory"))
		return;
	make(layout, &spec, false);
	assert_int_equal(run(touch, 8 * MIB), 0);
	struct cgroup_stats used = stats();
	assert_int_equal(used.oom_kills, 0);
	if (used.memory_peak != SPEC_UNSET)
		assert_in_range(used.memory_peak, 8 * MIB, 16 * MIB);
	int status = run(touch, 128 * MIB);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	used = stats();
	assert_int_equal(used.oom_kills, 1);
	if (used.memory_peak != SPEC_UNSET)
		assert_in_range(used.memory_peak, 30 * MIB, 32 * MIB);
	assert_true(used.memory_current <= 32 * MIB);
	unmake();
}

static void swap(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	const char *file = layout == CGROUP_V1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
	char path[8300];

	spec.limits.memory = 32 * MIB;
	spec.limits.swap = 4 * MIB;
	if (!can(layout, &spec, "--memory", "memory"))
		return;
	make(layout, &spec, false);
	snprintf(path, sizeof(path), "%s/%s", folders.items[0], file);
	assert_true(file_has(path, layout == CGROUP_V1 ? "37748736\n" : "4194304\n"));
	int status = run(touch, 128 * MIB);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	unmake();
	spec.limits.swap = 0;
	make(layout, &spec, false);
	assert_true(file_has(path, layout == CGROUP_V1 ? "33554432\n" : "0\n"));
	unmake();
	spec.limits.swap = SPEC_UNSET; /* the same as none */
	make(layout, &spec, false);
	assert_true(file_has(path, layout == CGROUP_V1 ? "33554432\n" : "0\n"));
	unmake();
	spec.limits.swap = SPEC_UNLIMITED;
	make(layout, &spec, false);
	assert_false(file_has(path, layout == CGROUP_V1 ? "33554432\n" : "0\n"));
	unmake();
}

static void nothing_is_left(void)
{
	assert_true(folders.count > 0);
	for (size_t i = 0; i < folders.count; i++)
		assert_int_equal(access(folders.items[i], F_OK), -1);
}

static void a_limit_that_is_no_limit_is_refused(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.memory = INT64_MAX;
	if (!can(layout, &spec, "--memory", "memory"))
		return;
	ok(open_group(layout, &spec, false, &live));
	ok(cgroup_folders(live, &folders, &err));
	assert_int_equal(cgroup_create(live, &err), -ERANGE);
	says("--memory: 9223372036854775807 is so large");
	nothing_is_left();
	clear(NULL);
	spec.limits.memory = UINT64_C(1) << 50;
	make(layout, &spec, false);
	unmake();
}

static void pids(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.pids = 40;
	if (!can(layout, &spec, "--pids", "pids"))
		return;
	make(layout, &spec, false);
	assert_int_equal(WEXITSTATUS(run(fork_up_to, 20)), 20);
	assert_int_equal(stats().pids_denied, 0);
	unmake();
	spec.limits.pids = 5;
	make(layout, &spec, false);
	assert_int_equal(WEXITSTATUS(run(fork_up_to, 20)), 4);
	struct cgroup_stats used = stats();
	assert_int_equal(used.pids_denied, 1);
	if (used.pids_peak != SPEC_UNSET)
		assert_int_equal(used.pids_peak, 5);
	unmake();
}

static uint64_t time_to_burn(
    enum cgroup_layout layout, const struct jail_spec *spec, uint64_t ms, uint64_t *ret_usage)
{
	make(layout, spec, true);
	uint64_t before = now_ms(CLOCK_MONOTONIC);
	assert_int_equal(run(burn_ms, ms), 0);
	uint64_t elapsed = now_ms(CLOCK_MONOTONIC) - before;
	*ret_usage = stats().cpu_usage;
	unmake();
	return elapsed;
}

static void cpu(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits(), free_spec = no_limits();
	uint64_t usage;

	spec.limits.cpu_quota = 10000;
	spec.limits.cpu_period = 50000;
	free_spec.limits.cpu_weight = 200;
	if (!can(layout, &spec, "--cpu", "cpu"))
		return;
	/* The first 10 ms of each 50 ms: 300 ms are used up in the 30th period. */
	uint64_t limited = time_to_burn(layout, &spec, 300, &usage);
	assert_in_range(usage, 290000, 360000);
	uint64_t unlimited = time_to_burn(layout, &free_spec, 300, &usage);
	assert_in_range(usage, 290000, 360000);
	assert_true(limited >= 1200);
	assert_true(unlimited < limited);
}

static void cpu_weight(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	char path[8300];

	spec.limits.cpu_weight = 50;
	if (!can(layout, &spec, "--cpu-weight", "cpu"))
		return;
	make(layout, &spec, false);
	snprintf(path, sizeof(path), "%s/%s", folders.items[0],
	    layout == CGROUP_V1 ? "cpu.shares" : "cpu.weight");
	assert_true(file_has(path, layout == CGROUP_V1 ? "512\n" : "50\n"));
	assert_int_equal(run(nothing, 0), 0);
	unmake();
}

static void cpuset(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	cpu_set_t own;
	unsigned cpu = CPU_SETSIZE - 1;

	sched_getaffinity(0, sizeof(own), &own);
	while (!CPU_ISSET(cpu, &own))
		cpu--;
	spec.limits.cpus_set = true;
	CPU_SET(cpu, &spec.limits.cpus);
	if (!can(layout, &spec, "--cpu-core-ids", "cpuset"))
		return;
	make(layout, &spec, false);
	assert_int_equal(run(only_on_cpu, cpu), 0);
	if (cpu > 0)
		assert_int_equal(WEXITSTATUS(run(only_on_cpu, cpu - 1)), 1);
	unmake();
}

static void a_core_that_the_machine_lacks_is_refused(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.cpus_set = true;
	CPU_SET(0, &spec.limits.cpus);
	CPU_SET(CPU_SETSIZE - 1, &spec.limits.cpus);
	if (!can(layout, &spec, "--cpu-core-ids", "cpuset"))
		return;
	ok(open_group(layout, &spec, false, &live));
	ok(cgroup_folders(live, &folders, &err));
	assert_int_equal(cgroup_create(live, &err), -EINVAL);
	says("--cpu-core-ids: cannot have cores 0,1023 where this process may only use 0");
	nothing_is_left();
}

/* The whole disk below the scratch directory; false if there is none. */
static bool find_disk(unsigned *ret_major, unsigned *ret_minor, char *scratch, size_t size)
{
	struct stat st;
	char path[128], line[64], *rest;

	snprintf(scratch, size, "%s/cgroup-io-XXXXXX", getenv("SCRATCH") ?: "/var/tmp");
	if (stat(getenv("SCRATCH") ?: "/var/tmp", &st) < 0)
		return false;
	*ret_major = major(st.st_dev);
	*ret_minor = minor(st.st_dev);
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", *ret_major, *ret_minor);
	FILE *file = fopen(path, "re");
	if (file && fgets(line, sizeof(line), file)) {
		*ret_major = (unsigned)strtoul(line, &rest, 10);
		*ret_minor = (unsigned)strtoul(rest + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", *ret_major, *ret_minor);
	return access(path, F_OK) == 0;
}

static int io_file;

static int write_direct(uint64_t size)
{
	void *block = aligned_alloc(65536, 65536);

	memset(block, 1, 65536);
	for (uint64_t done = 0; done < size; done += 65536)
		if (pwrite(io_file, block, 65536, (off_t)done) != 65536)
			return 1;
	return 0;
}

static uint64_t time_to_write(enum cgroup_layout layout, const struct jail_spec *spec)
{
	make(layout, spec, true);
	uint64_t before = now_ms(CLOCK_MONOTONIC);
	assert_int_equal(run(write_direct, MIB), 0);
	uint64_t elapsed = now_ms(CLOCK_MONOTONIC) - before;
	struct cgroup_stats used = stats();
	if (used.io_written != SPEC_UNSET)
		assert_true(used.io_written >= MIB);
	unmake();
	return elapsed;
}

static void io(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	char scratch[256];
	struct spec_io *limit = &spec.limits.io[0];

	*limit = (struct spec_io){
		.rbps = SPEC_UNSET, .wbps = MIB / 2, .riops = SPEC_UNSET, .wiops = SPEC_UNSET
	};
	spec.limits.io_count = 1;
	if (!can(layout, &spec, "--io-max", "io"))
		return;
	bool disk = find_disk(&limit->major, &limit->minor, scratch, sizeof(scratch));
	io_file = disk ? mkostemp(scratch, O_DIRECT | O_CLOEXEC) : -1;
	if (io_file < 0) {
		print_message("no disk that takes O_DIRECT below the scratch directory\n");
		skip();
	}
	unlink(scratch);
	assert_int_equal(ftruncate(io_file, MIB), 0);
	uint64_t limited = time_to_write(layout, &spec);
	limit->wbps = 512 * MIB;
	uint64_t unlimited = time_to_write(layout, &spec);
	close(io_file);
	assert_true(limited >= 1500);
	assert_true(unlimited < limited);
}

static void io_of_no_device_is_refused(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.io[0] = (struct spec_io){ .major = 251,
		.minor = 9999,
		.rbps = 4096,
		.wbps = SPEC_UNSET,
		.riops = SPEC_UNSET,
		.wiops = SPEC_UNSET };
	spec.limits.io_count = 1;
	if (!can(layout, &spec, "--io-max", "io"))
		return;
	ok(open_group(layout, &spec, false, &live));
	ok(cgroup_folders(live, &folders, &err));
	assert_int_equal(cgroup_create(live, &err), -ENODEV);
	says("--io-max: the kernel refuses '251:9999 ");
	nothing_is_left();
}

/* ---- what a group is for without limits ---- */

static void only_what_is_needed_is_made(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	if (layout == CGROUP_V1) {
		ok(open_group(layout, &spec, false, &live));
		assert_null(live);
		spec.limits.pids = 10;
		if (!can(layout, &spec, "--pids", "pids"))
			return;
	}
	make(layout, &spec, false);
	assert_int_equal(folders.count, 1);
	assert_int_equal(access(folders.items[0], F_OK), 0);
	assert_int_equal(strncmp(strrchr(folders.items[0], '/'), "/contain-test-", 14), 0);
	assert_int_equal(run(nothing, 0), 0);
	unmake();
}

static void a_name_that_is_taken_is_left_alone(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	struct cgroup *second = NULL;

	need(layout);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = start(wait_for_ever, 0);
	ok(open_group(layout, &spec, layout == CGROUP_V1, &second));
	assert_int_equal(cgroup_create(second, &err), -EEXIST);
	says("exists already");
	ok(cgroup_remove(second, &err));
	cgroup_close(second);
	assert_int_equal(access(folders.items[0], F_OK), 0);
	assert_int_equal(kill(pid, 0), 0);
	ok(cgroup_kill(live, &err));
	end(pid);
	unmake();
}

/* Doubles every 2 ms, up to the limit on pids. */
static int fork_bomb(uint64_t argument)
{
	for (;;) {
		if (fork() == 0)
			usleep(2000);
	}
	return (int)argument;
}

/* One process at a time, each gone before long: a list of them is old when it has been read. */
static int fork_away(uint64_t argument)
{
	for (;;) {
		if (fork() > 0) {
			usleep(500);
			_exit(0);
		}
	}
	return (int)argument;
}

static void kill_all(enum cgroup_layout layout, const struct jail_spec *spec, int (*work)(uint64_t))
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	make(layout, spec, false);
	start(work, 0);
	usleep(20000);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* some are alive */
	ok(cgroup_kill(live, &err));
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_equal(errno, ECHILD);
	unmake();
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void kill_ends_a_fork_bomb(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.pids = 200;
	if (can(layout, &spec, "--pids", "pids"))
		kill_all(layout, &spec, fork_bomb);
}

static void kill_reaches_those_that_fork_away(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	if (layout == CGROUP_V1) {
		spec.limits.memory = 256 * MIB;
		if (!can(layout, &spec, "--memory", "memory"))
			return;
	}
	kill_all(layout, &spec, fork_away);
}

static volatile uint64_t *shared;

static int count_up(uint64_t argument)
{
	for (;;)
		*shared += 1;
	return (int)argument;
}

static void freeze(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = start(count_up, 0);
	while (*shared == 0)
		usleep(1000);
	if (layout == CGROUP_V1) {
		assert_int_equal(cgroup_freeze(live, true, &err), -EOPNOTSUPP);
	} else {
		ok(cgroup_freeze(live, true, &err));
		uint64_t seen = *shared;
		usleep(50000);
		assert_true(*shared == seen);
		ok(cgroup_freeze(live, false, &err));
		for (int i = 0; i < 2000 && *shared == seen; i++)
			usleep(1000);
		assert_true(*shared > seen);
		ok(cgroup_freeze(live, true, &err)); /* a frozen one dies as well */
	}
	ok(cgroup_kill(live, &err));
	int status = end(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	unmake();
	munmap((void *)shared, 4096);
}

static void another_process_is_attached(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	char path[64], name[128];

	need(layout);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = fork();
	if (pid == 0)
		wait_for_ever(0);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	snprintf(name, sizeof(name), "/contain-%s\n", spec.name);
	assert_false(file_has(path, name));
	ok(cgroup_attach(live, pid, &err));
	assert_true(file_has(path, name));
	kill(pid, SIGKILL);
	end(pid);
	assert_int_equal(cgroup_attach(live, pid, &err), -ESRCH);
	unmake();
}

static void remove_waits_for_the_last_process(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = start(sleep_ms, 200);
	uint64_t before = now_ms(CLOCK_MONOTONIC);
	unmake();
	assert_in_range(now_ms(CLOCK_MONOTONIC) - before, 100, 1500);
	assert_int_equal(end(pid), 0);
}

static void remove_gives_up_on_one_that_stays(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = start(wait_for_ever, 0);
	uint64_t before = now_ms(CLOCK_MONOTONIC);
	assert_int_equal(cgroup_remove(live, &err), -EBUSY);
	says("still has processes");
	assert_true(now_ms(CLOCK_MONOTONIC) - before >= 1900);
	ok(cgroup_kill(live, &err));
	end(pid);
	unmake();
}

/* What gc does for a jail that died, with a folder below that the jail had made. */
static void a_left_folder_is_removed_with_all_in_it(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();
	char below[8300];

	need(layout);
	make(layout, &spec, layout == CGROUP_V1);
	pid_t pid = start(wait_for_ever, 0);
	snprintf(below, sizeof(below), "%s/inner", folders.items[0]);
	assert_int_equal(mkdir(below, 0755), 0);
	for (size_t i = 0; i < folders.count; i++) {
		ok(cgroup_remove_folder(folders.items[i], &err));
		assert_int_equal(access(folders.items[i], F_OK), -1);
		ok(cgroup_remove_folder(folders.items[i], &err));
	}
	int status = end(pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	unmake();
}

static void other_folders_are_not_removed(void **state)
{
	char scratch[] = "/tmp/contain-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(scratch));
	assert_int_equal(cgroup_remove_folder(scratch, &err), -EINVAL);
	says("not on a control group file system");
	assert_int_equal(rmdir(scratch), 0);
	assert_int_equal(cgroup_remove_folder("/sys/fs/cgroup", &err), -EINVAL);
	assert_int_equal(cgroup_remove_folder("contain-x", &err), -EINVAL);
	assert_int_equal(cgroup_remove_folder("/sys/fs/cgroup/contain-none", &err), 0);
}

/* ---- the jail's view ---- */

static char mount_point[32];

static int look_at_own_group(uint64_t layout)
{
	struct stat st;
	char line[64] = "";

	CHECK(unshare(CLONE_NEWNS | CLONE_NEWCGROUP) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	int target = open(mount_point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(cgroup_mount(live, target, &err) == 0);
	CHECK(chdir(mount_point) == 0);
	CHECK(mkdir("x", 0755) == -1 && errno == EROFS);
	if (layout == CGROUP_V1) {
		CHECK(stat("cgroup.procs", &st) == -1 && errno == ENOENT);
		return 0;
	}
	CHECK(open("cgroup.procs", O_WRONLY) == -1 && errno == EROFS);
	FILE *file = fopen("cgroup.procs", "re");
	CHECK(file && fgets(line, sizeof(line), file) && strtol(line, NULL, 10) == getpid());
	CHECK(!fgets(line, sizeof(line), file));
	CHECK(file_has("/proc/self/cgroup", "0::/\n"));
	return 0;
}

static int look_at_all_groups(uint64_t layout)
{
	CHECK(unshare(CLONE_NEWNS) == 0);
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	int target = open(mount_point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = cgroup_mount(live, target, &err);
	DIR *listing = opendir(mount_point);
	CHECK(listing && readdir(listing) && readdir(listing) && !readdir(listing));
	CHECK(layout == CGROUP_V1 ? r == 0 : r == -EINVAL);
	return 0;
}

static void the_jail_sees_its_own_group_only(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	need(layout);
	snprintf(mount_point, sizeof(mount_point), "/tmp/cgroup-mount-XXXXXX");
	assert_non_null(mkdtemp(mount_point));
	make(layout, &spec, layout == CGROUP_V1);
	int own = run(look_at_own_group, layout);
	/* In the host's cgroup namespace the mount would show everything, and is not made. */
	int all = run(look_at_all_groups, layout);
	rmdir(mount_point);
	assert_int_equal(own, 0);
	assert_int_equal(all, 0);
	unmake();
}

/* ---- refusals ---- */

static void an_ordinary_user_is_told_about_delegation(void **state)
{
	enum cgroup_layout layout = *(enum cgroup_layout *)*state;
	struct jail_spec spec = no_limits();

	spec.limits.pids = 20;
	if (!can(layout, &spec, "--pids", "pids"))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(setgid(65534) == 0 && setuid(65534) == 0);
		CHECK(open_group(layout, &spec, false, &live) == -EACCES);
		CHECK(strstr(err.text, "--pids"));
		CHECK(strstr(err.text, layout == CGROUP_V1 ? "chown" : "Delegate=yes"));
		CHECK(strstr(err.text, "uid 65534") && strstr(err.text, " /sys/fs/cgroup"));
		spec.limits.pids = SPEC_UNSET;
		CHECK(open_group(CGROUP_AUTO, &spec, true, &live) == 0 && !live);
		_exit(0);
	}
	assert_int_equal(end(pid), 0);
	make(layout, &spec, false);
	unmake();
}

/* A world hides the machine's. */
static void without_systemd_its_backend_refuses(void **state)
{
	struct jail_spec spec = no_limits();

	(void)state;
	ok(open_group(CGROUP_SYSTEMD, &spec, false, &live));
	assert_null(live);
	spec.limits.pids = 30;
	assert_int_equal(open_group(CGROUP_SYSTEMD, &spec, false, &live), -EOPNOTSUPP);
	assert_null(live);
	says("systemd");
}

static void auto_finds_what_the_machine_has(void **state)
{
	struct jail_spec spec = no_limits();

	(void)state;
	spec.limits.pids = 30;
	if (!can(has(CGROUP_V1, "pids") ? CGROUP_V1 : CGROUP_V2, &spec, "--pids", "pids"))
		return;
	make(CGROUP_AUTO, &spec, false);
	assert_int_equal(cgroup_clone_fd(live) < 0, has(CGROUP_V1, "pids"));
	assert_int_equal(WEXITSTATUS(run(fork_up_to, 20)), 20);
	unmake();
}

/* ---- a group that was delegated to an ordinary user (v2) ---- */

static void in_scope(const char *scope, const char *file, const char *value)
{
	char path[8400];

	snprintf(path, sizeof(path), "%s/%s", scope, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void delegate(const char *scope, uid_t uid)
{
	static const char *const files[] = { ".", "cgroup.procs", "cgroup.subtree_control",
		"cgroup.threads" };
	char path[8400];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", scope, files[i]);
		CHECK(chown(path, uid, uid) == 0);
	}
}

static int use_delegated(const char *scope)
{
	struct jail_spec spec = no_limits();
	int status;

	strv_free(&folders);
	in_scope(scope, "cgroup.procs", "0");
	CHECK(setgid(65534) == 0 && setuid(65534) == 0);
	spec.limits.memory = 32 * MIB;
	CHECK(open_group(CGROUP_V2, &spec, true, &live) == 0);
	CHECK(cgroup_folders(live, &folders, &err) == 0 && folders.count == 2);
	CHECK(cgroup_create(live, &err) == 0);
	CHECK(file_has("/proc/self/cgroup", ".supervisor\n"));
	pid_t pid = start_in(live, touch, 128 * MIB);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(cgroup_remove(live, &err) == 0);
	CHECK(!file_has("/proc/self/cgroup", ".supervisor\n"));
	CHECK(access(folders.items[0], F_OK) == -1 && access(folders.items[1], F_OK) == -1);
	cgroup_close(live);

	/* With company the kernel allows no limits, and nothing is changed. */
	pid_t other = fork();
	if (other == 0)
		wait_for_ever(0);
	int r = open_group(CGROUP_V2, &spec, true, &live);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	CHECK(r == -EBUSY && strstr(err.text, "--memory") && strstr(err.text, "other processes"));
	return 0;
}

static void a_delegated_group_holds_limits(void **state)
{
	struct jail_spec spec = no_limits();
	char scope[8300];

	(void)state;
	spec.limits.memory = 32 * MIB;
	if (!can(CGROUP_V2, &spec, "--memory", "memory"))
		return;
	make(CGROUP_V2, &spec, true); /* so that the controllers are on where it was made */
	const char *made = folders.items[0];
	snprintf(scope, sizeof(scope), "%.*s/contain-test-scope", (int)(strrchr(made, '/') - made),
	    made);
	assert_int_equal(mkdir(scope, 0755), 0);
	pid_t pid = fork();
	if (pid == 0) {
		delegate(scope, 65534);
		_exit(use_delegated(scope));
	}
	int status = end(pid);
	ok(cgroup_remove_folder(scope, &err));
	assert_int_equal(status, 0);
	unmake();
}

#define BOTH(test)                                                                                 \
	{ "v1: " #test, test, NULL, clear, &v1 },                                                  \
	{                                                                                          \
		"v2: " #test, test, NULL, clear, &v2                                               \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(memory),
		BOTH(swap),
		BOTH(a_limit_that_is_no_limit_is_refused),
		BOTH(pids),
		BOTH(cpu),
		BOTH(cpu_weight),
		BOTH(cpuset),
		BOTH(a_core_that_the_machine_lacks_is_refused),
		BOTH(io),
		BOTH(io_of_no_device_is_refused),
		BOTH(only_what_is_needed_is_made),
		BOTH(a_name_that_is_taken_is_left_alone),
		BOTH(kill_ends_a_fork_bomb),
		BOTH(kill_reaches_those_that_fork_away),
		BOTH(freeze),
		BOTH(another_process_is_attached),
		BOTH(remove_waits_for_the_last_process),
		BOTH(remove_gives_up_on_one_that_stays),
		BOTH(a_left_folder_is_removed_with_all_in_it),
		BOTH(the_jail_sees_its_own_group_only),
		BOTH(an_ordinary_user_is_told_about_delegation),
		cmocka_unit_test_teardown(other_folders_are_not_removed, clear),
		cmocka_unit_test_teardown(without_systemd_its_backend_refuses, clear),
		cmocka_unit_test_teardown(auto_finds_what_the_machine_has, clear),
		cmocka_unit_test_teardown(a_delegated_group_holds_limits, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
