/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "containctl/command_line.h"

void complain(const char *fmt, ...)
{
	char text[PATH_MAX + 512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fflush(stdout);
	/* At once: others may write to the same place. */
	fprintf(stderr, "containctl: %s\n", text);
}

/* Policy directories have absolute names, because what is above them is looked at too. */
static int find_places(struct ctl *ctl, struct err *err)
{
	const char *conf = ctl->conf ?: POLICY_DIRECTORY;
	int r = install_find(ctl->libexec_dir, ctl->data_dir, err);

	if (r < 0)
		return r;
	ctl->places = (struct policy_places){ .directory = ctl->directory,
		.vendor = ctl->data_dir,
		.libexec_dir = ctl->libexec_dir };
	if (*conf == '/' || !ctl->conf) {
		if (snprintf(ctl->directory, PATH_MAX, "%s", conf) >= PATH_MAX)
			return err_sys(err, ENAMETOOLONG, "--conf");
		return 0;
	}
	return realpath(conf, ctl->directory) ? 0 : err_sys(err, errno, "--conf: %s", conf);
}

static int run(struct ctl *ctl, struct err *err)
{
	if (ctl->version) {
		puts("containctl " VERSION);
		return CODE_OK;
	}
	if (ctl->help)
		return command_help(ctl, err);
	int r = find_places(ctl, err);
	return r < 0 ? r : ctl->command->run(ctl, err);
}

/* What goes to standard output is the result, so that failing to write it is a failure. */
static int finish_output(int code, struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return err_sys(err, errno, "cannot write to standard output");
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct ctl ctl = { .command = NULL };

	(void)argc; /* may be 0; argv ends with NULL all the same */
	if (fd_open_standard(&err) < 0 || command_line_parse(argv, &ctl, &err) < 0) {
		complain("%s", err.text);
		return CODE_USAGE;
	}
	int code = run(&ctl, &err);
	if (code >= 0)
		code = finish_output(code, &err);
	if (code < 0) {
		complain("%s", err.text);
		code = CODE_FAILED;
	}
	return code;
}
