/* SPDX-License-Identifier: MIT */
#include "lib/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

/*
 * The parent may have died before the request took effect; then nobody waits for the result. An
 * alarm(2) ends the child too, whatever signals its parent has blocked for itself.
 */
static void die_with(pid_t parent)
{
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	(void)signal(SIGALRM, SIG_DFL);
	(void)sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

int child_start(struct child *child, int (*work)(void *argument, struct err *err), void *argument,
    struct err *err)
{
	int ends[2];
	pid_t parent = getpid();

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	pid_t pid = fork();
	if (pid < 0) {
		int r = err_sys(err, errno, "cannot fork");
		fd_close(ends[0]);
		fd_close(ends[1]);
		return r;
	}
	if (pid == 0) {
		struct err own = ERR_INIT;

		die_with(parent);
		fd_close(ends[0]);
		if (work(argument, &own) == 0)
			_exit(0);
		if (!own.code)
			err_say(&own, EIO, "failed without a reason");
		(void)fd_write_all(ends[1], &own, sizeof(own));
		_exit(1);
	}
	fd_close(ends[1]);
	*child = (struct child){ .pid = pid, .errors = ends[0] };
	return 0;
}

static int reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int child_wait(struct child *child, struct err *err)
{
	struct err theirs = ERR_INIT;
	cleanup_fd int errors = take_fd(&child->errors);
	int status = 0;

	if (child->pid < 0)
		return 0;
	ssize_t n = 0;
	do
		n = read(errors, &theirs, sizeof(theirs));
	while (n < 0 && errno == EINTR);
	int r = reap(child->pid, &status);
	child->pid = -1;
	if (n == sizeof(theirs) && theirs.code > 0) {
		theirs.text[sizeof(theirs.text) - 1] = '\0';
		theirs.stage[sizeof(theirs.stage) - 1] = '\0';
		if (err)
			*err = theirs;
		return -theirs.code;
	}
	if (r < 0)
		return err_sys(err, -r, "cannot wait for a child process");
	if (WIFSIGNALED(status))
		return err_say(err, ECHILD, "a child process was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (status)
		return err_say(
		    err, ECHILD, "a child process ended with code %d", WEXITSTATUS(status));
	return 0;
}

int child_run(int (*work)(void *argument, struct err *err), void *argument, struct err *err)
{
	struct child child = CHILD_INIT;
	int r = child_start(&child, work, argument, err);

	return r < 0 ? r : child_wait(&child, err);
}

struct capture {
	char *const *argv;
	int out;
	int complaints;
};

static int exec_captured(void *argument, struct err *err)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		NULL };
	const struct capture *capture = argument;
	cleanup_fd int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(capture->out, 1) < 0 ||
	    dup2(capture->complaints, 2) < 0 || chdir("/") < 0)
		return err_sys(err, errno, "cannot prepare to run %s", capture->argv[0]);
	execve(capture->argv[0], capture->argv, environment);
	return err_sys(err, errno, "cannot run %s", capture->argv[0]);
}

int child_explain(const char *program, int complaints, int r, struct err *err)
{
	cleanup_free char *text = NULL;

	if (r != -ECHILD || fd_read_all(complaints, 4096, &text, NULL, NULL) < 0 || !*text)
		return err_prefix(err, "%s", program);
	text[strcspn(text, "\n")] = '\0';
	return err_say(err, -r, "%s: %s", program, text);
}

int child_capture(char *const argv[], size_t max, char **ret, struct err *err)
{
	int out[2], complaints[2];
	struct child child = CHILD_INIT;
	cleanup_free char *text = NULL;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int out_read = out[0];
	if (pipe2(complaints, O_CLOEXEC | O_NONBLOCK) < 0) {
		int r = err_sys(err, errno, "cannot make a pipe");
		fd_close(out[1]);
		return r;
	}
	cleanup_fd int complaints_read = complaints[0];
	struct capture capture = { .argv = argv, .out = out[1], .complaints = complaints[1] };
	int r = child_start(&child, exec_captured, &capture, err);
	fd_close(out[1]);
	fd_close(complaints[1]);
	if (r < 0)
		return r;
	int read_result = fd_read_all(out_read, max, &text, NULL, NULL);
	out_read = fd_close(out_read); /* a program that goes on writing ends by SIGPIPE */
	r = child_wait(&child, err);
	if (r < 0)
		return child_explain(argv[0], complaints_read, r, err);
	if (read_result < 0)
		return err_sys(err, -read_result, "cannot read what %s says", argv[0]);
	if (ret)
		*ret = take_ptr(text);
	return 0;
}
