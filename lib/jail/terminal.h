/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_TERMINAL_H
#define CONTAIN_JAIL_TERMINAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/*
 * The supervisor's end of a jail's own terminal: bytes between the caller's standard input and
 * output and the master, the caller's terminal in raw mode while the jail has the foreground,
 * window sizes passed on. The jail never gets a descriptor of the caller's terminal, so that it
 * cannot type into it (TIOCSTI: CVE-2017-5226).
 */
struct terminal_pipe {
	int from, to;
	char data[4096];
	size_t start, end; /* what is read and not yet written */
	bool at_end;	   /* nothing more will come */
};

struct terminal {
	int master;
	int slave;	       /* kept open, so that the jail may close and reopen it */
	int caller;	       /* the caller's terminal: 0, else 1, else -1 */
	struct termios before; /* as we found it */
	bool raw;
	struct terminal_pipe in, out;
};

/* Whether a jail gets a terminal of its own by default: standard input and output are terminals. */
bool terminal_wanted(void);

/* Give a new terminal the settings and size of the caller's, where it has one. */
void terminal_imitate(int terminal);

/* Take over master (made non-blocking); the caller's terminal becomes raw if we are in its
 * foreground. */
void terminal_start(struct terminal *terminal, int master);

/* Raw mode again after the caller's shell had the terminal, and the size it may have got meanwhile.
 */
void terminal_resume(struct terminal *terminal);

/* Give the caller's terminal back as it was. Safe to call twice. */
void terminal_restore(struct terminal *terminal);

/* Pass the caller's window size on to the jail, which gets SIGWINCH if it changed. */
void terminal_resize(const struct terminal *terminal);

/* What to wait for: fills 3 pollfds. terminal_relay() is then given them back. */
enum { TERMINAL_POLLS = 3 };
void terminal_poll(const struct terminal *terminal, struct pollfd polls[TERMINAL_POLLS]);
void terminal_relay(struct terminal *terminal, const struct pollfd polls[TERMINAL_POLLS]);

/* Write out what is still in the terminal after its last process has gone; then close the master.
 */
void terminal_finish(struct terminal *terminal);

#endif
