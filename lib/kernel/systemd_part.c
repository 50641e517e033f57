/* SPDX-License-Identifier: MIT */
#include "lib/kernel/systemd_part.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/kernel/systemd_part_internal.h"

#define PATIENCE_US 10000000
#define RETRY_US    20000 /* between two tries while a dead jail's scope goes */

/* Once the jobs were queued; how they end is a signal. */
struct job {
	char path[128];
	char result[32]; /* "": not yet known */
};

/* JobRemoved(number, path, unit, result): also of other people's jobs, and it may come first. */
static int job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
	struct job *job = data;
	const char *path, *unit, *result;
	uint32_t number;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &number, &path, &unit, &result) >= 0 &&
	    strcmp(path, job->path) == 0)
		snprintf(job->result, sizeof(job->result), "%s", result);
	return 0;
}

static int append_pids(sd_bus_message *call, const struct systemd_request *request)
{
	int r = sd_bus_message_open_container(call, 'r', "sv");

	if (r >= 0)
		r = sd_bus_message_append(call, "s", "PIDs");
	if (r >= 0)
		r = sd_bus_message_open_container(call, 'v', "au");
	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "u");
	for (unsigned i = 0; r >= 0 && i < 2; i++)
		if (request->pids[i])
			r = sd_bus_message_append(call, "u", (uint32_t)request->pids[i]);
	for (unsigned i = 0; r >= 0 && i < 3; i++)
		r = sd_bus_message_close_container(call);
	return r;
}

/*
 * CollectMode: a scope of which the kernel has killed a process for its memory counts as failed,
 * and would stay. SIGHUP is what ends shells that ignore SIGTERM, as logind does with its scopes.
 */
static int append_properties(sd_bus_message *call, const struct systemd_request *request)
{
	const struct spec_limits *limits = request->limit_slice ? NULL : request->limits;
	int r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s",
	    request->limit_slice ? "Container of a login" : "Container", "Slice", "s",
	    request->slice, "Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed",
	    "SendSIGHUP", "b", 1, "TimeoutStopUSec", "t", (uint64_t)PATIENCE_US);

	if (r >= 0)
		r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)", "MemoryAccounting", "b", 1,
		    "TasksAccounting", "b", 1, "CPUAccounting", "b", 1, "IOAccounting", "b", 1);
	if (r >= 0)
		r = append_pids(call, request);
	return r >= 0 && limits ? systemd_limits_append(call, limits) : r;
}

/* StartTransientUnit(name, mode, properties, auxiliary units) */
static int make_call(struct systemd_bus *bus, const struct systemd_request *request,
    sd_bus_message **ret, struct err *err)
{
	int r = systemd_bus_method(bus, "StartTransientUnit", ret, err);

	if (r < 0)
		return r;
	r = sd_bus_message_append(*ret, "ss", request->scope, "fail");
	if (r >= 0)
		r = sd_bus_message_open_container(*ret, 'a', "(sv)");
	if (r >= 0)
		r = append_properties(*ret, request);
	if (r >= 0)
		r = sd_bus_message_close_container(*ret);
	if (r >= 0)
		r = sd_bus_message_append(*ret, "a(sa(sv))", 0);
	return r < 0 ? err_sys(err, -r, "cannot make a message for systemd") : 0;
}

static int queue_start(struct systemd_bus *bus, const struct systemd_request *request,
    struct job *job, struct err *err)
{
	sd_bus_message *call = NULL, *reply = NULL;
	const char *path;
	char what[160];
	int r = make_call(bus, request, &call, err);

	snprintf(what, sizeof(what), "start %s", request->scope);
	if (r == 0)
		r = systemd_bus_call(bus, call, what, &reply, err);
	if (r == 0) {
		r = sd_bus_message_read(reply, "o", &path);
		if (r < 0)
			r = err_sys(err, -r, "systemd gave no job for %s", request->scope);
		else
			r = snprintf(job->path, sizeof(job->path), "%s", path) > 0 ? 0 : -EIO;
	}
	sd_bus_message_unref(reply);
	sd_bus_message_unref(call);
	return r;
}

static int wait_job(struct systemd_bus *bus, const struct systemd_request *request,
    const struct job *job, struct err *err)
{
	while (!*job->result) {
		uint64_t now = clock_now();
		int r = sd_bus_process(bus->bus, NULL);
		if (r == 0 && now < bus->deadline_us)
			r = sd_bus_wait(bus->bus, bus->deadline_us - now);
		if (r < 0 && r != -EINTR)
			return err_sys(err, -r, "cannot wait for %s", request->scope);
		if (now >= bus->deadline_us)
			return err_say(
			    err, ETIMEDOUT, "systemd did not start %s in time", request->scope);
	}
	if (strcmp(job->result, "done") == 0)
		return 0;
	return err_say(err, EIO, "systemd did not start %s: its job ended as \"%s\"",
	    request->scope, job->result);
}

/* A dead jail's, since the name is ours: its last processes may be dying, or it has failed. */
static void stop_dead(struct systemd_bus *bus, const struct systemd_request *request)
{
	static const struct timespec pause = { 0, RETRY_US * 1000L };
	sd_bus_message *call = NULL;

	if (systemd_bus_method(bus, "StopUnit", &call, NULL) == 0 &&
	    sd_bus_message_append(call, "ss", request->scope, "replace") >= 0)
		(void)systemd_bus_call(bus, call, "stop a scope", NULL, NULL);
	sd_bus_message_unref(call);
	call = NULL;
	if (systemd_bus_method(bus, "ResetFailedUnit", &call, NULL) == 0 &&
	    sd_bus_message_append(call, "s", request->scope) >= 0)
		(void)systemd_bus_call(bus, call, "forget a scope", NULL, NULL);
	sd_bus_message_unref(call);
	(void)nanosleep(&pause, NULL);
}

static int start_scope(
    struct systemd_bus *bus, const struct systemd_request *request, struct err *err)
{
	struct job job = { .path = "" };
	int r = sd_bus_match_signal(bus->bus, NULL, "org.freedesktop.systemd1",
	    "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved",
	    job_removed, &job);

	if (r < 0)
		return err_sys(err, -r, "cannot listen to systemd");
	while ((r = queue_start(bus, request, &job, err)) == -EEXIST &&
	       clock_now() < bus->deadline_us) {
		err_clear(err);
		stop_dead(bus, request);
	}
	return r < 0 ? r : wait_job(bus, request, &job, err);
}

/* SetUnitProperties(name, until the next boot, properties) */
static int limit_slice(
    struct systemd_bus *bus, const struct systemd_request *request, struct err *err)
{
	sd_bus_message *call = NULL;
	char what[160];
	int r = systemd_bus_method(bus, "SetUnitProperties", &call, err);

	if (r < 0)
		return r;
	snprintf(what, sizeof(what), "limit %s", request->slice);
	r = sd_bus_message_append(call, "sb", request->slice, 1);
	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "(sv)");
	if (r >= 0)
		r = systemd_limits_append(call, request->limits);
	if (r >= 0)
		r = sd_bus_message_close_container(call);
	r = r < 0 ? err_sys(err, -r, "cannot make a message for systemd")
		  : systemd_bus_call(bus, call, what, NULL, err);
	sd_bus_message_unref(call);
	return r;
}

/* Signals of jobs go only to those who have asked for them. */
static int subscribe(struct systemd_bus *bus, struct err *err)
{
	sd_bus_message *call = NULL;
	int r = systemd_bus_method(bus, "Subscribe", &call, err);

	if (r == 0)
		r = systemd_bus_call(bus, call, "tell of its jobs", NULL, err);
	sd_bus_message_unref(call);
	return r;
}

int contain_systemd_scope(const struct systemd_request *request, struct err *err)
{
	struct systemd_bus bus = SYSTEMD_BUS_INIT;
	int r = systemd_bus_open(&bus, clock_now() + PATIENCE_US, err);

	if (r < 0)
		return r;
	r = subscribe(&bus, err);
	if (r == 0)
		r = start_scope(&bus, request, err);
	if (r == 0 && request->limit_slice)
		r = limit_slice(&bus, request, err);
	systemd_bus_close(&bus);
	return r;
}
