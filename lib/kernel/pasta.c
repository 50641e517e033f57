/* SPDX-License-Identifier: MIT */
#include "lib/kernel/pasta.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

#define PASTA_PROGRAM "/usr/bin/pasta"
#define TUN_DEVICE    "/dev/net/tun"
#define ACCEPT_DAD    "/proc/sys/net/ipv6/conf/default/accept_dad"

/* It takes some milliseconds. */
#define READY_MAX_US (UINT64_C(10) * 1000000)

static const char *const always[] = {
	PASTA_PROGRAM,
	"--foreground", /* or it would not be our child any more */
	"--quiet",
	"--config-net",
	"--ns-ifname",
	"eth0",
	/* Its default is to map the gateway's address to the host's loopback. */
	"--no-map-gw",
	/* And to forward what somebody listens on, in both directions. */
	"--tcp-ns",
	"none",
	"--udp-ns",
	"none",
	/* eth0 is configured already. */
	"--no-dhcp",
	"--no-dhcpv6",
	"--no-ra",
	/* By descriptors: AppArmor may keep it from /proc/PID/ns. Only the first three of what
	 * starts it stay open, so it is its standard input. */
	"--netns",
	"/proc/self/fd/0",
	"--no-netns-quit",
	/* Written when all is done: into a pipe it is an event. */
	"--pid",
	"/proc/self/fd/1",
};

/* As in 192.0.2.1/8080:80. */
static void format_port(const struct spec_publish *publish, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "";

	if (publish->host.family)
		inet_ntop(publish->host.family, &publish->host.ip, address, sizeof(address));
	snprintf(text, size, "%s%s%u:%u", address, *address ? "/" : "", publish->host_port,
	    publish->port);
}

static int add_ports(
    struct strv *list, const char *option, const struct spec_network *network, uint8_t protocol)
{
	char text[INET6_ADDRSTRLEN + sizeof("/65535:65535")];
	bool any = false;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < network->publish_count; i++) {
		if (network->publish[i].protocol != protocol)
			continue;
		any = true;
		format_port(&network->publish[i], text, sizeof(text));
		r = strv_add(list, option);
		if (r == 0)
			r = strv_add(list, text);
	}
	if (r == 0 && !any)
		r = strv_add(list, option);
	return r == 0 && !any ? strv_add(list, "none") : r;
}

int pasta_arguments(const struct spec_network *network, struct strv *ret)
{
	struct strv list = { NULL, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(always) / sizeof(always[0]); i++)
		r = strv_add(&list, always[i]);
	if (r == 0)
		r = add_ports(&list, "--tcp-ports", network, IPPROTO_TCP);
	if (r == 0)
		r = add_ports(&list, "--udp-ports", network, IPPROTO_UDP);
	if (r < 0)
		strv_free(&list);
	else
		*ret = list;
	return r;
}

struct start {
	pid_t target;
	char **argv;
	int ready, complaints; /* write ends */
};

/* What is ignored stays so over an exec, and pasta of Debian 12 takes an ignored SIGPIPE for an
 * error. */
static void forget_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the jail's network, where it cannot come back from. */
static int forget_duplicates(void *argument, struct err *err)
{
	const int *netns = argument;

	if (setns(*netns, CLONE_NEWNET) < 0)
		return err_sys(err, errno, "cannot enter the network");
	/* Of whoever opens it. */
	cleanup_fd int setting = open(ACCEPT_DAD, O_WRONLY | O_CLOEXEC);
	if (setting < 0 || write(setting, "0", 1) != 1)
		return err_sys(err, errno, "cannot write " ACCEPT_DAD);
	return 0;
}

/*
 * Into the user namespace that has the rights over `netns`. It asks anew to die with its parent,
 * which the kernel may have forgotten with the change of rights.
 *
 * For a second the kernel would look for others with eth0's address, of which there can be none,
 * with packets from "::", and that is where pasta then sends what comes in. Where that cannot be
 * switched off, no more is lost.
 */
static int become_owner(pid_t target, int netns, struct err *err)
{
	const pid_t parent = getppid();
	cleanup_fd int process = pidfd_open(target, 0);

	if (process < 0 || setns(process, CLONE_NEWUSER) < 0)
		return err_sys(err, errno, "--network pasta: cannot enter the user namespace");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return err_sys(
		    err, errno, "--network pasta: cannot ask to die with the supervisor");
	(void)child_run(forget_duplicates, &netns, NULL);
	return 0;
}

/* In our own words: what pasta of Debian 12 says of it is not why. */
static int check_device(struct err *err)
{
	cleanup_fd int fd = open(TUN_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? err_sys(err, errno, "--network pasta: cannot open " TUN_DEVICE) : 0;
}

static int open_network(pid_t target, struct err *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", target);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "cannot open the jail's network namespace") : fd;
}

/* ---- the innermost: pasta itself */

/* In place of an error that nobody reads: pasta_wait() finds it where pasta complains. */
static void complain(int complaints, const char *what)
{
	dprintf(complaints, "%s: %s\n", what, strerror(errno));
	_exit(1);
}

/* No privileges by the file's capabilities. */
static void exec_pasta(const struct start *start, int netns)
{
	static char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };

	forget_signals();
	if (dup2(netns, STDIN_FILENO) < 0 || dup2(start->ready, STDOUT_FILENO) < 0 ||
	    dup2(start->complaints, STDERR_FILENO) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || chdir("/") < 0 ||
	    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		complain(start->complaints, "cannot prepare to run pasta");
	execve(PASTA_PROGRAM, start->argv, environment);
	complain(STDERR_FILENO, "cannot run " PASTA_PROGRAM);
}

/* ---- around it: PID 1 of a namespace, with which pasta dies */

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Nothing of it that is open here keeps anybody waiting: the end of pasta is the end of its pipes.
 */
static void close_all(void)
{
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
}

static bool is_dead(int process)
{
	struct pollfd poll_for = { .fd = process, .events = POLLIN };

	return poll(&poll_for, 1, 0) != 0;
}

/* `outside` is who has started it, and may have been killed before it could ask to die as well. */
static void be_first(const struct start *start, int netns, int outside)
{
	int status;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || is_dead(outside))
		_exit(1);
	pid_t pasta = fork();
	if (pasta < 0)
		complain(start->complaints, "cannot fork");
	if (pasta == 0)
		exec_pasta(start, netns);
	close_all();
	while (waitpid(pasta, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	_exit(code_of(status));
}

/* ---- outside: the supervisor's child, until it is told to end all of it, or that ends */

static int keep(pid_t first)
{
	sigset_t awaited;
	int status = 0, number = 0;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGCHLD);
	close_all();
	while (number != SIGTERM && waitpid(first, &status, WNOHANG) == 0)
		number = sigwaitinfo(&awaited, NULL);
	/* Who waits for PID 1 waits for all of its namespace. */
	if (number == SIGTERM) {
		(void)kill(first, SIGKILL);
		(void)waitpid(first, &status, 0);
	}
	return code_of(status);
}

/* What Ctrl-C is the command decides. SIGTERM is the supervisor's word, from here on. */
static int set_apart(struct err *err)
{
	sigset_t awaited;

	forget_signals();
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &awaited, NULL) < 0 || setsid() < 0 ||
	    prctl(PR_SET_NAME, "contain-pasta") < 0)
		return err_sys(err, errno, "--network pasta: cannot leave the terminal");
	return 0;
}

/* Returns the number of PID 1. */
static pid_t start_first(const struct start *start, int netns, struct err *err)
{
	cleanup_fd int outside = pidfd_open(getpid(), 0);

	if (outside < 0 || unshare(CLONE_NEWPID) < 0)
		return err_sys(err, errno, "--network pasta: cannot make a PID namespace");
	pid_t first = fork();
	if (first < 0)
		return err_sys(err, errno, "--network pasta: cannot fork");
	if (first == 0)
		be_first(start, netns, outside);
	return first;
}

static int run_pasta(void *argument, struct err *err)
{
	const struct start *start = argument;
	cleanup_fd int netns = open_network(start->target, err);
	int r = netns < 0 ? netns : check_device(err);

	if (r == 0 && access(PASTA_PROGRAM, X_OK) < 0)
		r = err_say(err, errno,
		    "--network pasta: " PASTA_PROGRAM " is not there: install the package passt");
	if (r == 0)
		r = set_apart(err);
	if (r == 0)
		r = become_owner(start->target, netns, err);
	if (r < 0)
		return r;
	pid_t first = start_first(start, netns, err);
	if (first < 0)
		return first;
	_exit(keep(first));
}

/* ---- the supervisor's side */

static int start_with_pipes(struct pasta *pasta, pid_t target, char **argv, struct err *err)
{
	int ready[2], complaints[2];

	if (pipe2(ready, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int ready_read = ready[0], ready_write = ready[1];
	if (pipe2(complaints, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int complaints_read = complaints[0], complaints_write = complaints[1];
	struct start start = { target, argv, ready_write, complaints_write };
	int r = child_start(&pasta->child, run_pasta, &start, err);
	if (r < 0)
		return r;
	pasta->ready = take_fd(&ready_read);
	pasta->complaints = take_fd(&complaints_read);
	return 0;
}

int pasta_start(
    struct pasta *pasta, const struct spec_network *network, pid_t target, struct err *err)
{
	struct strv arguments = { NULL, 0 };

	if (pasta_arguments(network, &arguments) < 0)
		return err_sys(err, ENOMEM, "--network pasta");
	int r = start_with_pipes(pasta, target, arguments.items, err);
	strv_free(&arguments);
	return r;
}

/* Warnings come before what it ends with; and where nobody keeps a log it says so of each. */
static const char *last_complaint(char *text)
{
	const char *last = NULL, *line;

	while ((line = strsep(&text, "\n")))
		if (*line && strncmp(line, "Failed to send ", strlen("Failed to send ")) != 0)
			last = line;
	return last;
}

/* Its end was seen: what it has said, or why it could not even be run. */
static int explain(struct pasta *pasta, struct err *err)
{
	cleanup_free char *text = NULL;
	int r = child_wait(&pasta->child, err);

	if (r == 0)
		return err_say(err, EIO, "--network pasta: it ended without a word");
	if (r != -ECHILD || fd_read_all(pasta->complaints, 8192, &text, NULL, NULL) < 0)
		return r;
	const char *said = last_complaint(text);
	return said ? err_say(err, ECHILD, "--network pasta: %.200s", said)
		    : err_prefix(err, "--network pasta");
}

/* Returns how many bytes it said; 0: it has ended; -errno. */
static ssize_t await(int ready)
{
	char number[16];
	int r = clock_poll(ready, clock_now() + READY_MAX_US);

	if (r < 0)
		return r;
	ssize_t n = read(ready, number, sizeof(number));
	return n < 0 ? -errno : n;
}

static void let_go(struct pasta *pasta)
{
	pasta->ready = fd_close(pasta->ready);
	pasta->complaints = fd_close(pasta->complaints);
}

int pasta_wait(struct pasta *pasta, struct err *err)
{
	ssize_t said = await(pasta->ready);
	int r = 0;

	if (said == 0)
		r = explain(pasta, err);
	else if (said < 0)
		r = err_sys(err, (int)-said, "--network pasta: it does not become ready");
	let_go(pasta);
	return r;
}

void pasta_end(struct pasta *pasta)
{
	let_go(pasta);
	if (pasta->child.pid < 0)
		return;
	(void)kill(pasta->child.pid, SIGTERM);
	(void)child_wait(&pasta->child, NULL);
}
