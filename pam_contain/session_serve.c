/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pam_contain/session.h"
#include "pam_contain/session_at.h"
#include "pam_contain/session_log.h"
#include "pam_contain/session_records.h"

/* What the log is to know in the end. */
struct serving {
	const struct login *login;
	unsigned sessions; /* that there were */
	struct records *records;
	struct at_jobs *at_jobs;
};

static void opened(void *data, const struct control_session *session)
{
	struct serving *serving = data;

	serving->sessions++;
	records_add_session(serving->records, session);
	at_jobs_opened(serving->at_jobs, session);
	log_notice("%s: session %s opened for %s by %s%s%s (process %d)",
	    serving->login->policy.spec.name, session->id, session->user, session->service,
	    *session->rhost ? " from " : "", session->rhost, session->pid);
}

static void refused(void *data, const struct control_session *session, const struct err *err)
{
	const struct serving *serving = data;

	log_error("%s: session %s of %s by %s not opened: %s", serving->login->policy.spec.name,
	    session->id, session->user, session->service, err->text);
}

static void closed(void *data, const struct control_session *session, uint64_t lasted_us)
{
	const struct serving *serving = data;

	records_remove_session(serving->records, session);
	at_jobs_closed(serving->at_jobs, session);
	log_notice("%s: session %s closed for %s after %" PRIu64 ".%" PRIu64 " s",
	    serving->login->policy.spec.name, session->id, session->user, lasted_us / 1000000,
	    lasted_us / 100000 % 10);
}

/* By the module itself, which has no policy: only where ours would be the same today. */
static bool asked(void *data, const void *body, size_t length, struct control_session *ret)
{
	const struct serving *serving = data;
	/* A copy: the body of a message is not aligned as the request is. */
	struct login_request *request = length == sizeof(*request) ? malloc(length) : NULL;

	if (!request)
		return false;
	memcpy(request, body, length);
	bool again = session_request_ok(request, length) && session_again(serving->login, request);
	if (again)
		session_describe(request, ret);
	free(request);
	return again;
}

static void watched(void *data)
{
	const struct serving *serving = data;

	records_update(serving->records);
}

static void format_memory(uint64_t bytes, char *text, size_t size)
{
	if (bytes == SPEC_UNSET)
		snprintf(text, size, "unknown");
	else
		snprintf(text, size, "%.1f MiB", (double)bytes / 1048576);
}

static void log_end(const struct serving *serving, const struct jail_result *result)
{
	const struct cgroup_stats *stats = &result->stats;
	uint64_t cpu = stats->cpu_usage == SPEC_UNSET ? result->cpu_us : stats->cpu_usage;
	char memory[32], kills[48] = "";

	format_memory(stats->memory_peak, memory, sizeof(memory));
	if (result->oom_killed)
		snprintf(kills, sizeof(kills), ", %" PRIu64 " killed for memory", stats->oom_kills);
	log_notice("%s: ended for %s: %.1f s, %u sessions, %.1f s of processor time, peak memory "
		   "%s%s",
	    serving->login->policy.spec.name, serving->login->account.name,
	    (double)result->wall_us / 1e6, serving->sessions, (double)cpu / 1e6, memory, kills);
}

/*
 * Whatever hangs while the jail is built (a dead file server, a stopped process), the module gives
 * up at the deadline, and so do we: killed, by the kernel, and with us what was built. Then the
 * account's next login finds nothing in its way.
 */
static int start_watchdog(const struct login *login, timer_t *ret, struct err *err)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	uint64_t deadline = login->request.deadline_us;
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(deadline / 1000000),
				     .tv_nsec = (long)(deadline % 1000000) * 1000 } };

	if (timer_create(CLOCK_MONOTONIC, &kill, ret) < 0)
		return err_sys(err, errno, "cannot make a timer");
	if (timer_settime(*ret, TIMER_ABSTIME, &at, NULL) < 0)
		return err_sys(err, errno, "cannot set a timer");
	return 0;
}

static int build(struct login *login, struct jail **ret, struct err *err)
{
	const struct jail_settings settings = {
		.accounting = true, .libexec_dir = login->libexec_dir, .data_dir = login->data_dir
	};
	timer_t watchdog = NULL;
	int r = account_name_groups(&login->account, err);

	if (r == 0)
		r = start_watchdog(login, &watchdog, err);
	if (r < 0)
		return r;
	r = jail_open(&login->policy.spec, &settings, ret, err);
	(void)timer_delete(watchdog);
	return r;
}

int session_serve(struct login *login, struct err *err)
{
	struct serving serving = { .login = login };
	struct serve_hooks hooks = { .opened = opened,
		.refused = refused,
		.closed = closed,
		.asked = asked,
		.watched = watched,
		.data = &serving };
	struct control_session session;
	struct jail_result result;
	struct jail *jail = NULL;
	int r = build(login, &jail, err);

	if (r < 0)
		return r;
	serving.records = records_open(
	    login->policy.spec.name, &login->account, login->libexec_dir, jail_init_pid(jail));
	if (!serving.records)
		log_error(
		    "%s: its sessions will not be in the host's records", login->policy.spec.name);
	serving.at_jobs = at_jobs_new();
	hooks.watch = records_fd(serving.records);
	session_describe(&login->request, &session);
	int socket = login->socket;
	login->socket = -1;
	r = jail_serve(jail, &session, socket, &hooks, &result, err);
	if (r == 0)
		log_end(&serving, &result);
	records_close(serving.records);
	at_jobs_free(serving.at_jobs);
	jail_close(jail);
	return r;
}
