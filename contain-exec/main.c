/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contain-exec/help.h"
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

/* What goes to standard output is the result, so that failing to write it is a failure. */
static int finish_output(const struct options *options, struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	(void)err_sys(err, errno, "cannot write to standard output");
	return fail(options, err);
}

/*
 * The directory of this executable if contain-init lies beside it, as after a build. Nothing of the
 * environment is asked: it is the caller's, and what is found here runs as root.
 */
static bool find_own_directory(char *path, size_t size)
{
	char init[PATH_MAX + 16];
	ssize_t length = readlink("/proc/self/exe", path, size - 1);

	if (length <= 0 || (size_t)length >= size - 1)
		return false;
	path[length] = '\0';
	*strrchr(path, '/') = '\0';
	snprintf(init, sizeof(init), "%s/contain-init", path);
	return access(init, X_OK) == 0;
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
	char own[PATH_MAX];
	bool here = find_own_directory(own, sizeof(own));
	const struct jail_settings settings = {
		.progress = options->verbose ? report_stage : NULL,
		.accounting = options->stats != STATS_NONE,
		.libexec_dir = here ? own : LIBEXECDIR,
		.data_dir = here ? own : DATADIR,
		.environ = environ,
	};
	struct jail *jail = NULL;
	struct jail_result result;
	int code;

	/* Inherited as ignored, it would make the kernel reap what we wait for. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (jail_open(&options->spec, &settings, &jail, err) < 0)
		return fail(options, err);
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
	if (spec_check(&options->spec, err) < 0)
		return fail(options, err);
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
	int code;

	(void)argc; /* may be 0; argv ends with NULL all the same */
	options_init(&options);
	code = start(argv, &options, &err);
	options_done(&options);
	return code;
}
