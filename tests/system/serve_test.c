/* SPDX-License-Identifier: MIT */
/* The supervisor of a resident jail: sessions that come and go, and how its time ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/contain.h"

#define NAME "serve-test"

static char build[PATH_MAX]; /* where contain-init lies */

/* What the supervisor tells us, one letter each. */
static int told;

static void tell(char letter)
{
	(void)!write(told, &letter, 1);
}

static void opened(void *data, const struct control_session *session)
{
	(void)data;
	(void)session;
	tell('o');
}

static void refused(void *data, const struct control_session *session, const struct err *err)
{
	(void)data;
	(void)session;
	print_message("refused: %s\n", err->text);
	tell('r');
}

static void closed(void *data, const struct control_session *session, uint64_t lasted_us)
{
	(void)data;
	(void)session;
	(void)lasted_us;
	tell('c');
}

/* Who asks nicely is let in. */
static bool asked(void *data, const void *request, size_t length, struct control_session *ret)
{
	(void)data;
	*ret = (struct control_session){ .user = "guest", .service = "test" };
	return length == 6 && memcmp(request, "please", 6) == 0;
}

static int serve(uint64_t grace_ms, int first)
{
	static gid_t groups[] = { 4242 };
	static char *group_names[] = { "guest" };
	static const struct account account = { .name = "guest",
		.uid = 4242,
		.gid = 4242,
		.gecos = "",
		.home = "/",
		.shell = "/bin/sh",
		.group = "guest",
		.groups = groups,
		.group_names = group_names,
		.group_count = 1 };
	const struct jail_settings settings = { .libexec_dir = build, .data_dir = build };
	const struct serve_hooks hooks = { opened, refused, closed, asked, NULL, -1, NULL };
	struct control_session session = { .pid = getpid(), .user = "guest", .service = "test" };
	struct jail_result result;
	struct err err = ERR_INIT;
	struct jail_spec spec;
	struct jail *jail;

	spec_init(&spec);
	snprintf(spec.name, sizeof(spec.name), NAME);
	spec.account = &account;
	spec.run.resident = true;
	spec.jail.grace_ms = grace_ms;
	int r = spec_check(&spec, &err);
	if (r == 0)
		r = jail_open(&spec, &settings, &jail, &err);
	if (r == 0) {
		r = jail_serve(jail, &session, first, &hooks, &result, &err);
		jail_close(jail);
	}
	if (r < 0)
		print_message("supervisor: %s\n", err.text);
	return r < 0 ? 1 : 0;
}

struct supervisor {
	pid_t pid;
	int session; /* the first one's own end */
	int said;
};

static struct supervisor start(uint64_t grace_ms)
{
	struct supervisor supervisor;
	int ends[2], pipes[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(pipe(pipes), 0);
	supervisor.pid = fork();
	if (supervisor.pid == 0) {
		close(ends[0]);
		close(pipes[0]);
		(void)signal(SIGSEGV, SIG_DFL); /* not cmocka's: it would go on with the tests */
		told = pipes[1];
		_exit(serve(grace_ms, ends[1]));
	}
	close(ends[1]);
	close(pipes[1]);
	supervisor.session = ends[0];
	supervisor.said = pipes[0];
	return supervisor;
}

/* Wait for the next thing that the supervisor tells; 0: it has ended. */
static char next(const struct supervisor *supervisor)
{
	char letter = 0;

	return read(supervisor->said, &letter, 1) == 1 ? letter : 0;
}

/* As the module would: until it knows how to enter. */
static enum enter_kind receive(int session)
{
	struct err err = ERR_INIT;
	struct entry entry;

	entry_init(&entry);
	assert_int_equal(enter_receive(session, clock_now() + 5000000, &entry, &err), 0);
	enum enter_kind verdict = entry.verdict;
	entry_done(&entry);
	return verdict;
}

/* As contain-session does for another session. Returns its own end; *ret_kept is the finder's. */
static int offer(int *ret_kept)
{
	struct control_session session = { .pid = getpid(), .user = "guest", .service = "test" };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	int connection = control_connect(NAME);
	assert_true(connection >= 0);
	assert_int_equal(control_offer(connection, &session, ends[1]), 0);
	assert_int_equal(control_wait(connection, clock_now() + 5000000), 0);
	close(connection);
	*ret_kept = ends[1];
	return ends[0];
}

/* As the module does, without a finder. Returns its own end, or -1 where it was not taken. */
static int ask(const char *request)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	int connection = control_connect(NAME);
	assert_true(connection >= 0);
	assert_int_equal(control_ask(connection, request, strlen(request), ends[1]), 0);
	int r = control_wait(connection, clock_now() + 5000000);
	close(connection);
	close(ends[1]);
	if (r == 0)
		return ends[0];
	assert_int_equal(r, -EPIPE);
	close(ends[0]);
	return -1;
}

static int end_of(const struct supervisor *supervisor)
{
	int status;

	assert_int_equal(waitpid(supervisor->pid, &status, 0), supervisor->pid);
	close(supervisor->said);
	return status;
}

static void the_first_session_is_served_and_its_end_is_the_jails(void **state)
{
	struct supervisor supervisor = start(0);

	(void)state;
	assert_int_equal(receive(supervisor.session), ENTER_JAIL);
	assert_int_equal(next(&supervisor), 'o');
	close(supervisor.session);
	assert_int_equal(next(&supervisor), 'c');
	assert_int_equal(next(&supervisor), 0);
	assert_int_equal(end_of(&supervisor), 0);
	assert_int_equal(control_connect(NAME), -ENOENT);
}

/*
 * Whoever found the jail for a session has its socket too, and may still have it when the session
 * has ended already: what epoll(7) then says of that is about nobody.
 */
static void sessions_that_end_before_their_finder_are_forgotten(void **state)
{
	struct supervisor supervisor = start(60000);
	int kept[50];

	(void)state;
	assert_int_equal(receive(supervisor.session), ENTER_JAIL);
	assert_int_equal(next(&supervisor), 'o');
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		int session = offer(&kept[i]);
		assert_int_equal(receive(session), ENTER_JAIL);
		assert_int_equal(next(&supervisor), 'o');
		close(session);
		assert_int_equal(next(&supervisor), 'c');
	}
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		close(kept[i]);
	int last, session = offer(&last);
	assert_int_equal(receive(session), ENTER_JAIL);
	assert_int_equal(kill(supervisor.pid, SIGTERM), 0);
	assert_int_equal(end_of(&supervisor), 0);
	close(session);
	close(last);
	close(supervisor.session);
}

static void a_second_session_keeps_the_jail(void **state)
{
	struct supervisor supervisor = start(0);
	int kept, session;

	(void)state;
	assert_int_equal(receive(supervisor.session), ENTER_JAIL);
	session = offer(&kept);
	close(kept);
	assert_int_equal(receive(session), ENTER_JAIL);
	close(supervisor.session);
	assert_int_equal(next(&supervisor), 'o');
	assert_int_equal(next(&supervisor), 'o');
	assert_int_equal(next(&supervisor), 'c');
	assert_int_equal(waitpid(supervisor.pid, NULL, WNOHANG), 0);
	close(session);
	assert_int_equal(next(&supervisor), 'c');
	assert_int_equal(end_of(&supervisor), 0);
}

static void who_asks_is_let_in_or_left_alone(void **state)
{
	struct supervisor supervisor = start(60000);

	(void)state;
	assert_int_equal(receive(supervisor.session), ENTER_JAIL);
	assert_int_equal(next(&supervisor), 'o');
	assert_int_equal(ask("let me in"), -1);
	assert_int_equal(ask(""), -1);
	int session = ask("please");
	assert_true(session >= 0);
	assert_int_equal(receive(session), ENTER_JAIL);
	assert_int_equal(next(&supervisor), 'o');
	close(session);
	assert_int_equal(next(&supervisor), 'c');
	kill(supervisor.pid, SIGTERM);
	assert_int_equal(next(&supervisor), 'c');
	assert_int_equal(end_of(&supervisor), 0);
	close(supervisor.session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_session_is_served_and_its_end_is_the_jails),
		cmocka_unit_test(sessions_that_end_before_their_finder_are_forgotten),
		cmocka_unit_test(a_second_session_keeps_the_jail),
		cmocka_unit_test(who_asks_is_let_in_or_left_alone),
	};

	if (geteuid() != 0) {
		print_message("SKIP - serve: needs root\n");
		return 0;
	}
	snprintf(build, sizeof(build), "%s", getenv("BUILD") ?: "build");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
