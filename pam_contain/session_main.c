/* SPDX-License-Identifier: MIT */

/*
 * contain-session: what pam_contain.so starts for a login. It decides by policy what becomes of it,
 * hands it over to the supervisor of the account's jail, or builds the jail and becomes that
 * supervisor. It is nobody's child when it starts, and keeps nothing of the application's but the
 * socket.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pam_contain/session.h"
#include "pam_contain/session_log.h"

/* Between two looks at a jail that somebody else is building, or that is ending. */
#define RETRY_FIRST_US 1000
#define RETRY_MOST_US  20000

/* What is left for an answer, when there is no time for another try. */
#define ANSWER_US 100000

static void raise_limit(int resource)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit most;

	/* Without CAP_SYS_RESOURCE, and for descriptors always, as far as it goes. */
	if (resource != RLIMIT_NOFILE && setrlimit(resource, &none) == 0)
		return;
	if (getrlimit(resource, &most) < 0)
		return;
	most.rlim_cur = most.rlim_max;
	(void)setrlimit(resource, &most);
}

/* Each session takes one or a few. The hard limit that we find is the account's, by pam_limits, and
 * nothing that the account may use up. */
#define DESCRIPTORS 65536

static void raise_descriptors(void)
{
	const struct rlimit many = { DESCRIPTORS, DESCRIPTORS };
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max < DESCRIPTORS)
		(void)setrlimit(RLIMIT_NOFILE, &many);
	raise_limit(RLIMIT_NOFILE);
}

/* The application's are not ours. */
static void raise_limits(void)
{
	static const int limits[] = { RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_AS, RLIMIT_DATA };

	raise_descriptors();
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		raise_limit(limits[i]);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A session and a process group of its own, and nothing else of the application's. */
static int leave_application(struct err *err)
{
	if (setsid() < 0 || chdir("/") < 0)
		return err_sys(err, errno, "cannot leave the application");
	/* Whoever runs su is its real user, and might send us signals: kill(2). */
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, errno, "cannot leave the user of the application");
	(void)setpriority(PRIO_PROCESS, 0, 0);
	reset_signals();
	raise_limits();
	umask(022);
	for (int fd = 0; fd < REQUEST_FD; fd++)
		(void)close(fd);
	if (close_range(REQUEST_FD + 1, ~0u, 0) < 0)
		return err_sys(err, errno, "cannot close the application's files");
	if (fcntl(REQUEST_FD, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot keep the socket");
	return fd_open_standard(err);
}

static int receive_request(struct login *login, struct err *err)
{
	struct login_request *request = &login->request;
	ssize_t n = recv(login->socket, request, sizeof(*request), 0);

	if (n < 0)
		return err_sys(err, errno, "cannot receive the request");
	if (!session_request_ok(request, (size_t)n))
		return err_say(
		    err, EPROTO, "pam_contain.so and contain-session are not of the same version");
	return 0;
}

static void answer(struct login *login, enum enter_kind kind, const struct enter_refusal *refusal)
{
	if (login->socket < 0)
		return;
	/* If nobody listens any more, the module has given up, and refused. */
	(void)enter_send(login->socket, kind, refusal, refusal ? sizeof(*refusal) : 0, -1);
	login->socket = fd_close(login->socket);
}

static int refuse_by_policy(struct login *login, const char *why)
{
	struct enter_refusal refusal = { .by_policy = true };

	log_notice("%s: refused %s by %s: %s", login->request.id, login->request.user,
	    login->request.service, why);
	answer(login, ENTER_REFUSED, &refusal);
	return 1;
}

/* What people have chosen themselves and can choose anew, chsh(1), is theirs to know. All else is
 * the administrator's. */
static void tell_person(
    const struct login *login, const struct err *err, struct enter_refusal *refusal)
{
	if (strcmp(err->stage, "user") == 0 && err->code == ENOENT)
		snprintf(refusal->message, sizeof(refusal->message),
		    "Your login shell %.128s is not in your container.", login->account.shell);
}

/* Only what was loaded can say that a failure lets the login pass; a policy that is broken says
 * nothing. */
static int fail(struct login *login, struct err *err)
{
	struct enter_refusal refusal = { .by_policy = false };
	bool allow = login->policy_loaded && login->policy.spec.jail.on_error == ON_ERROR_ALLOW &&
		     login->socket >= 0;

	if (login->policy_loaded)
		(void)policy_locate(&login->policy, err);
	log_error("%s: %s %s by %s: %s%s%s%s", login->request.id,
	    allow ? "NOT CONFINED, as on_error = allow has it:" : "refused", login->request.user,
	    login->request.service, err->text, err->stage[0] ? " (stage " : "", err->stage,
	    err->stage[0] ? ")" : "");
	tell_person(login, err, &refusal);
	answer(login, allow ? ENTER_FREE : ENTER_REFUSED, allow ? NULL : &refusal);
	return 1;
}

static void pause_for(unsigned microseconds)
{
	const struct timespec time = { 0, (long)microseconds * 1000 };

	(void)nanosleep(&time, NULL);
}

/*
 * Into the account's jail, whoever builds it. One login wins its name; the others find the winner's
 * control socket, and wait there. Between the winning and the socket, and while a jail ends, there
 * is nothing to wait on, and they look again.
 */
static int enter_or_build(struct login *login, struct err *err)
{
	for (unsigned wait = RETRY_FIRST_US;; wait = wait < RETRY_MOST_US ? wait * 2 : wait) {
		int r = session_find(login, err);
		if (r != -ENOENT)
			return r;
		r = session_serve(login, err);
		if (r != -EEXIST || strcmp(err->stage, "name") != 0)
			return r;
		if (clock_left(login->request.deadline_us - ANSWER_US) == 0)
			return err_say(err, ETIMEDOUT,
			    "%s is there, but neither takes sessions nor ends",
			    login->policy.spec.name);
		err_clear(err);
		pause_for(wait);
	}
}

static int run(struct login *login, struct err *err)
{
	char why[POLICY_WHY_MAX] = "";
	int r = receive_request(login, err);

	if (r < 0)
		return fail(login, err);
	log_open(login->request.debug);
	r = session_policy(login, why, err);
	if (r < 0)
		return fail(login, err);
	log_debug("%s: %s by %s: %s", login->request.id, login->request.user,
	    login->request.service, why);
	if (r == POLICY_REFUSED)
		return refuse_by_policy(login, why);
	if (r == POLICY_FREE) {
		answer(login, ENTER_FREE, NULL);
		return 0;
	}
	return enter_or_build(login, err) < 0 ? fail(login, err) : 0;
}

int main(void)
{
	static struct login login = { .socket = REQUEST_FD };
	struct err err = ERR_INIT;
	struct stat st;
	int code = 1;

	if (fstat(REQUEST_FD, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		static const char text[] =
		    "contain-session is started by pam_contain.so: see pam_contain(8)\n";
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
		return 2;
	}
	log_open(false);
	if (leave_application(&err) < 0 ||
	    install_find(login.libexec_dir, login.data_dir, &err) < 0)
		code = fail(&login, &err);
	else
		code = run(&login, &err);
	fd_close(login.socket);
	policy_done(&login.policy);
	account_done(&login.account);
	return code;
}
