/* SPDX-License-Identifier: MIT */
#include "contain-exec/report.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contain-exec/statistics.h"

/* Write without being killed where nobody reads (SIGPIPE) or nothing may be written (SIGXFSZ). */
static void put(int fd, const char *text, size_t length)
{
	const struct timespec now = { 0, 0 };
	sigset_t fatal, before;

	sigemptyset(&fatal);
	sigaddset(&fatal, SIGPIPE);
	sigaddset(&fatal, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &fatal, &before);
	/* What the write left pending is taken back, before it is let through again. */
	if (fd_write_all(fd, text, length) < 0)
		while (sigtimedwait(&fatal, NULL, &now) > 0)
			;
	sigprocmask(SIG_SETMASK, &before, NULL);
}

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	static const char prefix[] = "contain-exec: ";
	char line[768];
	va_list args;

	memcpy(line, prefix, sizeof(prefix));
	va_start(args, fmt);
	vsnprintf(line + sizeof(prefix) - 1, sizeof(line) - sizeof(prefix), fmt, args);
	va_end(args);
	size_t length = strlen(line);
	line[length++] = '\n';
	put(STDERR_FILENO, line, length);
}

/* One JSON object on one line, which is written at once. */
struct line {
	FILE *stream;
	char *text;
	size_t length;
	struct json json;
};

static bool line_begin(struct line *line)
{
	*line = (struct line){ .text = NULL };
	line->stream = open_memstream(&line->text, &line->length);
	if (!line->stream)
		return false;
	line->json = json_start(line->stream);
	json_object(&line->json, NULL);
	return true;
}

static void line_end(struct line *line, int fd)
{
	json_end(&line->json);
	fputc('\n', line->stream);
	if (fclose(line->stream) == 0)
		put(fd, line->text, line->length);
	free(line->text);
}

static bool event_begin(struct line *line, const struct options *options, const char *event)
{
	if (options->status_fd < 0 || !line_begin(line))
		return false;
	json_string(&line->json, "event", event);
	return true;
}

void report_error(const struct options *options, const struct err *err)
{
	/* Of the command itself nothing but its name needs to be said. */
	bool stage = err->stage[0] && strcmp(err->stage, "exec") != 0;
	struct line line;

	say("%s%s%s%s", err->text, stage ? " (stage " : "", stage ? err->stage : "",
	    stage ? ")" : "");
	if (!event_begin(&line, options, "error"))
		return;
	json_string(&line.json, "stage", err->stage[0] ? err->stage : "options");
	json_string(&line.json, "errno", strerrorname_np(err->code));
	json_string(&line.json, "message", err->text);
	line_end(&line, options->status_fd);
}

void report_stage(void *data, const char *stage, const char *why, uint64_t microseconds)
{
	(void)data;
	say("%3u.%03u ms  %-10s  %s", (unsigned)(microseconds / 1000),
	    (unsigned)(microseconds % 1000), stage, why);
}

void report_started(const struct options *options, const struct jail *jail)
{
	const struct network_result *network = jail_network(jail);
	char text[SPEC_ADDRESS_TEXT_MAX];
	struct line line;

	if (!event_begin(&line, options, "started"))
		return;
	json_string(&line.json, "name", options->spec.name);
	json_int(&line.json, "pid", jail_init_pid(jail));
	json_bool(&line.json, "terminal", jail_has_terminal(jail));
	json_array(&line.json, "addresses");
	for (unsigned i = 0; network && i < network->address_count; i++) {
		spec_format_address(&network->addresses[i], text);
		json_string(&line.json, NULL, text);
	}
	json_end(&line.json);
	line_end(&line, options->status_fd);
}

/* Why it ended, where that is not the command's own doing. */
static void explain_end(const struct jail_spec *spec, const struct jail_result *result)
{
	char size[SPEC_SIZE_TEXT_MAX];

	if (result->timed_out)
		say("--timeout: the time is over, the container was killed");
	if (!result->oom_killed)
		return;
	spec_format_size(spec->limits.memory, size);
	say("--memory: the memory limit of %s was reached and the kernel killed %s", size,
	    WIFSIGNALED(result->wait_status) ? "the command" : "a process of the container");
}

static void print_statistics(const struct options *options, const struct jail_result *result)
{
	struct line line;

	if (options->stats == STATS_TEXT) {
		char text[1024];
		statistics_format(result, text, sizeof(text));
		put(STDERR_FILENO, text, strlen(text));
	} else if (options->stats == STATS_JSON && line_begin(&line)) {
		json_string(&line.json, "name", options->spec.name);
		statistics_members(result, &line.json);
		line_end(&line, STDERR_FILENO);
	}
}

void report_ended(const struct options *options, const struct jail_result *result, int code)
{
	int status = result->wait_status;
	const char *signal_name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
	char name[24] = "";
	struct line line;

	explain_end(&options->spec, result);
	print_statistics(options, result);
	if (!event_begin(&line, options, "ended"))
		return;
	/* Real-time signals have numbers only. */
	if (signal_name)
		snprintf(name, sizeof(name), "SIG%s", signal_name);
	else if (WIFSIGNALED(status))
		snprintf(name, sizeof(name), "%d", WTERMSIG(status));
	json_int(&line.json, "code", code);
	json_string(&line.json, "signal", name[0] ? name : NULL);
	json_bool(&line.json, "timed_out", result->timed_out);
	json_bool(&line.json, "oom_killed", result->oom_killed);
	statistics_members(result, &line.json);
	line_end(&line, options->status_fd);
}

void report_dry_run(const struct options *options, FILE *out)
{
	struct json json = json_start(out);

	policy_keys_print(&options->spec, &json, NULL);
	fputc('\n', out);
}
