/* SPDX-License-Identifier: MIT */
#include "lib/jail/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/init/report.h"

/*
 * One poll(2) over all that can happen: a signal for us, a report from contain-init, bytes for one
 * side of the terminal, the end of the first process, the end of the time.
 */
enum { POLL_SIGNALS, POLL_REPORT, POLL_END, POLL_TERMINAL, POLLS = POLL_TERMINAL + TERMINAL_POLLS };

struct watch {
	struct jail *jail;
	struct jail_result *result;
	int signals;	      /* signalfd */
	bool ended;	      /* the command's status is known */
	bool gone;	      /* the first process is reaped, and with it the whole jail */
	uint64_t deadline_us; /* 0: none */
};

static void send_to_jail(const struct watch *watch, int number)
{
	/* To the first process, which passes it on, or is the command itself. */
	(void)pidfd_send_signal(watch->jail->pidfd, number, NULL, 0);
}

/*
 * As the terminal driver would stop us: in an orphaned process group, where nobody could continue
 * us, the kernel lets it pass (setpgid(2)), and then the command goes on at once as well.
 */
static void stop_ourselves(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

/*
 * The command has stopped, so we stop too, and the caller's shell gets its terminal back. Whatever
 * continues us continues the command.
 */
static void stop_with_command(struct watch *watch)
{
	struct jail *jail = watch->jail;

	if (jail->terminal)
		terminal_restore(&jail->relay);
	stop_ourselves();
	if (jail->terminal)
		terminal_resume(&jail->relay);
	send_to_jail(watch, SIGCONT);
}

/* What it said before it ended, and after the last look at its reports: its own status, when it is
 * contain-init, is not the command's. */
static void take_last_report(struct watch *watch)
{
	struct init_report report;

	while (!watch->ended && recv(watch->jail->report[0], &report, sizeof(report),
				    MSG_DONTWAIT) == sizeof(report)) {
		if (report.event != INIT_ENDED)
			continue;
		watch->result->wait_status = report.value;
		watch->ended = true;
	}
}

/* The first process is the command (no_init): it is our own child that stops or ends. */
static void reap(struct watch *watch)
{
	struct jail *jail = watch->jail;
	struct rusage usage;
	int status;

	if (watch->gone)
		return;
	pid_t pid = wait4(jail->first, &status, WNOHANG | WUNTRACED, &usage);
	if (pid != jail->first)
		return;
	if (WIFSTOPPED(status)) {
		stop_with_command(watch);
		return;
	}
	watch->gone = jail->reaped = true;
	watch->result->cpu_us =
	    (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	    (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	take_last_report(watch);
	/* Without a report before it, contain-init itself was killed; or it is the command. */
	if (!watch->ended)
		watch->result->wait_status = status;
	watch->ended = true;
}

static void handle_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;
		if (number == SIGCHLD)
			reap(watch);
		else if (number == SIGWINCH && watch->jail->terminal)
			terminal_resize(&watch->jail->relay);
		else if (number == SIGCONT && watch->jail->terminal)
			terminal_resume(&watch->jail->relay);
		else if (number != SIGTTOU && number != SIGTTIN && number != SIGPIPE)
			send_to_jail(watch, number);
	}
}

static void handle_report(struct watch *watch)
{
	struct init_report report;
	ssize_t n = recv(watch->jail->report[0], &report, sizeof(report), MSG_DONTWAIT);

	if (n != sizeof(report)) {
		if (n == 0 || errno != EAGAIN)
			watch->jail->report[0] = fd_close(watch->jail->report[0]);
		return;
	}
	if (report.event == INIT_STOPPED) {
		stop_with_command(watch);
	} else if (report.event == INIT_ENDED) {
		watch->result->wait_status = report.value;
		watch->ended = true;
	}
}

static int milliseconds_left(const struct watch *watch)
{
	if (!watch->deadline_us || watch->result->timed_out)
		return -1;
	return clock_left(watch->deadline_us);
}

static void check_deadline(struct watch *watch)
{
	if (watch->ended || milliseconds_left(watch) != 0)
		return;
	watch->result->timed_out = true;
	send_to_jail(watch, SIGKILL);
}

static int wait_once(struct watch *watch, struct err *err)
{
	struct jail *jail = watch->jail;
	struct pollfd polls[POLLS] = {
		[POLL_SIGNALS] = { .fd = watch->signals, .events = POLLIN },
		[POLL_REPORT] = { .fd = jail->report[0], .events = POLLIN },
		[POLL_END] = { .fd = jail->pidfd, .events = POLLIN },
	};
	nfds_t count = jail->terminal ? POLLS : POLL_TERMINAL;

	if (jail->terminal)
		terminal_poll(&jail->relay, polls + POLL_TERMINAL);
	if (poll(polls, count, milliseconds_left(watch)) < 0)
		return errno == EINTR ? 0 : err_sys(err, errno, "cannot wait for the container");
	/* The report before the end, so that a status is known when there is one. */
	if (polls[POLL_REPORT].revents)
		handle_report(watch);
	if (jail->terminal)
		terminal_relay(&jail->relay, polls + POLL_TERMINAL);
	if (polls[POLL_SIGNALS].revents)
		handle_signals(watch);
	if (polls[POLL_END].revents)
		reap(watch);
	check_deadline(watch);
	return 0;
}

/*
 * Without a terminal the command has our standard input and output themselves. Our copies would
 * keep a writer from noticing that the command reads no more, and a reader from seeing the end.
 */
static int let_go_of_files(struct err *err)
{
	cleanup_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return err_sys(err, errno, "cannot open /dev/null");
	return 0;
}

int supervise(struct jail *jail, struct jail_result *ret, struct err *err)
{
	struct jail_result result = { 0 };
	sigset_t blocked;
	struct watch watch = { .jail = jail, .result = &result };
	int r = 0;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	cleanup_fd int signals = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return err_sys(err, errno, "cannot wait for signals");
	watch.signals = signals;
	if (jail->spec->run.timeout_ms != SPEC_UNSET)
		watch.deadline_us = jail->started_us + jail->spec->run.timeout_ms * 1000;
	if (!jail->terminal)
		r = let_go_of_files(err);
	/* While the command runs, and not before: it is not what anybody waits for. */
	(void)registry_gc(&jail->registry);
	while (r == 0 && !watch.gone)
		r = wait_once(&watch, err);
	if (r < 0)
		return r;
	if (jail->terminal)
		terminal_finish(&jail->relay);
	jail_sum_up(jail, &result);
	*ret = result;
	return 0;
}
