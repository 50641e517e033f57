/* SPDX-License-Identifier: MIT */
#include "lib/jail/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/fd.h"

bool terminal_wanted(void)
{
	return isatty(0) && isatty(1);
}

static int callers_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return fd;
	return -1;
}

void terminal_imitate(int terminal)
{
	int caller = callers_terminal();
	struct termios settings;
	struct winsize size;

	if (caller < 0)
		return;
	if (tcgetattr(caller, &settings) == 0)
		(void)tcsetattr(terminal, TCSANOW, &settings);
	if (ioctl(caller, TIOCGWINSZ, &size) == 0)
		(void)ioctl(terminal, TIOCSWINSZ, &size);
}

static bool in_foreground(const struct terminal *terminal)
{
	return terminal->caller >= 0 && tcgetpgrp(terminal->caller) == getpgrp();
}

static void make_raw(struct terminal *terminal)
{
	struct termios raw;

	if (terminal->raw || !in_foreground(terminal) ||
	    tcgetattr(terminal->caller, &terminal->before) < 0)
		return;
	raw = terminal->before;
	cfmakeraw(&raw);
	terminal->raw = tcsetattr(terminal->caller, TCSADRAIN, &raw) == 0;
}

void terminal_start(struct terminal *terminal, int master)
{
	*terminal = (struct terminal){ .master = master,
		.slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
		.caller = callers_terminal(),
		.in = { .from = 0, .to = master },
		.out = { .from = master, .to = 1 } };
	(void)fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK);
	make_raw(terminal);
}

void terminal_resume(struct terminal *terminal)
{
	make_raw(terminal);
	terminal_resize(terminal);
}

void terminal_restore(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	/* From the background this would stop us; we block SIGTTOU, and a terminal left raw is
	 * worse for the person in front of it. */
	(void)tcsetattr(terminal->caller, TCSADRAIN, &terminal->before);
	terminal->raw = false;
}

void terminal_resize(const struct terminal *terminal)
{
	struct winsize size;

	if (terminal->caller >= 0 && ioctl(terminal->caller, TIOCGWINSZ, &size) == 0)
		(void)ioctl(terminal->master, TIOCSWINSZ, &size);
}

static bool is_empty(const struct terminal_pipe *pipe)
{
	return pipe->start == pipe->end;
}

void terminal_poll(const struct terminal *terminal, struct pollfd polls[TERMINAL_POLLS])
{
	/* Reading the caller's terminal from the background would stop us. */
	bool may_read = !isatty(0) || in_foreground(terminal);
	bool read_in = is_empty(&terminal->in) && !terminal->in.at_end && may_read;
	short master = 0;

	if (is_empty(&terminal->out) && !terminal->out.at_end)
		master |= POLLIN;
	if (!is_empty(&terminal->in))
		master |= POLLOUT;
	polls[0] = (struct pollfd){ .fd = read_in ? 0 : -1, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = is_empty(&terminal->out) ? -1 : 1, .events = POLLOUT };
	polls[2] = (struct pollfd){ .fd = master ? terminal->master : -1, .events = master };
}

static void fill(struct terminal_pipe *pipe)
{
	ssize_t n = read(pipe->from, pipe->data, sizeof(pipe->data));

	if (n > 0) {
		pipe->start = 0;
		pipe->end = (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		pipe->at_end = true; /* EIO is what a master says when nobody has the slave open */
	}
}

static void drain(struct terminal_pipe *pipe)
{
	ssize_t n = write(pipe->to, pipe->data + pipe->start, pipe->end - pipe->start);

	if (n >= 0)
		pipe->start += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		pipe->start = pipe->end; /* nobody reads it any more */
}

/* What a person would type to end the input; the program decides what it means. */
static void type_end_of_file(struct terminal_pipe *in, int master)
{
	struct termios settings;

	if (tcgetattr(master, &settings) < 0 || !(settings.c_lflag & ICANON))
		return;
	in->data[0] = (char)settings.c_cc[VEOF];
	in->start = 0;
	in->end = 1;
}

void terminal_relay(struct terminal *terminal, const struct pollfd polls[TERMINAL_POLLS])
{
	const short ready = POLLIN | POLLHUP | POLLERR;

	if (polls[0].fd >= 0 && (polls[0].revents & ready)) {
		fill(&terminal->in);
		if (terminal->in.at_end && is_empty(&terminal->in))
			type_end_of_file(&terminal->in, terminal->master);
	}
	if (polls[2].fd >= 0 && (polls[2].revents & POLLOUT))
		drain(&terminal->in);
	if (polls[2].fd >= 0 && (polls[2].events & POLLIN) && (polls[2].revents & ready))
		fill(&terminal->out);
	if (polls[1].fd >= 0 && (polls[1].revents & (POLLOUT | POLLHUP | POLLERR)))
		drain(&terminal->out);
}

static void write_out(struct terminal_pipe *out)
{
	struct pollfd writable = { .fd = out->to, .events = POLLOUT };

	while (!is_empty(out))
		if (poll(&writable, 1, -1) > 0)
			drain(out);
}

void terminal_finish(struct terminal *terminal)
{
	terminal->slave = fd_close(terminal->slave);
	/* Now every slave is closed, so reading gives what is left and then EIO, and never blocks.
	 */
	do {
		write_out(&terminal->out);
		fill(&terminal->out);
	} while (!is_empty(&terminal->out));
	terminal_restore(terminal);
	terminal->master = fd_close(terminal->master);
}
