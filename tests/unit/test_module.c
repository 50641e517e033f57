/* SPDX-License-Identifier: MIT */

/*
 * The module by itself, as anybody: what it returns, and what it tells the person. libpam is the
 * real one and loads the module from beside this program. Accounts, and the helper with its answer,
 * are this program's: it has functions of those names, which the loader finds first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/jail/enter.h"
#include "pam_contain/request.h"

/* -------------------------------------------------------------------- the name service */

static struct passwd accounts[] = {
	{ "root", "x", 0, 0, "", "/root", "/bin/sh" },
	{ "service", "x", 400, 400, "", "/", "/bin/sh" },
	{ "alice", "x", 5001, 5001, "", "/home/alice", "/bin/sh" },
	{ "carol", "x", 5003, 5003, "", "/home/carol", "/bin/sh" },
};

static char *members[] = { "carol", NULL };
static struct group exempt = { "contain-exempt", "x", 5100, members };

/* NOLINTNEXTLINE(readability-non-const-parameter): that is how it is declared */
int getpwnam_r(const char *name, struct passwd *to, char *buffer, size_t size, struct passwd **ret)
{
	(void)buffer;
	(void)size;
	*ret = NULL;
	for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++)
		if (strcmp(accounts[i].pw_name, name) == 0) {
			*to = accounts[i];
			*ret = to;
		}
	return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) */
int getgrnam_r(const char *name, struct group *to, char *buffer, size_t size, struct group **ret)
{
	(void)buffer;
	(void)size;
	*ret = NULL;
	if (strcmp(name, exempt.gr_name) == 0) {
		*to = exempt;
		*ret = to;
	}
	return 0;
}

/* ------------------------------------------------------- the supervisor, and the helper */

/* There is no jail of these accounts, even where an account of that number has one. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	(void)fd;
	(void)address;
	(void)length;
	errno = ECONNREFUSED;
	return -1;
}

enum answer { ABSENT, SILENT, SAYS };

static struct {
	enum answer answer;
	struct {
		struct enter_header header;
		char body[sizeof(struct enter_refusal)];
	} message;
	size_t length;
	int asked;
} helper;

/* In a child that shares our memory and has a small stack. */
int execve(const char *path, char *const argv[], char *const environment[])
{
	(void)path;
	(void)argv;
	(void)environment;
	helper.asked++;
	if (helper.answer == ABSENT) {
		errno = ENOENT;
		return -1;
	}
	if (helper.answer == SAYS)
		(void)send(REQUEST_FD, &helper.message, helper.length, 0);
	_exit(0);
}

static void will_say(enum enter_kind kind, const void *body, size_t length)
{
	helper.answer = SAYS;
	helper.message.header.kind = kind;
	if (length)
		memcpy(helper.message.body, body, length);
	helper.length = sizeof(helper.message.header) + length;
}

static void will_refuse(bool by_policy, const char *message)
{
	struct enter_refusal refusal = { .by_policy = by_policy };

	snprintf(refusal.message, sizeof(refusal.message), "%s", message);
	will_say(ENTER_REFUSED, &refusal, sizeof(refusal));
}

/* ------------------------------------------------------------------------ the application */

static char said[4096];

static int hear(
    int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
	(void)data;
	for (int i = 0; i < count; i++) {
		strncat(said, messages[i]->msg, sizeof(said) - strlen(said) - 1);
		strncat(said, "\n", sizeof(said) - strlen(said) - 1);
	}
	*responses = calloc((size_t)count, sizeof(**responses));
	return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

static char place[] = "/tmp/contain-module-XXXXXX";
static char module[PATH_MAX];

/* With the module alone the application could not tell PAM_IGNORE, which libpam makes an error of
 * if no other module says anything. */
static void write_stack(const char *service, const char *control, const char *arguments)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", place, service);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "session %s %s %s\n", control, module, arguments);
	fprintf(file, "session required pam_deny.so\nsession required pam_permit.so\n");
	assert_int_equal(fclose(file), 0);
}

static int call(int (*function)(pam_handle_t *, int), const char *service, const char *user)
{
	const struct pam_conv conversation = { hear, NULL };
	pam_handle_t *pamh;

	said[0] = '\0';
	helper.asked = 0;
	assert_int_equal(
	    pam_start_confdir(service, user, &conversation, place, &pamh), PAM_SUCCESS);
	int r = function(pamh, 0);
	pam_end(pamh, r);
	return r;
}

/* What the module returns. With "ignore=1" the next line, pam_deny, is left out: PAM_SUCCESS is
 * then what pam_permit says. Anything else ends the stack. */
static int module_returns(const char *service, const char *user, const char *arguments)
{
	write_stack(service, "[success=ok ignore=1 default=die]", arguments);
	int r = call(pam_open_session, service, user);
	return r == PAM_SUCCESS ? PAM_IGNORE : r;
}

static int is_ignored(const char *service, const char *user, const char *arguments)
{
	return module_returns(service, user, arguments) == PAM_IGNORE;
}

/* One line, with eight hexadecimal digits to find it by in the log. */
static bool told_a_number(void)
{
	for (const char *c = said; *c; c++)
		if (strspn(c, "0123456789abcdef") == 8)
			return strchr(said, '\n') == said + strlen(said) - 1;
	return false;
}

static int set_up(void **state)
{
	char *self = realpath("/proc/self/exe", NULL);

	(void)state;
	assert_non_null(self);
	snprintf(module, sizeof(module), "%s/pam_contain.so", dirname(dirname(self)));
	free(self);
	assert_non_null(mkdtemp(place));
	return 0;
}

static int take_down(void **state)
{
	static const char *const services[] = { "sshd", "sudo", "other-program" };
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", place, services[i]);
		(void)unlink(path);
	}
	return rmdir(place);
}

/* ------------------------------------------------------------------------------- tests */

static void test_exempt_without_a_helper(void **state)
{
	(void)state;
	helper.answer = ABSENT;
	assert_true(is_ignored("sshd", "root", ""));
	assert_true(is_ignored("sshd", "service", ""));
	assert_true(is_ignored("sshd", "carol", ""));
	assert_true(is_ignored("other-program", "alice", ""));
	assert_true(is_ignored("sshd", "alice", "services=login,su"));
	assert_int_equal(helper.asked, 0);
	/* The controls: the same without what exempts them. */
	assert_int_equal(module_returns("sshd", "alice", ""), PAM_SYSTEM_ERR);
	assert_int_equal(helper.asked, 1);
	assert_int_equal(module_returns("sshd", "carol", "exempt_group=others"), PAM_SYSTEM_ERR);
	assert_int_equal(
	    module_returns("other-program", "alice", "services=other-program"), PAM_SYSTEM_ERR);
}

static void test_unknown_account(void **state)
{
	(void)state;
	assert_int_equal(module_returns("sshd", "nobody-there", ""), PAM_USER_UNKNOWN);
	assert_int_equal(helper.asked, 0);
}

static void test_helper_that_does_not_answer(void **state)
{
	(void)state;
	helper.answer = ABSENT;
	assert_int_equal(module_returns("sudo", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
	helper.answer = SILENT;
	assert_int_equal(module_returns("sudo", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
	will_say((enum enter_kind)77, "?", 1);
	assert_int_equal(module_returns("sudo", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
	/* A plan without a jail. */
	struct enter_plan plan = { .namespaces = 1 };
	will_say(ENTER_JAIL, &plan, 1);
	assert_int_equal(module_returns("sudo", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
}

static void test_nothing_to_enter(void **state)
{
	(void)state;
	will_say(ENTER_FREE, NULL, 0);
	assert_true(is_ignored("sshd", "alice", ""));
	assert_int_equal(helper.asked, 1);
	assert_string_equal(said, "");
}

static void test_refused(void **state)
{
	(void)state;
	will_refuse(false, "");
	assert_int_equal(module_returns("sshd", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
	will_refuse(true, "");
	assert_int_equal(module_returns("sshd", "alice", ""), PAM_PERM_DENIED);
	assert_true(told_a_number());
	will_refuse(false, "The shell /bin/fish is not in your container.");
	assert_int_equal(module_returns("sshd", "alice", ""), PAM_SYSTEM_ERR);
	assert_true(told_a_number());
	assert_non_null(strstr(said, "/bin/fish"));
}

/* They are refused whom the mistake may concern, and nobody who could mend it. */
static void test_mistakes_in_the_line(void **state)
{
	static const char *const wrong[] = { "timeout=0", "timeout=ten", "timeout=301", "timeout",
		"conf=etc/contain", "services=", "exempt_group=", "debug=1", "tiemout=5", "[]" };

	(void)state;
	will_say(ENTER_FREE, NULL, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(module_returns("sshd", "alice", wrong[i]), PAM_SYSTEM_ERR);
		assert_int_equal(
		    module_returns("other-program", "alice", wrong[i]), PAM_SYSTEM_ERR);
		assert_int_equal(helper.asked, 0);
		assert_true(is_ignored("sshd", "root", wrong[i]));
		assert_true(is_ignored("sshd", "service", wrong[i]));
		assert_true(is_ignored("sshd", "carol", wrong[i]));
	}
	assert_true(is_ignored("sshd", "alice", "debug timeout=300 conf=/etc/contain"));
	assert_int_equal(helper.asked, 1);
}

static void test_close_without_open(void **state)
{
	(void)state;
	write_stack("sshd", "[success=die ignore=1 default=die]", "");
	assert_int_equal(call(pam_close_session, "sshd", "alice"), PAM_SUCCESS);
	/* The control: of anything but PAM_IGNORE pam_permit would not be the one that speaks. */
	write_stack("sshd", "[success=die ignore=die default=die]", "");
	assert_int_not_equal(call(pam_close_session, "sshd", "alice"), PAM_SUCCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exempt_without_a_helper),
		cmocka_unit_test(test_unknown_account),
		cmocka_unit_test(test_helper_that_does_not_answer),
		cmocka_unit_test(test_nothing_to_enter),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_mistakes_in_the_line),
		cmocka_unit_test(test_close_without_open),
	};

	return cmocka_run_group_tests(tests, set_up, take_down);
}
