/* SPDX-License-Identifier: MIT */

/*
 * PID 1 of a jail. It reaps whatever ends in the jail, passes every signal it gets on to the
 * command, tells the supervisor when the command stops or ends, and ends with it; the kernel then
 * kills what is left. Without a command it reaps and answers its supervisor, until that kills it.
 *
 * It is small and static, because it stands in every jail for as long as the jail lives, and it
 * trusts nothing in there: no environment, no file, no library. Signals were blocked before the
 * exec, so that none is lost, and are taken one by one; there is no handler.
 */

#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/init/report.h"

/* Standard input and output are the command's alone: a reader of its output must see the end of it
 * when the command closes it, and not when we do. */
static void let_go_of_files(void)
{
	for (int fd = 0; fd < INIT_REPORT_FD; fd++)
		close(fd);
}

/* What ps(1) shows; from the descriptor that was exec'd, kernels before 6.14 make it a number. */
static void take_name(void)
{
	(void)prctl(PR_SET_NAME, "contain-init", 0, 0, 0);
}

/* Passing signals to a command that runs as another user is all that we may still do. First of all,
 * we must not be traced by the command, which may have as many capabilities as are left to us. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(1);
	data[0].effective = data[0].permitted = 1u << CAP_KILL;
	if (syscall(SYS_capset, &header, data) == 0)
		return;
	/* Started without CAP_KILL: then without any. */
	data[0].effective = data[0].permitted = 0;
	if (syscall(SYS_capset, &header, data) < 0)
		_exit(1);
}

static void report(enum init_event event, int value)
{
	struct init_report message = { event, value };

	/* If nobody listens any more, the supervisor is dead and so are we, in a moment. */
	(void)send(INIT_REPORT_FD, &message, sizeof(message), MSG_NOSIGNAL);
}

/* Reap all that has ended. Several ends may stand behind one SIGCHLD. */
static void reap(pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != command)
			continue;
		if (WIFSTOPPED(status)) {
			report(INIT_STOPPED, WSTOPSIG(status));
			continue;
		}
		report(INIT_ENDED, status);
		_exit(0);
	}
}

/* Stopping and going on is meant for all that runs in the foreground, anything else for the
 * command. */
static void pass_on(pid_t command, int number)
{
	if ((number == SIGTSTP || number == SIGCONT) && kill(-command, number) == 0)
		return;
	(void)kill(command, number);
}

_Noreturn static void serve_command(pid_t command, const sigset_t *all)
{
	reap(command); /* it may have ended before we were there */
	for (;;) {
		int number = sigwaitinfo(all, NULL);
		if (number == SIGCHLD)
			reap(command);
		else if (number > 0)
			pass_on(command, number);
	}
}

/* Whatever has no parent in the jail any more is our child. */
static bool is_alone(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0;
}

/* Nothing waits for room in the socket: the supervisor asks again when it matters. */
static void tell_whether_alone(void)
{
	struct init_report message = { is_alone() ? INIT_ALONE : INIT_BUSY, 0 };

	(void)send(INIT_REPORT_FD, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void reap_all(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (is_alone())
		tell_whether_alone();
}

static void end_all(void)
{
	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT); /* what is stopped shall hear of it */
}

_Noreturn static void serve_sessions(const sigset_t *all)
{
	for (;;) {
		int number = sigwaitinfo(all, NULL);
		if (number == SIGCHLD)
			reap_all();
		else if (number == INIT_SIGNAL_ALONE)
			tell_whether_alone();
		else if (number == INIT_SIGNAL_END)
			end_all();
	}
}

int main(int argc, char **argv)
{
	sigset_t all;
	pid_t command = argc == 2 ? (pid_t)strtol(argv[1], NULL, 10) : 0;

	if (argc > 1 && command <= 1)
		return 1;
	take_name();
	let_go_of_files();
	drop_capabilities();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (command)
		serve_command(command, &all);
	serve_sessions(&all);
}
