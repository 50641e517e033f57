/* SPDX-License-Identifier: MIT */
#include "lib/kernel/dnsmasq.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/kernel/accounts.h"
#include "lib/kernel/dnsmasq_confine.h"
#include "lib/kernel/host_sets.h"
#include "lib/kernel/network.h"

#define PACKAGE	 "install the package dnsmasq-base (Debian, Ubuntu) or dnsmasq (Fedora)"
#define RETRY_US 1000000 /* where a half could not be emptied */

/* ------------------------------------------------------------------ the keeper */

struct keeper {
	const struct dnsmasq_request *request;
	char *confs[DNSMASQ_ROLES]; /* NULL: not needed */
	int ready;		    /* write end; 3, once it has begun */
	int sets;
	unsigned half;	      /* of HOST_SET_HALVES: which is emptied next */
	uint64_t empty_at;    /* when */
	unsigned forerunners; /* that dnsmasq leaves behind where it goes into the background */
};

/* Nothing of the supervisor's: its locks and sockets would seem to be held by somebody. */
static int let_go(struct keeper *keeper, struct err *err)
{
	/* Closed with all others. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return err_sys(err, errno, "cannot open /dev/null");
	if (keeper->ready != 3 && dup3(keeper->ready, 3, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot keep a pipe");
	keeper->ready = 3;
	return close_range(4, ~0u, 0) < 0 ? err_sys(err, errno, "cannot close what is open") : 0;
}

static int prepare(struct keeper *keeper, struct err *err)
{
	const struct dnsmasq_request *request = keeper->request;
	int r = 0;

	(void)prctl(PR_SET_NAME, "contain-names");
	if (setns(request->netns, CLONE_NEWNET) < 0)
		return err_sys(err, errno, "cannot enter the container's network namespace");
	r = let_go(keeper, err);
	if (r == 0)
		r = network_loopback_up(err);
	keeper->sets = r < 0 ? -1 : host_sets_open();
	if (r == 0 && keeper->sets < 0)
		r = err_sys(err, -keeper->sets, "cannot talk to the firewall");
	if (r == 0)
		r = dnsmasq_confine(request->hosts, keeper->confs, err);
	if (r == 0)
		r = seccomp_filter_install(request->filter, err);
	/* Last: a change of ids takes it back. Who died before is found out by telling them. */
	if (r == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = err_sys(err, errno, "cannot die with the supervisor");
	return r;
}

/* It goes into the background when it has bound its sockets, and complains before that. */
static int run_one(void *argument, struct err *err)
{
	return child_capture(
	    (char *[]){ (char *)DNSMASQ_PROGRAM, argument, NULL }, 4096, NULL, err);
}

/* All at once, each with a child that waits for it. */
static int run_all(struct keeper *keeper, struct err *err)
{
	struct child children[DNSMASQ_ROLES];
	char argument[sizeof("--conf-file=") + DNSMASQ_CONF_MAX];
	int r = 0;

	for (int i = 0; r == 0 && i < DNSMASQ_ROLES; i++) {
		children[i] = (struct child)CHILD_INIT;
		if (!keeper->confs[i])
			continue;
		snprintf(argument, sizeof(argument), "--conf-file=" DNSMASQ_CONF_FORMAT, i);
		r = child_start(&children[i], run_one, argument, err);
		keeper->forerunners++;
	}
	/* After a failure the keeper ends, and with it all that it has started. */
	for (int i = 0; r == 0 && i < DNSMASQ_ROLES; i++)
		r = child_wait(&children[i], err);
	return r;
}

/* Whether one of them is dead: it has left one process behind, which ends at once, and itself. */
static bool has_ended(struct keeper *keeper)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		if (keeper->forerunners-- == 0)
			return true;
	return false;
}

static void empty_half(struct keeper *keeper)
{
	char half = HOST_SET_HALVES[keeper->half];
	int r = host_sets_flush(keeper->sets, half, keeper->request->hosts->count);

	keeper->empty_at = clock_now() + (r < 0 ? RETRY_US : HOST_NAMES_TTL * UINT64_C(1000000));
	if (r == 0)
		keeper->half = !keeper->half;
}

/* Until one of them ends. SIGALRM brings the emptying forward: for tests, and who asks for it has
 * the right to change the sets anyway. */
static void keep(struct keeper *keeper)
{
	sigset_t awaited;
	struct timespec left;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGCHLD);
	sigaddset(&awaited, SIGALRM);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	keeper->empty_at = clock_now() + HOST_NAMES_TTL * UINT64_C(1000000);
	while (!has_ended(keeper)) {
		uint64_t now = clock_now();
		uint64_t us = keeper->empty_at > now ? keeper->empty_at - now : 0;
		left = (struct timespec){ (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };
		int number = sigtimedwait(&awaited, NULL, &left);
		if (number == SIGALRM || (number < 0 && errno == EAGAIN))
			empty_half(keeper);
	}
}

/* Never returns. */
static void be_the_keeper(struct keeper *keeper)
{
	struct err err = ERR_INIT;
	sigset_t none;

	/* dnsmasq inherits it. Where a signal is not awaited PID 1 does not get it. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGALRM, SIG_DFL);
	int r = prepare(keeper, &err);
	if (r == 0)
		r = run_all(keeper, &err);
	if (r == 0)
		err_clear(&err);
	else if (!err.code)
		err_say(&err, EIO, "failed without a reason");
	if (fd_write_all(keeper->ready, &err, sizeof(err)) < 0 || r < 0)
		_exit(1);
	fd_close(keeper->ready);
	keep(keeper);
	_exit(0);
}

/* ------------------------------------------------------------------ the supervisor's side */

int dnsmasq_user(struct host_names *ret, struct err *err)
{
	struct credentials user;
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (access(DNSMASQ_PROGRAM, X_OK) < 0)
		return err_say(
		    err, ENOENT, "--egress: names of hosts need " DNSMASQ_PROGRAM ": " PACKAGE);
	if (root < 0)
		return err_sys(err, errno, "cannot open /");
	int r = accounts_lookup(root, DNSMASQ_USER, UINT32_MAX, &user, err);
	if (r < 0 || user.uid == 0)
		return err_say(err, r < 0 ? -r : EPERM,
		    "--egress: names of hosts need the user " DNSMASQ_USER
		    " in /etc/passwd, who is not root: " PACKAGE);
	ret->uid = user.uid;
	ret->gid = user.gid;
	return 0;
}

static int make_confs(
    const struct dnsmasq_request *request, char *confs[DNSMASQ_ROLES], struct err *err)
{
	int r = 0;

	for (int i = 0; r == 0 && i < DNSMASQ_ROLES; i++)
		r = dnsmasq_conf(request->hosts, (enum dnsmasq_role)i, &confs[i], err);
	return r;
}

static int start_keeper(struct dnsmasq *dnsmasq, struct keeper *keeper, struct err *err)
{
	struct clone_args args = { .flags =
				       CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS,
		.exit_signal = SIGCHLD };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int read_end = ends[0];
	cleanup_fd int write_end = ends[1];
	keeper->ready = write_end;
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return err_sys(err, errno, "cannot make namespaces for dnsmasq");
	if (pid == 0)
		be_the_keeper(keeper);
	*dnsmasq = (struct dnsmasq){ .keeper = (pid_t)pid, .ready = take_fd(&read_end) };
	return 0;
}

int dnsmasq_start(struct dnsmasq *dnsmasq, const struct dnsmasq_request *request, struct err *err)
{
	struct keeper keeper = { .request = request, .sets = -1 };
	int r = make_confs(request, keeper.confs, err);

	if (r == 0)
		r = start_keeper(dnsmasq, &keeper, err);
	for (int i = 0; i < DNSMASQ_ROLES; i++)
		free(keeper.confs[i]);
	return r;
}

int dnsmasq_wait(struct dnsmasq *dnsmasq, struct err *err)
{
	struct err theirs = ERR_INIT;
	cleanup_fd int ready = take_fd(&dnsmasq->ready);
	ssize_t n;

	do
		n = read(ready, &theirs, sizeof(theirs));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(theirs))
		return err_say(err, ECHILD, "--egress: who looks names up was killed");
	if (!theirs.code)
		return 0;
	theirs.text[sizeof(theirs.text) - 1] = '\0';
	return err_say(err, theirs.code, "--egress: %s", theirs.text);
}

void dnsmasq_stop(struct dnsmasq *dnsmasq)
{
	dnsmasq->ready = fd_close(dnsmasq->ready);
	if (dnsmasq->keeper < 0)
		return;
	(void)kill(dnsmasq->keeper, SIGKILL);
	while (waitpid(dnsmasq->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	dnsmasq->keeper = -1;
}
