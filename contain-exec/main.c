/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contain-exec/help.h"
#include "contain-exec/image.h"
#include "contain-exec/options.h"
#include "contain-exec/report.h"

/* As docker run and coreutils' timeout have them. Signals add 128. */
enum {
	CODE_TIMED_OUT = 124,
	CODE_FAILED = 125,
	CODE_NOT_EXECUTABLE = 126,
	CODE_NOT_FOUND = 127,
};

static int fail(const struct options *options, const struct err *err)
{
	report_error(options, err);
	if (strcmp(err->stage, "exec") != 0)
		return CODE_FAILED;
	return err->code == ENOENT ? CODE_NOT_FOUND : CODE_NOT_EXECUTABLE;
}

/* The same for what may have been said by a policy file. */
static int fail_of_spec(const struct options *options, struct err *err)
{
	if (policy_origin_named(&options->policy, err))
		(void)policy_locate(&options->policy, err);
	return fail(options, err);
}

/* What goes to standard output is the result, so that failing to write it is a failure. */
static int finish_output(const struct options *options, struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	(void)err_sys(err, errno, "cannot write to standard output");
	return fail(options, err);
}

/* Where the program's parts are. */
struct parts {
	char libexec_dir[PATH_MAX], data_dir[PATH_MAX];
	struct policy_places places; /* points into them */
};

static int find_parts(struct parts *parts, struct err *err)
{
	parts->places = (struct policy_places){ .directory = POLICY_DIRECTORY,
		.vendor = parts->data_dir,
		.libexec_dir = parts->libexec_dir };
	return install_find(parts->libexec_dir, parts->data_dir, err);
}

static int exit_code(const struct jail_result *result)
{
	if (result->timed_out)
		return CODE_TIMED_OUT;
	if (WIFSIGNALED(result->wait_status))
		return 128 + WTERMSIG(result->wait_status);
	return WEXITSTATUS(result->wait_status);
}

static int run(const struct options *options, struct err *err)
{
	const struct jail_settings settings = {
		.progress = options->verbose ? report_stage : NULL,
		.accounting = options->stats != STATS_NONE,
		.libexec_dir = options->places->libexec_dir,
		.data_dir = options->places->vendor,
		.environ = environ,
	};
	struct jail *jail = NULL;
	struct jail_result result;
	int code;

	/* Inherited as ignored, it would make the kernel reap what we wait for. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (jail_open(&options->spec, &settings, &jail, err) < 0)
		return fail_of_spec(options, err);
	report_started(options, jail);
	if (jail_supervise(jail, &result, err) == 0) {
		code = exit_code(&result);
		report_ended(options, &result, code);
	} else {
		code = fail(options, err);
	}
	jail_close(jail);
	return code;
}

static int start(char **argv, struct options *options, struct err *err)
{
	if (fd_open_standard(err) < 0 || options_parse(argv, options, err) < 0)
		return fail(options, err);
	if (options->help) {
		help_print(stdout);
		return finish_output(options, err);
	}
	if (options->version) {
		puts("contain-exec " VERSION);
		return finish_output(options, err);
	}
	if (!options->spec.name[0])
		snprintf(options->spec.name, sizeof(options->spec.name), "exec-%d", getpid());
	if (image_use(options, err) < 0 || spec_check(&options->spec, err) < 0)
		return fail_of_spec(options, err);
	if (options->dry_run) {
		report_dry_run(options, stdout);
		return finish_output(options, err);
	}
	return run(options, err);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct options options;
	struct parts parts = { .libexec_dir = "" };
	int code;

	(void)argc; /* may be 0; argv ends with NULL all the same */
	options_init(&options, &parts.places);
	code = find_parts(&parts, &err) < 0 ? fail(&options, &err) : start(argv, &options, &err);
	options_done(&options);
	return code;
}
