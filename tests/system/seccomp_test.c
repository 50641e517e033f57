/* SPDX-License-Identifier: MIT */
/*
 * The default profile on this machine's kernel. Each refused call is made twice by a process with
 * all of root's capabilities: without the filter, to see that the kernel would carry it out (or get
 * as far as its arguments), then with it. What the kernel does not have is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/kernel/caps.h"
#include "lib/kernel/privs.h"
#include "lib/kernel/rlimits.h"
#include "lib/kernel/seccomp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char build[PATH_MAX]; /* where contain-seccomp.so and seccomp/default.json are */
static char dir[] = "/tmp/contain-seccomp-XXXXXX";

static struct spec_identity identity = {
	.capabilities = SPEC_CAPABILITIES_DEFAULT,
	.seccomp = SECCOMP_PROFILE_DEFAULT,
};

static struct seccomp_filter filter;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (!realpath(getenv("BUILD") ?: "build", build) || !mkdtemp(dir))
		return -1;
	if (seccomp_filter_get(&identity, -1, build, build, &filter, &err) == 0)
		return 0;
	print_error("%s\n", err.text);
	return -1;
}

static int tear_down(void **state)
{
	(void)state;
	seccomp_filter_done(&filter);
	return rmdir(dir); /* which fails where a test left something */
}

static void install(void)
{
	struct err err = ERR_INIT;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    seccomp_filter_install(&filter, &err) < 0) {
		print_error("%s\n", err.text);
		_exit(99);
	}
}

/* The wait status of a child that runs work(), with the filter or without. */
static int run(void (*work)(void), bool filtered)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* cmocka's handlers would have the child go on with the other tests. */
		for (int number = 1; number < NSIG; number++)
			(void)signal(number, SIG_DFL);
		if (filtered)
			install();
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* -------------------------------------------------------------------------------- refusals */

static long call(long result)
{
	return result < 0 ? errno : 0;
}

static long clone_with(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid < 0 ? errno : 0;
}

static long clone_user(void)
{
	return clone_with(CLONE_NEWUSER);
}
static long clone_net(void)
{
	return clone_with(CLONE_NEWNET | CLONE_NEWNS);
}
static long clone3_user(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid < 0 ? errno : 0;
}
static long unshare_user(void)
{
	return call(unshare(CLONE_NEWUSER));
}
static long unshare_mounts(void)
{
	return call(unshare(CLONE_NEWNS));
}
static long unshare_time(void)
{
	return call(unshare(0x80));
}
static long join_namespace(void)
{
	return call(setns(open("/proc/self/ns/uts", O_RDONLY), 0));
}
static long mount_old(void)
{
	return call(syscall(SYS_mount, "none", dir, "tmpfs", 0, "bad=option"));
}
static long mount_new(void)
{
	return call(syscall(SYS_fsopen, "tmpfs", 0));
}
static long tree(void)
{
	return call(syscall(SYS_open_tree, AT_FDCWD, "/", 1));
}
static long umount_root(void)
{
	return call(syscall(SYS_umount2, dir, 0));
}
static long pivot(void)
{
	return call(syscall(SYS_pivot_root, "/nonexistent", "/nonexistent"));
}
static long handle(void)
{
	return call(syscall(SYS_open_by_handle_at, -1, NULL, 0));
}
static long load_program(void)
{
	return call(syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0));
}
static long perf(void)
{
	return call(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}
static long ring(void)
{
	char params[120] = "";

	return call(syscall(SYS_io_uring_setup, 1, params));
}
static long fault(void)
{
	return call(syscall(SYS_userfaultfd, O_CLOEXEC));
}
static long keyring(void)
{
	return call(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1));
}
static long add_a_key(void)
{
	return call(syscall(SYS_add_key, "user", "contain-test", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}
static long hang_up(void)
{
	setsid();
	return call(vhangup());
}
static long set_clock(void)
{
	return call(syscall(SYS_clock_settime, CLOCK_MONOTONIC, NULL));
}
static long host_name(void)
{
	return call(syscall(SYS_sethostname, "x", -1L));
}
static long compare_files(void)
{
	return call(syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0));
}
static long foreign_descriptor(void)
{
	return call(syscall(SYS_pidfd_getfd, -1, 0, 0));
}
static long weaken(void)
{
	return call(personality(READ_IMPLIES_EXEC));
}
static long log_read(void)
{
	return call(syscall(SYS_syslog, 10, NULL, 0));
}
static long change_root(void)
{
	return call(chroot("/"));
}
static long socket_vsock(void)
{
	return call(socket(AF_VSOCK, SOCK_STREAM, 0));
}
static long socket_alg(void)
{
	return call(socket(AF_ALG, SOCK_SEQPACKET, 0));
}
static long socket_packet(void)
{
	return call(socket(AF_PACKET, SOCK_RAW, 0));
}
static long socket_audit(void)
{
	return call(socket(AF_NETLINK, SOCK_RAW, 9));
}
static long socket_xfrm(void)
{
	return call(socket(AF_NETLINK, SOCK_RAW, 6));
}
static long socket_netfilter(void)
{
	return call(socket(AF_NETLINK, SOCK_RAW, 12));
}
static long socket_sctp(void)
{
	return call(socket(AF_INET, SOCK_STREAM, 132));
}

/* A terminal of our own to type into. */
static long terminal_command(unsigned long command)
{
	int master, slave;
	char letter = 'x';

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0 || setsid() < 0 ||
	    ioctl(slave, TIOCSCTTY, 0) < 0)
		_exit(98);
	return call(syscall(SYS_ioctl, slave, command, &letter));
}

static long type_ahead(void)
{
	return terminal_command(TIOCSTI);
}
static long type_ahead_64(void)
{
	return terminal_command(TIOCSTI | 1UL << 32);
}
static long line_discipline(void)
{
	return terminal_command(TIOCSETD);
}
static long console(void)
{
	return terminal_command(TIOCCONS);
}
static long linux_console(void)
{
	return terminal_command(TIOCLINUX);
}

static const struct refusal {
	const char *name;
	long (*probe)(void);
	int answer;
	int absent; /* what a kernel says that does not have it; 0: all have it */
} refusals[] = {
	{ "clone(CLONE_NEWUSER)", clone_user, EPERM, 0 },
	{ "clone(CLONE_NEWNET|CLONE_NEWNS)", clone_net, EPERM, 0 },
	{ "clone3(CLONE_NEWUSER)", clone3_user, ENOSYS, 0 },
	{ "unshare(CLONE_NEWUSER)", unshare_user, EPERM, 0 },
	{ "unshare(CLONE_NEWNS)", unshare_mounts, EPERM, 0 },
	{ "unshare(CLONE_NEWTIME)", unshare_time, EPERM, EINVAL },
	{ "setns", join_namespace, EPERM, 0 },
	{ "mount", mount_old, EPERM, 0 },
	{ "fsopen", mount_new, EPERM, 0 },
	{ "open_tree", tree, EPERM, 0 },
	{ "umount2", umount_root, EPERM, 0 },
	{ "pivot_root", pivot, EPERM, 0 },
	{ "open_by_handle_at", handle, EPERM, 0 },
	{ "bpf", load_program, EPERM, ENOSYS },
	{ "perf_event_open", perf, EPERM, ENOSYS },
	{ "io_uring_setup", ring, EPERM, ENOSYS },
	{ "userfaultfd", fault, EPERM, ENOSYS },
	{ "keyctl", keyring, ENOSYS, 0 },
	{ "add_key", add_a_key, ENOSYS, 0 },
	{ "vhangup", hang_up, EPERM, 0 },
	{ "clock_settime", set_clock, EPERM, 0 },
	{ "sethostname", host_name, EPERM, 0 },
	{ "kcmp", compare_files, EPERM, ENOSYS },
	{ "pidfd_getfd", foreign_descriptor, EPERM, 0 },
	{ "personality(READ_IMPLIES_EXEC)", weaken, EPERM, 0 },
	{ "syslog", log_read, EPERM, 0 },
	{ "chroot", change_root, EPERM, 0 },
	{ "ioctl(TIOCSTI)", type_ahead, EPERM, EIO },
	{ "ioctl(TIOCSTI + 2^32)", type_ahead_64, EPERM, EIO },
	{ "ioctl(TIOCSETD)", line_discipline, EPERM, 0 },
	{ "ioctl(TIOCCONS)", console, EPERM, 0 },
	{ "ioctl(TIOCLINUX)", linux_console, EPERM, 0 },
	{ "socket(AF_VSOCK)", socket_vsock, EAFNOSUPPORT, EAFNOSUPPORT },
	{ "socket(AF_ALG)", socket_alg, EAFNOSUPPORT, EAFNOSUPPORT },
	{ "socket(AF_PACKET)", socket_packet, EAFNOSUPPORT, EAFNOSUPPORT },
	{ "socket(NETLINK_AUDIT)", socket_audit, EAFNOSUPPORT, EPROTONOSUPPORT },
	{ "socket(NETLINK_XFRM)", socket_xfrm, EAFNOSUPPORT, EPROTONOSUPPORT },
	{ "socket(NETLINK_NETFILTER)", socket_netfilter, EAFNOSUPPORT, EPROTONOSUPPORT },
	{ "socket(IPPROTO_SCTP)", socket_sctp, EPROTONOSUPPORT, EPROTONOSUPPORT },
};

static const struct refusal *probed;

static void probe(void)
{
	_exit((int)probed->probe());
}

static void test_refusal(void **state)
{
	probed = *state;
	int without = run(probe, false);
	if (WIFEXITED(without) && probed->absent && WEXITSTATUS(without) == probed->absent) {
		print_message("# this kernel does not have it\n");
		skip();
	}
	if (!WIFEXITED(without) || WEXITSTATUS(without) == probed->answer)
		fail_msg("the control fails: status 0x%x", without);
	int with = run(probe, true);
	if (!WIFEXITED(with) || WEXITSTATUS(with) != probed->answer)
		fail_msg("status 0x%x, and not %s", with, strerror(probed->answer));
}

#ifdef __x86_64__
static long number_of_call;

/* getpid() as a 32-bit program calls it. */
static void call_as_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	_exit(result == getpid() ? 0 : 1);
}

static void call_by_number(void)
{
	_exit(syscall(number_of_call) < 0 && errno == ENOSYS ? 0 : 1);
}

static void test_i386_calls_end_the_program(void **state)
{
	(void)state;
	if (run(call_as_i386, false) != 0) {
		print_message("# this kernel, or what it runs on, has no 32-bit system calls\n");
		skip();
	}
	int status = run(call_as_i386, true);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void test_x32_calls_end_the_program(void **state)
{
	(void)state;
	number_of_call = 39 | 0x40000000;
	int status = run(call_by_number, true);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	number_of_call = 4000;
	assert_int_equal(run(call_by_number, true), 0);
}
#endif

/* --------------------------------------------------------------------------- what must work */

static const char *const commands[] = {
	"exec 3</etc/passwd; read -r a <&3; (exit 3) || [ $? = 3 ]; echo \"$a\" | grep -q :; "
	"ulimit -n",
	"cd /tmp; d=$(mktemp -d); cd $d; echo a >b; ln b c; ln -s b e; mkfifo f; mv c g; chmod 600 "
	"b; "
	"chown 1:1 b; touch -d @1 b; cp -a b h; tar cf i b; cd /; rm -r $d",
	"busybox sh -c 'busybox ls / | busybox wc -l; busybox sleep 0; busybox id; busybox ps'",
	"sleep 30 & kill -STOP $!; kill -CONT $!; kill -KILL $!; wait $! || [ $? = 137 ]",
	"ps -e; ip address; ip route; setsid -w true; nice -n 5 true; timeout 5 true",
	"sysctl -qw net.ipv4.ping_group_range='0 65535'; ping -c 1 -W 2 127.0.0.1; ping -c 1 ::1",
	"d=$(mktemp -d); git init -q $d; rm -r $d",
	"python3 -c 'import subprocess, threading, multiprocessing, socket, os, asyncio\n"
	"t = threading.Thread(target=lambda: None); t.start(); t.join()\n"
	"subprocess.run([\"true\"], check=True)\n"
	"with multiprocessing.Pool(2) as q: assert q.map(abs, [-1, 2]) == [1, 2]\n"
	"s = socket.create_server((\"127.0.0.1\", 0)); c = "
	"socket.create_connection(s.getsockname())\n"
	"u = socket.socketpair(); socket.if_nameindex(); socket.getaddrinfo(\"localhost\", 80)\n"
	"os.memfd_create(\"x\"); os.sched_setaffinity(0, os.sched_getaffinity(0)); os.openpty()\n"
	"os.pidfd_open(os.getpid()); asyncio.run(asyncio.create_subprocess_exec(\"true\"))'",
};

static const char *command;

static void run_command(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, 1);
	execl("/bin/sh", "sh", "-ec", command, NULL);
	_exit(127);
}

static void test_command(void **state)
{
	command = *state;
	int without = run(run_command, false);
	if (without != 0) {
		print_message("# the command fails without a filter too: status 0x%x\n", without);
		skip();
	}
	assert_int_equal(run(run_command, true), 0);
}

/* A debugger: the tracee's memory, registers, and its end. */
static void trace_a_child(void)
{
	static volatile long value = 41;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(value == 42 ? 0 : 1);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		_exit(2);
	if (ptrace(PTRACE_POKEDATA, pid, &value, 42L) < 0 || ptrace(PTRACE_CONT, pid, 0, 0) < 0)
		_exit(3);
	_exit(waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 4);
}

static void test_debuggers_work(void **state)
{
	(void)state;
	assert_int_equal(run(trace_a_child, true), 0);
}

/* --------------------------------------------------------------------- the payload's sequence */

static struct credentials user = { .uid = 1000, .gid = 1000, .groups = { 1000 }, .group_count = 1 };

static int become_command(bool set_no_new_privs)
{
	struct spec_limits limits = { .memory = 0 };
	struct err err = ERR_INIT;

	limits.rlimits[RLIMIT_CORE] = (struct spec_rlimit){ true, 0, 0 };
	if (rlimits_apply(limits.rlimits, &err) < 0)
		return 1;
	if (!set_no_new_privs && seccomp_filter_install(&filter, &err) < 0)
		return 2;
	if (privs_become(&user, true, &err) < 0)
		return 3;
	if (caps_limit(SPEC_CAPABILITIES_DEFAULT, &err) < 0)
		return 4;
	if (set_no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 5;
	if (set_no_new_privs && seccomp_filter_install(&filter, &err) < 0)
		return 6;
	return 0;
}

static void become_with_no_new_privs(void)
{
	int r = become_command(true);

	if (r)
		_exit(r);
	execl("/bin/sh", "sh", "-ec",
	    "s=$(cat /proc/self/status)\n"
	    "has() { echo \"$s\" | grep -q \"$1\" || exit 9; }\n"
	    "has '^Uid:.1000.1000.1000.1000$'; has '^NoNewPrivs:.1$'; has '^Seccomp:.2$'\n"
	    "has '^CapEff:.0000000000000000$'; has '^CapBnd:.00000000200005fb$'",
	    NULL);
	_exit(127);
}

/* allow_setuid: the filter comes first, and must let the rest of the sequence through. */
static void become_without_no_new_privs(void)
{
	int r = become_command(false);

	if (r)
		_exit(r);
	execl("/bin/sh", "sh", "-ec",
	    "s=$(cat /proc/self/status)\n"
	    "has() { echo \"$s\" | grep -q \"$1\" || exit 9; }\n"
	    "has '^Uid:.1000.1000.1000.1000$'; has '^NoNewPrivs:.0$'; has '^Seccomp:.2$'\n"
	    "has '^CapEff:.0000000000000000$'; has '^CapBnd:.00000000200005fb$'",
	    NULL);
	_exit(127);
}

static void install_without_the_right_to(void)
{
	struct err err = ERR_INIT;

	if (privs_become(&user, true, &err) < 0 || caps_limit(0, &err) < 0)
		_exit(1);
	if (seccomp_filter_install(&filter, &err) != -EACCES)
		_exit(2);
	if (!strstr(err.text, "no_new_privs is not set"))
		_exit(3);
	if (prctl(PR_GET_SECCOMP) != 0)
		_exit(4);
	_exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	      seccomp_filter_install(&filter, &err) < 0);
}

static void test_becoming_with_no_new_privs(void **state)
{
	(void)state;
	assert_int_equal(run(become_with_no_new_privs, false), 0);
}

static void test_becoming_without_no_new_privs(void **state)
{
	(void)state;
	assert_int_equal(run(become_without_no_new_privs, false), 0);
}

static void test_installing_needs_a_right(void **state)
{
	(void)state;
	assert_int_equal(run(install_without_the_right_to, false), 0);
}

/* ------------------------------------------------------------------------- getting a filter */

static void write_file(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

static void require_error(struct spec_identity *profile, int code, const char *text)
{
	struct seccomp_filter got = { .length = 77 };
	struct err err = ERR_INIT;

	assert_int_equal(seccomp_filter_get(profile, -1, build, build, &got, &err), -code);
	if (!strstr(err.text, text) || !strstr(err.text, profile->seccomp_path))
		fail_msg("\"%s\" and not \"%s\"", err.text, text);
	assert_int_equal(got.length, 77);
}

static void test_bad_profiles_are_told(void **state)
{
	static const char good[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}";
	char path[64];
	struct spec_identity profile = { .seccomp = SECCOMP_PROFILE_FILE, .seccomp_path = path };
	struct seccomp_filter got;
	struct err err = ERR_INIT;

	(void)state;
	snprintf(path, sizeof(path), "%s/profile.json", dir);
	require_error(&profile, ENOENT, "No such file");
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10);
	require_error(&profile, EINVAL, "is not a regular file");
	alarm(0);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	require_error(&profile, EINVAL, "is not a regular file");
	rmdir(path);
	char *large = malloc(1048577);
	memset(large, ' ', 1048577);
	memcpy(large, good, sizeof(good) - 1);
	write_file(path, large, 1048577);
	require_error(&profile, EFBIG, "is larger than 1048576 bytes");
	write_file(path, large, 1048576);
	assert_int_equal(seccomp_filter_get(&profile, -1, build, build, &got, &err), 0);
	seccomp_filter_done(&got);
	free(large);
	write_file(path, good, strlen(good) - 1);
	require_error(
	    &profile, EINVAL, "line 1, column 35: not valid JSON: the file ends too early");
	write_file(path, "", 0);
	require_error(&profile, EINVAL, "not valid JSON");
	write_file(path, "{\"defaultAction\": \"SCMP_ACT_DENY\"}", 34);
	require_error(&profile, EINVAL, "defaultAction: \"SCMP_ACT_DENY\" is not known");
	unlink(path);
	strcpy(path, "/dev/zero");
	require_error(&profile, EINVAL, "is not a regular file");
}

static void test_a_missing_part_is_told(void **state)
{
	struct seccomp_filter got;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(seccomp_filter_get(&identity, -1, build, dir, &got, &err), -ELIBACC);
	assert_non_null(strstr(err.text, "cannot load contain-seccomp.so"));
	assert_non_null(strstr(err.text, dir));
	assert_int_equal(seccomp_filter_get(&identity, -1, dir, build, &got, &err), -ENOENT);
	assert_non_null(strstr(err.text, "seccomp/default.json"));
}

static void test_none_is_no_filter(void **state)
{
	struct spec_identity none = { .seccomp = SECCOMP_PROFILE_NONE };
	struct seccomp_filter got = { .code = filter.code, .length = 5 };

	(void)state;
	assert_int_equal(
	    seccomp_filter_get(&none, -1, "/nonexistent", "/nonexistent", &got, NULL), 0);
	assert_null(got.code);
	assert_int_equal(got.length, 0);
	assert_int_equal(seccomp_filter_install(&got, NULL), 0);
	assert_int_equal(prctl(PR_GET_SECCOMP), 0);
}

static void require_same(int cache, const char *libexec_dir)
{
	struct seccomp_filter got;
	struct err err = ERR_INIT;

	if (seccomp_filter_get(&identity, cache, build, libexec_dir, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.length, filter.length);
	assert_memory_equal(got.code, filter.code, filter.length * sizeof(*filter.code));
	seccomp_filter_done(&got);
}

/* The only entry of the cache. */
static void find_entry(const char *path, char name[256])
{
	DIR *list = opendir(path);
	const struct dirent *entry;
	int found = 0;

	assert_non_null(list);
	while ((entry = readdir(list)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			snprintf(name, 256, "%s", entry->d_name);
			found++;
		}
	closedir(list);
	assert_int_equal(found, 1);
}

/* A cached filter needs no compiler, which shows that it came from the cache. */
static void test_the_cache_saves_the_compiler(void **state)
{
	char path[64], name[256];
	struct seccomp_filter got;
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/cache", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	int cache = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(
	    seccomp_filter_get(&identity, cache, build, "/nonexistent", &got, NULL), -ELIBACC);
	struct timespec settle = { .tv_sec = 3 };
	nanosleep(&settle, NULL); /* a profile that was built a moment ago is not kept */
	require_same(cache, build);
	find_entry(path, name);
	assert_int_equal(fstatat(cache, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	require_same(cache, "/nonexistent");
	/* other capabilities: another filter */
	struct spec_identity other = identity;
	other.capabilities = 0;
	assert_int_equal(
	    seccomp_filter_get(&other, cache, build, "/nonexistent", &got, NULL), -ELIBACC);
	/* torn: compiled again, and replaced */
	int entry = openat(cache, name, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(entry, st.st_size - 8), 0);
	assert_int_equal(
	    seccomp_filter_get(&identity, cache, build, "/nonexistent", &got, NULL), -ELIBACC);
	require_same(cache, build);
	require_same(cache, "/nonexistent");
	close(entry);
	unlinkat(cache, name, 0);
	close(cache);
	assert_int_equal(rmdir(path), 0);
}

/* A cache that cannot be written is no error. */
static void test_the_cache_may_fail(void **state)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	require_same(proc, build);
	close(proc);
	require_same(999, build);
}

int main(void)
{
	struct CMUnitTest tests[COUNT(refusals) + COUNT(commands) + 16];
	char names[COUNT(commands)][32];
	size_t count = 0;

	if (geteuid() != 0) {
		fprintf(stderr, "seccomp_test needs root\n");
		return 1;
	}
	for (size_t i = 0; i < COUNT(refusals); i++)
		tests[count++] = (struct CMUnitTest){ .name = refusals[i].name,
			.test_func = test_refusal,
			.initial_state = (void *)&refusals[i] };
	for (size_t i = 0; i < COUNT(commands); i++) {
		snprintf(names[i], sizeof(names[i]), "command %zu", i);
		tests[count++] = (struct CMUnitTest){ .name = names[i],
			.test_func = test_command,
			.initial_state = (void *)commands[i] };
	}
#ifdef __x86_64__
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_i386_calls_end_the_program);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_x32_calls_end_the_program);
#endif
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_debuggers_work);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_becoming_with_no_new_privs);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_becoming_without_no_new_privs);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_installing_needs_a_right);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_bad_profiles_are_told);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_a_missing_part_is_told);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_none_is_no_filter);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_the_cache_saves_the_compiler);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_the_cache_may_fail);
	return _cmocka_run_group_tests("seccomp", tests, count, set_up, tear_down);
}
