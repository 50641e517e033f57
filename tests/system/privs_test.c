/* SPDX-License-Identifier: MIT */
/* What a process may do after it became the command: ids, capabilities, resource limits. Each test
 * does it in a child, and looks at the child from inside, through /proc, and after an execve(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/kernel/caps.h"
#include "lib/kernel/privs.h"
#include "lib/kernel/rlimits.h"

/* Ends the child with the reason; the parent fails the test. */
#define REQUIRE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_error("%s:%d: %s (errno: %s; error: %s)\n", __FILE__, __LINE__,      \
			    #condition, strerror(errno), child_err.text);                          \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static struct err child_err;

static void in_child(void (*work)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("the child ended with status 0x%x", status);
}

/* The line of /proc/self/status that begins with `key`, without it. */
static const char *status_line(const char *status, const char *key)
{
	static char line[256];
	const char *found = strstr(status, key);

	REQUIRE(found);
	found += strlen(key);
	found += strspn(found, ":\t ");
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(found, "\n"), found);
	return line;
}

static uint64_t status_mask(const char *status, const char *key)
{
	return strtoull(status_line(status, key), NULL, 16);
}

static const char *own_status(void)
{
	static char text[8192];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	REQUIRE(fd >= 0 && n > 0);
	close(fd);
	text[n] = '\0';
	return text;
}

/* The same after an execve(), which computes the capabilities anew. */
static const char *status_after_exec(void)
{
	static char text[8192];
	size_t used = 0;
	ssize_t n;
	int ends[2], status;

	REQUIRE(pipe(ends) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execl("/bin/cat", "cat", "/proc/self/status", NULL);
		_exit(127);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(ends[0]);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	return text;
}

static struct credentials somebody(uid_t uid, gid_t gid)
{
	return (struct credentials){ .uid = uid, .gid = gid, .groups = { gid }, .group_count = 1 };
}

/* ------------------------------------------------------------------------------------- ids */

static void become_user(void)
{
	struct credentials who = somebody(1000, 1001);
	static const gid_t before[] = { 0, 5, 4242 };
	gid_t groups[8];

	who.groups[1] = 29;
	who.groups[2] = 27;
	who.group_count = 3;
	REQUIRE(setgroups(3, before) == 0);
	REQUIRE(privs_become(&who, true, &child_err) == 0);
	REQUIRE(strcmp(status_line(own_status(), "\nUid"), "1000\t1000\t1000\t1000") == 0);
	REQUIRE(strcmp(status_line(own_status(), "\nGid"), "1001\t1001\t1001\t1001") == 0);
	REQUIRE(strncmp(status_line(own_status(), "\nGroups"), "27 29 1001", 10) == 0);
	REQUIRE(getgroups(8, groups) == 3);
	REQUIRE(setuid(0) < 0 && setreuid(0, 0) < 0 && setfsuid(0) == 1000 &&
		setfsuid((uid_t)-1) == 1000);
	REQUIRE(setgid(0) < 0 && setregid(0, 0) < 0 && setgroups(0, NULL) < 0);
	REQUIRE(strcmp(status_line(status_after_exec(), "\nUid"), "1000\t1000\t1000\t1000") == 0);
}

static void become_root(void)
{
	struct credentials who = somebody(0, 0);
	static const gid_t before[] = { 5, 4242 };
	gid_t groups[8];

	REQUIRE(setgroups(2, before) == 0);
	REQUIRE(privs_become(&who, true, &child_err) == 0);
	REQUIRE(getgroups(8, groups) == 1 && groups[0] == 0);
	REQUIRE(getuid() == 0 && getegid() == 0);
}

/* Mode 0604 keeps a group out: shedding the group, also by a set-group-ID program, would let in. */
static void groups_that_deny_still_deny(void)
{
	char path[] = "/tmp/contain-privs-XXXXXX";
	int fd = mkstemp(path);
	struct credentials member = somebody(1000, 4242), other = somebody(1000, 1000);
	gid_t groups[8];

	REQUIRE(fd >= 0 && fchown(fd, 0, 4242) == 0 && fchmod(fd, 0604) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		REQUIRE(privs_become(&other, true, &child_err) == 0);
		REQUIRE(access(path, R_OK) == 0); /* the control */
		_exit(0);
	}
	int status;
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	pid = fork();
	if (pid == 0) {
		REQUIRE(privs_become(&member, true, &child_err) == 0);
		REQUIRE(getgroups(8, groups) == 1 && groups[0] == 4242);
		REQUIRE(open(path, O_RDONLY) < 0 && errno == EACCES);
		_exit(0);
	}
	bool denied = waitpid(pid, &status, 0) == pid && status == 0;
	unlink(path);
	REQUIRE(denied);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* As a rootless jail has it: one id, and setgroups(2) forbidden. */
static void enter_rootless_namespace(void)
{
	REQUIRE(unshare(CLONE_NEWUSER) == 0);
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", "0 0 1");
	write_text("/proc/self/gid_map", "0 0 1");
}

static void become_rootless(void)
{
	struct credentials who = somebody(0, 0), member = somebody(0, 0), stranger = somebody(5, 0);

	member.groups[member.group_count++] = 29;
	enter_rootless_namespace();
	REQUIRE(privs_become(&member, false, &child_err) == -EPERM);
	REQUIRE(strstr(child_err.text, "supplementary group 29"));
	REQUIRE(privs_become(&who, true, &child_err) == -EPERM);
	REQUIRE(privs_become(&stranger, false, &child_err) == -EINVAL);
	REQUIRE(strstr(child_err.text, "user id 5"));
	REQUIRE(privs_become(&who, false, &child_err) == 0);
}

static void become_without_the_right_to(void)
{
	struct credentials who = somebody(1000, 1000), other = somebody(1001, 1001);

	REQUIRE(privs_become(&who, true, &child_err) == 0);
	REQUIRE(privs_become(&other, true, &child_err) == -EPERM);
	REQUIRE(privs_become(&other, false, &child_err) == -EPERM);
	REQUIRE(getuid() == 1000 && getgid() == 1000);
	who.group_count = ACCOUNTS_GROUPS_MAX + 1;
	REQUIRE(privs_become(&who, false, &child_err) == -EINVAL);
}

/* ---------------------------------------------------------------------------- capabilities */

#define DEFAULT SPEC_CAPABILITIES_DEFAULT

static void require_masks(const char *status, uint64_t own, uint64_t bounding)
{
	REQUIRE(status_mask(status, "\nCapEff") == own);
	REQUIRE(status_mask(status, "\nCapPrm") == own);
	REQUIRE(status_mask(status, "\nCapBnd") == bounding);
	REQUIRE(status_mask(status, "\nCapInh") == 0);
	REQUIRE(status_mask(status, "\nCapAmb") == 0);
}

static void root_keeps_exactly_what_it_may(void)
{
	REQUIRE((status_mask(own_status(), "\nCapEff") & DEFAULT) == DEFAULT);
	REQUIRE(status_mask(own_status(), "\nCapEff") != DEFAULT);
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
	require_masks(own_status(), DEFAULT, DEFAULT);
	require_masks(status_after_exec(), DEFAULT, DEFAULT);
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0); /* which changes nothing */
	require_masks(own_status(), DEFAULT, DEFAULT);
}

static void root_may_keep_nothing(void)
{
	REQUIRE(caps_limit(0, &child_err) == 0);
	require_masks(own_status(), 0, 0);
	require_masks(status_after_exec(), 0, 0);
}

static void unknown_bits_are_ignored(void)
{
	REQUIRE(caps_limit(DEFAULT | ~caps_all(), &child_err) == 0);
	require_masks(own_status(), DEFAULT, DEFAULT);
}

static void users_have_no_capabilities(void)
{
	struct credentials who = somebody(1000, 1000);

	REQUIRE(privs_become(&who, true, &child_err) == 0);
	REQUIRE(status_mask(own_status(), "\nCapEff") == 0);
	REQUIRE(status_mask(own_status(), "\nCapPrm") != 0); /* caps_limit() needs it */
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
	require_masks(own_status(), 0, DEFAULT);
	require_masks(status_after_exec(), 0, DEFAULT);
	REQUIRE(prctl(PR_GET_KEEPCAPS) == 0);
}

/* What privs_become() leaves permitted must not outlive the execve(), even without caps_limit(). */
static void kept_capabilities_end_with_exec(void)
{
	struct credentials who = somebody(1000, 1000);

	REQUIRE(privs_become(&who, true, &child_err) == 0);
	const char *status = status_after_exec();
	REQUIRE(status_mask(status, "\nCapPrm") == 0 && status_mask(status, "\nCapEff") == 0);
}

static void inheritable_and_ambient_are_emptied(void)
{
	static const cap_value_t chown_cap = CAP_CHOWN;
	cap_t caps = cap_get_proc();

	REQUIRE(cap_set_flag(caps, CAP_INHERITABLE, 1, &chown_cap, CAP_SET) == 0);
	REQUIRE(cap_set_proc(caps) == 0 && cap_set_ambient(CAP_CHOWN, CAP_SET) == 0);
	REQUIRE(status_mask(own_status(), "\nCapAmb") == 1); /* the control */
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
	require_masks(own_status(), DEFAULT, DEFAULT);
	cap_free(caps);
}

static void ambient_of_users_is_emptied(void)
{
	struct credentials who = somebody(1000, 1000);
	static const cap_value_t chown_cap = CAP_CHOWN;
	cap_t caps = cap_get_proc();

	REQUIRE(cap_set_flag(caps, CAP_INHERITABLE, 1, &chown_cap, CAP_SET) == 0);
	REQUIRE(cap_set_proc(caps) == 0 && cap_set_ambient(CAP_CHOWN, CAP_SET) == 0);
	REQUIRE(privs_become(&who, true, &child_err) == 0);
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
	require_masks(status_after_exec(), 0, DEFAULT);
	cap_free(caps);
}

static void missing_capabilities_are_told(void)
{
	REQUIRE(cap_drop_bound(CAP_KILL) == 0);
	REQUIRE(caps_limit(DEFAULT, &child_err) == -EPERM);
	REQUIRE(strstr(child_err.text, "capability 5 "));
	REQUIRE(caps_limit(DEFAULT & ~(UINT64_C(1) << CAP_KILL), &child_err) == 0);
}

static void a_dropped_capability_is_of_no_use(void)
{
	char path[] = "/tmp/contain-privs-XXXXXX";
	int fd = mkstemp(path);

	REQUIRE(fd >= 0 && unlink(path) == 0);
	REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
	REQUIRE(fchown(fd, 7, 7) == 0); /* the control */
	REQUIRE(caps_limit(DEFAULT & ~(UINT64_C(1) << CAP_CHOWN), &child_err) == 0);
	REQUIRE(fchown(fd, 8, 8) < 0 && errno == EPERM);
	REQUIRE(caps_limit(DEFAULT, &child_err) == -EPERM);
}

static void all_is_what_the_kernel_knows(void)
{
	char text[16] = "";
	int fd = open("/proc/sys/kernel/cap_last_cap", O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	REQUIRE(caps_all() == (UINT64_C(2) << strtoul(text, NULL, 10)) - 1);
}

/* A set-user-ID root program of a user whose bounding set is limited gets no more than that. */
static void setuid_programs_stay_within_the_bounding_set(void)
{
	struct credentials who = somebody(1000, 1000);
	char dir[] = "/var/tmp/contain-privs-XXXXXX", path[64], text[8192];
	int ends[2], status;

	REQUIRE(mkdtemp(dir) && chmod(dir, 0755) == 0);
	snprintf(path, sizeof(path), "%s/cat", dir);
	char *copy[] = { "cp", "/bin/cat", path, NULL };
	pid_t pid = fork();
	if (pid == 0) {
		execv("/bin/cp", copy);
		_exit(127);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0 && chmod(path, 04755) == 0);
	REQUIRE(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		REQUIRE(privs_become(&who, true, &child_err) == 0);
		REQUIRE(caps_limit(DEFAULT, &child_err) == 0);
		dup2(ends[1], 1);
		execl(path, "cat", "/proc/self/status", NULL);
		_exit(127);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof(text) - 1);
	bool ended = waitpid(pid, &status, 0) == pid && status == 0;
	unlink(path);
	rmdir(dir);
	REQUIRE(ended && n > 0);
	text[n] = '\0';
	REQUIRE(strncmp(status_line(text, "\nUid"), "1000\t0", 6) == 0); /* the control */
	require_masks(text, DEFAULT, DEFAULT);
}

/* ------------------------------------------------------------------------------------ limits */

static void limits_are_set(void)
{
	struct spec_limits limits = { .memory = 0 };
	struct rlimit now;

	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, 64, 128 };
	limits.rlimits[RLIMIT_CORE] = (struct spec_rlimit){ true, 0, 0 };
	limits.rlimits[RLIMIT_NPROC] = (struct spec_rlimit){ false, 1, 1 };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == 0);
	REQUIRE(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 64 && now.rlim_max == 128);
	REQUIRE(getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_cur == 0 && now.rlim_max == 0);
	REQUIRE(getrlimit(RLIMIT_NPROC, &now) == 0 && now.rlim_max != 1);
	int highest = 0;
	for (int fd = 0; fd >= 0; fd = dup(2))
		highest = fd;
	REQUIRE(errno == EMFILE && highest == 63);
}

static void limits_that_cannot_be_raised_are_told(void)
{
	struct spec_limits limits = { .memory = 0 };

	REQUIRE(caps_limit(0, &child_err) == 0);
	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, 50, 100 };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == 0);
	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, 50, 101 };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == -EPERM);
	REQUIRE(
	    strcmp(child_err.text,
		"resource limit nofile: 101 is more than the highest value allowed here, 100") ==
	    0);
	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, 99, 100 };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == 0);
	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, 100, 99 };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == -EINVAL);
	REQUIRE(strstr(child_err.text, "nofile"));
	limits.rlimits[RLIMIT_NOFILE] = (struct spec_rlimit){ true, RLIM_INFINITY, RLIM_INFINITY };
	REQUIRE(rlimits_apply(limits.rlimits, &child_err) == -EPERM);
	REQUIRE(strstr(child_err.text, "unlimited is more"));
}

#define CHILD_TEST(function)                                                                       \
	static void test_##function(void **state)                                                  \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(function);                                                                \
	}

CHILD_TEST(become_user)
CHILD_TEST(become_root)
CHILD_TEST(groups_that_deny_still_deny)
CHILD_TEST(become_rootless)
CHILD_TEST(become_without_the_right_to)
CHILD_TEST(root_keeps_exactly_what_it_may)
CHILD_TEST(root_may_keep_nothing)
CHILD_TEST(unknown_bits_are_ignored)
CHILD_TEST(users_have_no_capabilities)
CHILD_TEST(kept_capabilities_end_with_exec)
CHILD_TEST(inheritable_and_ambient_are_emptied)
CHILD_TEST(ambient_of_users_is_emptied)
CHILD_TEST(missing_capabilities_are_told)
CHILD_TEST(a_dropped_capability_is_of_no_use)
CHILD_TEST(all_is_what_the_kernel_knows)

static void test_setuid_programs_stay_within_the_bounding_set(void **state)
{
	struct statvfs st;

	(void)state;
	if (statvfs("/var/tmp", &st) == 0 && (st.f_flag & ST_NOSUID)) {
		print_message("# /var/tmp is mounted nosuid\n");
		skip();
	}
	in_child(setuid_programs_stay_within_the_bounding_set);
}

CHILD_TEST(limits_are_set)
CHILD_TEST(limits_that_cannot_be_raised_are_told)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_become_user),
		cmocka_unit_test(test_become_root),
		cmocka_unit_test(test_groups_that_deny_still_deny),
		cmocka_unit_test(test_become_rootless),
		cmocka_unit_test(test_become_without_the_right_to),
		cmocka_unit_test(test_root_keeps_exactly_what_it_may),
		cmocka_unit_test(test_root_may_keep_nothing),
		cmocka_unit_test(test_unknown_bits_are_ignored),
		cmocka_unit_test(test_users_have_no_capabilities),
		cmocka_unit_test(test_kept_capabilities_end_with_exec),
		cmocka_unit_test(test_inheritable_and_ambient_are_emptied),
		cmocka_unit_test(test_ambient_of_users_is_emptied),
		cmocka_unit_test(test_missing_capabilities_are_told),
		cmocka_unit_test(test_a_dropped_capability_is_of_no_use),
		cmocka_unit_test(test_all_is_what_the_kernel_knows),
		cmocka_unit_test(test_setuid_programs_stay_within_the_bounding_set),
		cmocka_unit_test(test_limits_are_set),
		cmocka_unit_test(test_limits_that_cannot_be_raised_are_told),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "privs_test needs root\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
