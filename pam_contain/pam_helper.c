/* SPDX-License-Identifier: MIT */
#include "pam_contain/pam_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

#define PROGRAM LIBEXECDIR "/contain-session"

/* Enough for the few calls of the two below, also for what lazy binding puts there. */
#define STACK_SIZE 16384

/* What both processes on the way to the helper and the application see: its memory is theirs. */
struct start {
	int socket;
	int errnum;
	char stack_between[STACK_SIZE] __attribute__((aligned(16)));
	char stack_helper[STACK_SIZE] __attribute__((aligned(16)));
};

/*
 * As vfork(2): the child runs in our memory, on `stack`, and we go on when it has ended or become
 * another program. A copy of the page tables of a large application would take longer than all that
 * the helper does.
 *
 * Without SIGCHLD: a process whose end is told by no signal is not waited for by wait(2) (clone(2),
 * "the exit signal"), so that neither a handler of the application nor a SIGCHLD that it ignores,
 * nor its wait for any child, has to do with it.
 */
static pid_t clone_quietly(int (*run)(void *), char *stack, struct start *start)
{
	return clone(run, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK, start);
}

/* Only system calls, until there is another program. */
static int be_the_helper(void *data)
{
	static char *const argv[] = { "contain-session", NULL };
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	struct start *start = data;
	/* The descriptor may be REQUEST_FD itself, and then dup2() would leave it close-on-exec. */
	int moved = fcntl(start->socket, F_DUPFD_CLOEXEC, REQUEST_FD + 1);

	if (moved >= 0 && dup2(moved, REQUEST_FD) >= 0)
		execve(PROGRAM, argv, environment);
	start->errnum = errno;
	_exit(127);
}

/* Ends at once, so that the helper is nobody's child. It must not be the one that executes the
 * program: after an exec every process tells its end by SIGCHLD. */
static int be_the_one_between(void *data)
{
	struct start *start = data;

	if (clone_quietly(be_the_helper, start->stack_helper, start) < 0)
		start->errnum = errno;
	_exit(0);
}

static int start_helper(int socket, struct err *err)
{
	struct start start = { .socket = socket };
	sigset_t all, before;
	int errnum = errno;

	/* No handler of the application may run in the children. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = clone_quietly(be_the_one_between, start.stack_between, &start);
	if (pid < 0)
		start.errnum = errno;
	else
		(void)waitpid(pid, NULL, __WALL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	errno = errnum;
	return start.errnum ? err_sys(err, start.errnum, "cannot run %s", PROGRAM) : 0;
}

int helper_ask(const struct login_request *request, struct err *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(err, errno, "cannot make a socket pair");
	cleanup_fd int ours = ends[0];
	cleanup_fd int theirs = ends[1];
	/* Sent before there is anybody to read it: that cannot make us wait. */
	int r = fd_send(ours, request, sizeof(*request), -1);
	if (r < 0)
		return err_sys(err, -r, "cannot send the request");
	r = start_helper(theirs, err);
	return r < 0 ? r : take_fd(&ours);
}
