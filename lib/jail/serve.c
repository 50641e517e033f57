/* SPDX-License-Identifier: MIT */
#include "lib/jail/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/init/report.h"
#include "lib/jail/admit.h"
#include "lib/jail/stages.h"
#include "lib/jail/tty.h"

#define KILL_AFTER_US	1000000 /* from SIGTERM to SIGKILL */
#define OFFER_WAIT_US	1000000 /* that an end is put off for somebody who is about to offer */
#define LINGER_LEAST_US 100000	/* a process whose parent ends is PID 1's only a moment later */

struct serve;

/* What epoll(7) gives back. */
struct source {
	int fd;
	void (*ready)(struct serve *serve, struct source *source);
};

/* A terminal of the host, shown in the jail; "" for none. */
struct shown {
	char name[TTY_NAME_SIZE];
	int keep;
};

/* A session that is inside, or was told how to get there. */
struct visitor {
	struct source source; /* its socket: end of file is the end of the session */
	struct control_session session;
	uint64_t since_us;
	struct shown terminals[2]; /* the one that it is started on, and one that it made */
	struct visitor *next;
};

/* A connection on which nothing was offered yet. */
struct offer {
	struct source source;
	struct offer *next;
};

struct serve {
	struct jail *jail;
	const struct serve_hooks *hooks;
	struct jail_result *result;
	int epoll;
	struct source listener, report, end, signals, watch;
	struct visitor *visitors;
	struct offer *offers;
	int spare;	   /* a descriptor to give up where there are no more */
	uint64_t timer_us; /* when time_is_up() is due; 0: never */
	bool ending;	   /* no more sessions; SIGTERM was sent */
	bool gone;	   /* PID 1 is reaped, and with it the whole jail */
};

static int add_source(struct serve *serve, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	if (source->fd < 0)
		return 0;
	return epoll_ctl(serve->epoll, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : 0;
}

/*
 * Removed before it is closed: the finder has a session's socket too, for a moment longer than a
 * short session lasts, and epoll(7) watches what is open by whomever.
 */
static void close_source(struct serve *serve, struct source *source)
{
	(void)epoll_ctl(serve->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	source->fd = fd_close(source->fd);
}

static void ask_init(struct serve *serve, int number)
{
	(void)pidfd_send_signal(serve->jail->pidfd, number, NULL, 0);
}

/* ------------------------------------------------------------------ the jail's time */

static void set_timer(struct serve *serve, uint64_t after_us)
{
	serve->timer_us = clock_now() + after_us;
}

static void no_session_left(struct serve *serve)
{
	const struct spec_jail *policy = &serve->jail->spec->jail;
	uint64_t grace = policy->grace_ms * 1000;

	set_timer(serve, policy->linger && grace < LINGER_LEAST_US ? LINGER_LEAST_US : grace);
}

static void begin_end(struct serve *serve)
{
	serve->ending = true;
	/* Closed, so that whoever comes now finds out at once, and waits for our name to be free.
	 */
	close_source(serve, &serve->listener);
	serve->jail->control = -1;
	/* Where nothing is left there is nothing to wait for, and INIT_ALONE says so. */
	ask_init(serve, INIT_SIGNAL_END);
	ask_init(serve, INIT_SIGNAL_ALONE);
	set_timer(serve, KILL_AFTER_US);
}

static void accept_offers(struct serve *serve, struct source *source);

static void time_is_up(struct serve *serve)
{
	serve->timer_us = 0;
	if (serve->ending) {
		ask_init(serve, SIGKILL);
		return;
	}
	/* Who has connected meanwhile is a session as good as any. */
	accept_offers(serve, &serve->listener);
	if (serve->offers)
		set_timer(serve, OFFER_WAIT_US);
	else if (!serve->visitors && serve->jail->spec->jail.linger)
		ask_init(serve, INIT_SIGNAL_ALONE);
	else if (!serve->visitors)
		begin_end(serve);
}

static void handle_report(struct serve *serve, struct source *source)
{
	struct init_report report;
	ssize_t n = recv(source->fd, &report, sizeof(report), MSG_DONTWAIT);

	if (n == 0)
		(void)epoll_ctl(serve->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	if (n != sizeof(report) || report.event != INIT_ALONE)
		return;
	if (serve->ending)
		ask_init(serve, SIGKILL);
	else if (!serve->visitors && !serve->offers && serve->jail->spec->jail.linger)
		begin_end(serve);
}

static void handle_end(struct serve *serve, struct source *source)
{
	struct jail *jail = serve->jail;
	struct rusage usage;
	int status;

	(void)source;
	if (wait4(jail->first, &status, WNOHANG, &usage) != jail->first)
		return;
	serve->gone = jail->reaped = true;
	serve->result->wait_status = status;
	serve->result->cpu_us =
	    (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	    (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void handle_signals(struct serve *serve, struct source *source)
{
	struct signalfd_siginfo info;

	while (read(source->fd, &info, sizeof(info)) == sizeof(info))
		if (!serve->ending)
			begin_end(serve);
}

static void handle_watch(struct serve *serve, struct source *source)
{
	(void)source;
	serve->hooks->watched(serve->hooks->data);
}

/* ------------------------------------------------------------------------- sessions */

/* Applications that make the terminal the account's, and open it by its name. */
static bool is_for_login(const char *service)
{
	return strcmp(service, "login") == 0 || strcmp(service, "remote") == 0;
}

static int show_terminal(
    struct serve *serve, const char *name, struct shown *shown, struct err *err)
{
	int r = tty_show(serve->jail, name, &shown->keep, err);

	if (r == 0)
		snprintf(shown->name, sizeof(shown->name), "%s", name);
	return r;
}

/* To all but login it is a convenience that their terminal has a name. */
static int show_terminals(struct serve *serve, struct visitor *visitor, struct err *err)
{
	const struct account *account = serve->jail->spec->account;
	const char *name = tty_name(visitor->session.tty);
	char made[TTY_NAME_SIZE];

	if (!name)
		return 0;
	if (is_for_login(visitor->session.service)) {
		int r = tty_give(name, account->uid, account->gid, err);
		return r < 0 ? r : show_terminal(serve, name, &visitor->terminals[0], err);
	}
	(void)show_terminal(serve, name, &visitor->terminals[0], NULL);
	if (tty_made_by(visitor->session.pid, made))
		(void)show_terminal(serve, made, &visitor->terminals[1], NULL);
	return 0;
}

static void take_terminals_back(struct serve *serve, struct visitor *visitor)
{
	for (size_t i = 0; i < 2; i++) {
		struct shown *shown = &visitor->terminals[i];
		if (shown->name[0] && !serve->gone)
			tty_hide(serve->jail, shown->name);
		fd_close(shown->keep);
	}
}

static void forget_visitor(struct serve *serve, struct visitor *visitor)
{
	struct visitor **link = &serve->visitors;

	while (*link != visitor)
		link = &(*link)->next;
	*link = visitor->next;
	close_source(serve, &visitor->source);
	take_terminals_back(serve, visitor);
	serve->hooks->closed(
	    serve->hooks->data, &visitor->session, clock_now() - visitor->since_us);
	free(visitor);
}

static void visitor_left(struct serve *serve, struct source *source)
{
	char nothing[64];
	/* Nothing is said on it; whatever was is thrown away. */
	ssize_t n = recv(source->fd, nothing, sizeof(nothing), MSG_DONTWAIT);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	forget_visitor(serve, (struct visitor *)source);
	if (!serve->visitors && !serve->ending)
		no_session_left(serve);
}

static int receive_visitor(
    struct serve *serve, const struct control_session *session, int socket, struct err *err)
{
	struct visitor *visitor = calloc(1, sizeof(*visitor));

	if (!visitor)
		return err_sys(err, ENOMEM, "cannot keep a session");
	*visitor = (struct visitor){ .source = { socket, visitor_left },
		.session = *session,
		.since_us = clock_now(),
		.terminals = { { .keep = -1 }, { .keep = -1 } },
		.next = serve->visitors };
	int r = add_source(serve, &visitor->source);
	if (r < 0) {
		free(visitor);
		return err_sys(err, -r, "cannot watch a session");
	}
	r = show_terminals(serve, visitor, err);
	if (r == 0)
		r = admit(serve->jail, session->pid, socket, err);
	if (r < 0) {
		(void)epoll_ctl(serve->epoll, EPOLL_CTL_DEL, socket, NULL);
		take_terminals_back(serve, visitor);
		free(visitor);
		return r;
	}
	serve->visitors = visitor;
	serve->timer_us = 0;
	return 0;
}

/* Takes the socket over, whatever becomes of it. */
static void take_session(struct serve *serve, const struct control_session *session, int socket)
{
	struct err err = ERR_INIT;

	if (receive_visitor(serve, session, socket, &err) == 0) {
		serve->hooks->opened(serve->hooks->data, session);
		return;
	}
	fd_close(socket);
	serve->hooks->refused(serve->hooks->data, session, &err);
	if (!serve->visitors && !serve->timer_us)
		no_session_left(serve);
}

static void forget_offer(struct serve *serve, struct offer *offer)
{
	struct offer **link = &serve->offers;

	while (*link != offer)
		link = &(*link)->next;
	*link = offer->next;
	close_source(serve, &offer->source);
	free(offer);
}

static bool is_welcome(
    const struct serve *serve, const struct control_message *message, struct control_session *ret)
{
	switch (message->kind) {
	case CONTROL_OFFER: return control_session(message, ret) == 0;
	case CONTROL_ASK:
		return serve->hooks->asked &&
		       serve->hooks->asked(serve->hooks->data, message->body, message->length, ret);
	}
	return false;
}

/* What is not taken stays the finder's, who looks for another jail. */
static void take_offered(struct serve *serve, int connection, struct control_message *message)
{
	struct control_session session;
	cleanup_fd int socket = -1;

	if (control_receive(connection, message, &socket) < 0 ||
	    !is_welcome(serve, message, &session))
		return;
	take_session(serve, &session, take_fd(&socket));
	control_taken(connection);
}

static void receive_offer(struct serve *serve, struct source *source)
{
	struct control_message *message = serve->ending ? NULL : malloc(sizeof(*message));

	if (message)
		take_offered(serve, source->fd, message);
	free(message);
	forget_offer(serve, (struct offer *)source);
}

/* Who waits there would keep us awake for ever. Turned away, the finder looks again. */
static void turn_away(struct serve *serve, int listener)
{
	fd_close(serve->spare);
	fd_close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	serve->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void accept_offers(struct serve *serve, struct source *source)
{
	int fd;

	while ((fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		struct offer *offer = malloc(sizeof(*offer));
		if (!offer) {
			fd_close(fd);
			continue;
		}
		*offer = (struct offer){ { fd, receive_offer }, serve->offers };
		if (add_source(serve, &offer->source) < 0) {
			fd_close(fd);
			free(offer);
			continue;
		}
		serve->offers = offer;
	}
	if (errno == EMFILE || errno == ENFILE)
		turn_away(serve, source->fd);
}

/* ------------------------------------------------------------------------- the loop */

static int wait_once(struct serve *serve, struct err *err)
{
	struct epoll_event events[16];
	int timeout = serve->timer_us ? clock_left(serve->timer_us) : -1;
	int count = epoll_wait(serve->epoll, events, 16, timeout);

	if (count < 0)
		return errno == EINTR ? 0 : err_sys(err, errno, "cannot wait for the container");
	for (int i = 0; i < count; i++) {
		struct source *source = events[i].data.ptr;
		source->ready(serve, source);
	}
	if (serve->timer_us && clock_left(serve->timer_us) == 0)
		time_is_up(serve);
	return 0;
}

static int open_signals(void)
{
	sigset_t ends;

	/* All others are blocked since jail_open(), and stay so. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	return signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int start(struct serve *serve, struct err *err)
{
	struct jail *jail = serve->jail;

	serve->epoll = epoll_create1(EPOLL_CLOEXEC);
	serve->listener = (struct source){ jail->control, accept_offers };
	serve->report = (struct source){ jail->report[0], handle_report };
	serve->end = (struct source){ jail->pidfd, handle_end };
	serve->signals = (struct source){ open_signals(), handle_signals };
	serve->watch = (struct source){ serve->hooks->watch, handle_watch };
	struct source *const sources[] = { &serve->listener, &serve->report, &serve->end,
		&serve->signals, &serve->watch };
	int r = serve->epoll < 0 || serve->signals.fd < 0 ? -errno : 0;
	for (size_t i = 0; r == 0 && i < sizeof(sources) / sizeof(sources[0]); i++)
		r = add_source(serve, sources[i]);
	return r < 0 ? err_sys(err, -r, "cannot wait for sessions") : 0;
}

static void finish(struct serve *serve)
{
	while (serve->offers)
		forget_offer(serve, serve->offers);
	while (serve->visitors)
		forget_visitor(serve, serve->visitors);
	fd_close(serve->spare);
	fd_close(serve->signals.fd);
	fd_close(serve->epoll);
	jail_sum_up(serve->jail, serve->result);
}

int jail_serve(struct jail *jail, const struct control_session *first, int socket,
    const struct serve_hooks *hooks, struct jail_result *ret, struct err *err)
{
	struct jail_result result = { 0 };
	struct serve serve = { .jail = jail,
		.hooks = hooks,
		.result = &result,
		.epoll = -1,
		.signals.fd = -1,
		.spare = open("/dev/null", O_RDONLY | O_CLOEXEC) };
	int r = start(&serve, err);

	if (r == 0) {
		take_session(&serve, first, socket);
		/* When the first is served, and not before: it is not what anybody waits for. */
		(void)registry_gc(&jail->registry);
	} else {
		fd_close(socket);
	}
	while (r == 0 && !serve.gone)
		r = wait_once(&serve, err);
	finish(&serve);
	if (r == 0)
		*ret = result;
	return r;
}
