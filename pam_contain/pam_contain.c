/* SPDX-License-Identifier: MIT */

/*
 * The PAM session module: decides who is exempt, asks contain-session for everything else, and
 * takes the application into the jail. The application is left as it was found but for that, its
 * errno included.
 */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/str.h"
#include "lib/jail/enter.h"
#include "lib/policy/exempt.h"
#include "pam_contain/pam_arguments.h"
#include "pam_contain/pam_helper.h"
#include "pam_contain/pam_supervisor.h"

#define DATA_NAME "contain_session"

/* ------------------------------------------------------------------ the open session */

/* The session lasts for as long as the socket is open somewhere: see lib/jail/enter.h. */
struct session {
	int socket;
	dev_t device; /* of it: the application may have closed it and use the number again */
	ino_t inode;
	pid_t pid; /* who opened the session */
};

static void close_socket(struct session *session)
{
	struct stat st;

	if (session->socket >= 0 && fstat(session->socket, &st) == 0 &&
	    st.st_dev == session->device && st.st_ino == session->inode)
		fd_close(session->socket);
	session->socket = -1;
}

/* Also in children of the application, and as the user: only the own copy is closed. */
static void forget_session(pam_handle_t *pamh, void *data, int status)
{
	int before = errno;

	(void)pamh;
	(void)status;
	close_socket(data);
	free(data);
	errno = before;
}

static int remember_session(pam_handle_t *pamh, int socket)
{
	struct session *session = malloc(sizeof(*session));
	struct stat st;

	if (!session || fstat(socket, &st) < 0) {
		free(session);
		return PAM_BUF_ERR;
	}
	*session = (struct session){ socket, st.st_dev, st.st_ino, getpid() };
	int r = pam_set_data(pamh, DATA_NAME, session, forget_session);
	if (r != PAM_SUCCESS)
		free(session);
	return r;
}

static bool is_open(pam_handle_t *pamh)
{
	const void *data = NULL;

	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return false;
	const struct session *session = data;
	return session->pid == getpid() && session->socket >= 0;
}

/* -------------------------------------------------------------------------- exemptions */

static uid_t lowest_uid(pam_handle_t *pamh)
{
	cleanup_free char *text = pam_modutil_search_key(pamh, "/etc/login.defs", "UID_MIN");
	uint64_t value;

	return text && str_to_u64(text, UINT32_MAX - 1, &value) == 0 ? (uid_t)value
								     : EXEMPT_UID_MIN;
}

static const char *item(pam_handle_t *pamh, int type)
{
	const void *value = NULL;

	return pam_get_item(pamh, type, &value) == PAM_SUCCESS && value ? value : "";
}

/* NULL for the service where its list cannot be trusted. */
static const char *why_exempt(pam_handle_t *pamh, const struct arguments *arguments,
    const char *service, const struct passwd *account)
{
	struct exempt_login login = { .uid = account->pw_uid,
		.uid_min = lowest_uid(pamh),
		.service = service,
		.services = arguments->services };
	const char *why = exempt_reason(&login);

	/* The name service is asked for members only where it matters. */
	if (why)
		return why;
	login.in_group =
	    pam_modutil_user_in_group_nam_nam(pamh, account->pw_name, arguments->exempt_group) == 1;
	return exempt_reason(&login);
}

/* ---------------------------------------------------------------------------- the login */

static void make_id(char id[16])
{
	uint32_t number = 0;

	/* It need not be secret, only told from others of the same day. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = (uint32_t)getpid() ^ (uint32_t)clock_now();
	snprintf(id, 16, "%08x", number);
}

static int copy(char *to, size_t size, const char *from, const char *what, struct err *err)
{
	if ((size_t)snprintf(to, size, "%s", from) < size)
		return 0;
	return err_say(err, ENAMETOOLONG, "%s \"%.64s...\" is too long", what, from);
}

/*
 * The groups are asked for here and not by contain-session, although it could: the application asks
 * for them too, and what it loads for that must be loaded before it is in the jail.
 */
static void list_groups(struct login_request *request, const struct passwd *account)
{
	int count = REQUEST_GROUPS_MAX;

	(void)getgrouplist(account->pw_name, account->pw_gid, request->groups, &count);
	request->group_count = (uint32_t)count;
}

static int fill_request(pam_handle_t *pamh, const struct arguments *arguments,
    const struct passwd *account, struct login_request *request, struct err *err)
{
	*request = (struct login_request){ .version = REQUEST_VERSION,
		.deadline_us = clock_now() + arguments->timeout * UINT64_C(900000),
		.debug = arguments->debug,
		.pid = getpid(),
		.uid = account->pw_uid };
	make_id(request->id);
	list_groups(request, account);
	int r = copy(request->user, sizeof(request->user), account->pw_name, "the name", err);
	if (r == 0)
		r = copy(request->service, sizeof(request->service), item(pamh, PAM_SERVICE),
		    "the service", err);
	if (r == 0)
		r = copy(request->conf, sizeof(request->conf), arguments->conf, "conf=", err);
	/* For records only: cut off where they are longer. */
	(void)copy(request->tty, sizeof(request->tty), item(pamh, PAM_TTY), "", NULL);
	(void)copy(request->rhost, sizeof(request->rhost), item(pamh, PAM_RHOST), "", NULL);
	return r;
}

/* One line for the person, whatever the reason: that is for the log. Not silent, even if the
 * application asked for that: nothing else would tell them. */
static void tell(
    pam_handle_t *pamh, const struct login_request *request, const struct enter_refusal *refusal)
{
	if (refusal->message[0])
		pam_error(pamh, "%s (%s)", refusal->message, request->id);
	else if (refusal->by_policy)
		pam_error(pamh, "Access through this service is not allowed (%s).", request->id);
	else
		pam_error(pamh,
		    "Your container could not be set up. Tell your administrator this number: %s",
		    request->id);
}

/* Never PAM_SESSION_ERR: sudo runs the command all the same, outside. */
static int refuse(
    pam_handle_t *pamh, const struct login_request *request, const struct enter_refusal *refusal)
{
	tell(pamh, request, refusal);
	return refusal->by_policy ? PAM_PERM_DENIED : PAM_SYSTEM_ERR;
}

static int fail(pam_handle_t *pamh, const struct login_request *request, const struct err *err)
{
	const struct enter_refusal broken = { .by_policy = false };

	pam_syslog(pamh, LOG_ERR, "%s: refused %s: %s%s%s%s", request->id, request->user, err->text,
	    err->stage[0] ? " (stage " : "", err->stage, err->stage[0] ? ")" : "");
	return refuse(pamh, request, &broken);
}

static int set_variables(pam_handle_t *pamh, const struct strv *variables)
{
	int r = PAM_SUCCESS;

	for (size_t i = 0; r == PAM_SUCCESS && i < variables->count; i++)
		r = pam_putenv(pamh, variables->items[i]);
	return r;
}

static int enter(
    pam_handle_t *pamh, const struct login_request *request, struct entry *entry, int *socket)
{
	struct err err = ERR_INIT;
	int r = remember_session(pamh, *socket);

	if (r != PAM_SUCCESS)
		return r;
	*socket = -1;
	if (set_variables(pamh, &entry->variables) != PAM_SUCCESS)
		(void)err_say(&err, ENOMEM, "cannot set the variables of the session");
	else if (enter_jail(entry, &err) == 0)
		return PAM_SUCCESS;
	(void)pam_set_data(pamh, DATA_NAME, NULL, NULL);
	return fail(pamh, request, &err);
}

static int ask_and_enter(pam_handle_t *pamh, const struct arguments *arguments,
    const struct login_request *request, struct entry *entry)
{
	/* The helper has nine tenths of the time, so that it can still say what it waited for. */
	uint64_t deadline = request->deadline_us + arguments->timeout * UINT64_C(100000);
	struct err err = ERR_INIT;
	cleanup_fd int socket = supervisor_ask(request);

	if (socket == -ENOENT)
		socket = helper_ask(request, &err);
	if (socket < 0 || enter_receive(socket, deadline, entry, &err) < 0)
		return fail(pamh, request, &err);
	if (entry->verdict == ENTER_FREE)
		return PAM_IGNORE;
	if (entry->verdict == ENTER_REFUSED)
		return refuse(pamh, request, &entry->refusal);
	return enter(pamh, request, entry, &socket);
}

static int confine(
    pam_handle_t *pamh, const struct arguments *arguments, const struct passwd *account)
{
	struct err err = ERR_INIT;
	struct entry entry;
	cleanup_free struct login_request *request = malloc(sizeof(*request));

	if (!request)
		return PAM_BUF_ERR;
	if (fill_request(pamh, arguments, account, request, &err) < 0)
		return fail(pamh, request, &err);
	entry_init(&entry);
	int r = ask_and_enter(pamh, arguments, request, &entry);
	entry_done(&entry);
	return r;
}

static int open_session(pam_handle_t *pamh, int argc, const char **argv)
{
	struct arguments arguments;
	struct err err = ERR_INIT;
	const char *user = NULL;

	if (pam_get_user(pamh, &user, NULL) != PAM_SUCCESS || !user)
		return PAM_SYSTEM_ERR;
	int parsed = arguments_parse(argc, argv, &arguments, &err);
	const struct passwd *account = pam_modutil_getpwnam(pamh, user);
	if (!account) {
		pam_syslog(pamh, LOG_ERR, "there is no account of that name");
		return PAM_USER_UNKNOWN;
	}
	/* Also if the line has a mistake in it: that must lock out nobody who could mend it. */
	const char *why =
	    why_exempt(pamh, &arguments, parsed == 0 ? item(pamh, PAM_SERVICE) : NULL, account);
	if (why) {
		if (arguments.debug)
			pam_syslog(pamh, LOG_DEBUG, "%s is not confined: %s", user, why);
		return PAM_IGNORE;
	}
	if (parsed < 0) {
		pam_syslog(pamh, LOG_ERR, "%s", err.text);
		return PAM_SYSTEM_ERR;
	}
	return is_open(pamh) ? PAM_SUCCESS : confine(pamh, &arguments, account);
}

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	int before = errno;
	int r = open_session(pamh, argc, argv);

	(void)flags;
	errno = before;
	return r;
}

/* Only a hint: what ends the session is that nobody has the socket any more. */
int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	int before = errno;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return PAM_IGNORE;
	close_socket((struct session *)data);
	errno = before;
	return PAM_SUCCESS;
}
