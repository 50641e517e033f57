/* SPDX-License-Identifier: MIT */
#include "pam_contain/pam_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/jail/enter.h"

#define PROGRAM LIBEXECDIR "/contain-session"

#define AFTER_KILL_US 1000000 /* a process that waits for a device does not die at once */

/*
 * fork(2) without SIGCHLD: a process whose end is told by no signal is not waited for by wait(2)
 * (clone(2), "the exit signal"), so that neither a handler of the application nor a SIGCHLD that it
 * ignores, nor its wait for any child, has to do with it. The C library knows nothing of it; that
 * is fine for a child that only calls the kernel.
 */
static pid_t clone_quietly(unsigned long flags, int *ret_pidfd)
{
	return (pid_t)syscall(SYS_clone, flags, NULL, ret_pidfd, NULL, NULL);
}

/* Shares nothing with the application but what fork(2) copies: only system calls, until there is
 * another program. */
_Noreturn static void be_the_helper(int socket)
{
	static char *const argv[] = { "contain-session", NULL };
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	struct {
		struct enter_header header;
		int errnum;
	} absent = { .header.kind = ENTER_ABSENT };
	/* The descriptor may be REQUEST_FD itself, and then dup2() would leave it close-on-exec. */
	int moved = fcntl(socket, F_DUPFD_CLOEXEC, REQUEST_FD + 1);

	if (moved >= 0 && dup2(moved, REQUEST_FD) >= 0)
		execve(PROGRAM, argv, environment);
	absent.errnum = errno;
	(void)send(socket, &absent, sizeof(absent), MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(127);
}

/* Ends at once, so that the helper is nobody's child. It must not be the one that executes the
 * program: after an exec every process tells its end by SIGCHLD. */
_Noreturn static void be_the_one_between(int socket)
{
	pid_t pid = clone_quietly(0, NULL);

	if (pid == 0)
		be_the_helper(socket);
	_exit(pid < 0 ? errno : 0);
}

static int wait_for_fork(int pidfd, uint64_t deadline_us, struct err *err)
{
	siginfo_t info = { .si_status = 0 };
	int r = clock_poll(pidfd, deadline_us);

	if (r < 0) {
		(void)pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		(void)clock_poll(pidfd, clock_now() + AFTER_KILL_US);
	}
	(void)waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | __WALL);
	if (r < 0)
		return err_sys(err, -r, "cannot start %s", PROGRAM);
	if (info.si_code != CLD_EXITED || info.si_status != 0)
		return err_sys(err, info.si_code == CLD_EXITED ? info.si_status : ECHILD,
		    "cannot start %s", PROGRAM);
	return 0;
}

static int start(int socket, uint64_t deadline_us, struct err *err)
{
	sigset_t all, before;
	int pidfd = -1;

	/* No handler of the application may run in the child. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = clone_quietly(CLONE_PIDFD, &pidfd);
	if (pid == 0)
		be_the_one_between(socket);
	int errnum = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return err_sys(err, errnum, "cannot fork");
	int r = wait_for_fork(pidfd, deadline_us, err);
	fd_close(pidfd);
	return r;
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
	r = start(theirs, request->deadline_us, err);
	return r < 0 ? r : take_fd(&ours);
}
