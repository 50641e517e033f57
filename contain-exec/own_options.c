/* SPDX-License-Identifier: MIT */
#include "contain-exec/own_options.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* Loaded when the whole command line has been gone through once. */
static int parse_policy(struct options *options, const char *value, struct err *err)
{
	if (!*value)
		return err_say(err, EINVAL, "the value is empty");
	options->policy_name = value;
	return 0;
}

static int parse_as(struct options *options, const char *value, struct err *err)
{
	if (!*value)
		return err_say(err, EINVAL, "the value is empty");
	options->account_name = value;
	return 0;
}

/* "" is one: none. */
static int parse_entrypoint(struct options *options, const char *value, struct err *err)
{
	(void)err;
	options->entrypoint = value;
	return 0;
}

static int parse_stats(struct options *options, const char *value, struct err *err)
{
	if (!value || strcmp(value, "text") == 0)
		options->stats = STATS_TEXT;
	else if (strcmp(value, "json") == 0)
		options->stats = STATS_JSON;
	else
		return err_say(err, EINVAL, "\"%s\" is not possible: use text or json", value);
	return 0;
}

static int parse_status_fd(struct options *options, const char *value, struct err *err)
{
	uint64_t number;

	if (str_to_u64(value, INT_MAX, &number) < 0)
		return err_say(err, EINVAL, "\"%s\" is not the number of a descriptor", value);
	int fd = (int)number, flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		return err_say(
		    err, EBADF, "descriptor %d is not open: open it, as in %d>status", fd, fd);
	if ((flags & O_ACCMODE) == O_RDONLY || flags & O_PATH)
		return err_say(err, EBADF, "descriptor %d is not open for writing", fd);
	/* A copy, because 0 and 1 are let go while the command runs. The command gets neither. */
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0 || (fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)) {
		fd_close(copy);
		return err_sys(err, errno, "descriptor %d", fd);
	}
	fd_close(options->status_fd);
	options->status_fd = copy;
	return 0;
}

static int parse_yes(const char *value, bool *ret, struct err *err)
{
	if (strcmp(value, "yes") != 0)
		return err_say(err, EINVAL, "takes no value");
	*ret = true;
	return 0;
}

static int parse_verbose(struct options *options, const char *value, struct err *err)
{
	return parse_yes(value, &options->verbose, err);
}

static int parse_dry_run(struct options *options, const char *value, struct err *err)
{
	return parse_yes(value, &options->dry_run, err);
}

static int parse_help(struct options *options, const char *value, struct err *err)
{
	return parse_yes(value, &options->help, err);
}

static int parse_version(struct options *options, const char *value, struct err *err)
{
	return parse_yes(value, &options->version, err);
}

static int parse_habit(struct options *options, const char *value, struct err *err)
{
	bool ignored;

	(void)options;
	return parse_yes(value, &ignored, err);
}

/* clang-format off */
const struct option_row own_options[] = {
	{ .names = "--policy", .value = "NAME|FILE",
	  .help = "begin with what the policy of this group says: contain.conf(5)",
	  .details = "It is read from groups/NAME.conf in /etc/contain, or from FILE, which has a slash in "
		     "its name; default.conf comes before either. "
		     "Options win over it, wherever they stand, and add to its lists.",
	  .parse_own = parse_policy },
	{ .names = "--as", .value = "USER",
	  .help = "be this account, in the container that its logins have",
	  .details = "Begins with what policy says of the account, and shows its home and its own uid and "
		     "groups in the container. "
		     "Options win over the policy as with --policy.",
	  .parse_own = parse_as },
	{ .names = "--entrypoint", .value = "PROGRAM",
	  .help = "run this in place of what the image begins its command with",
	  .details = "Without it the command is the image's Entrypoint, and behind it the words that are given, or "
		     "where there are none the image's Cmd. "
		     "With it the image's Cmd is not used either; an empty PROGRAM means that there is none.",
	  .parse_own = parse_entrypoint },
	{ .names = "--stats", .value = "[=text|json]",
	  .help = "print at the end, to standard error, what the command used",
	  .details = "Wall clock and processor time, the peaks of memory and of processes, input and "
		     "output, and how often the memory limit killed. "
		     "What the machine does not count is shown as unknown.",
	  .parse_own = parse_stats },
	{ .names = "--status-fd", .value = "N",
	  .help = "write what happens to this open descriptor, as lines of JSON",
	  .details = "Each line is an object whose event is started, ended or error. "
		     "It tells a failure of contain-exec from the same exit code of the command.",
	  .parse_own = parse_status_fd },
	{ .names = "--verbose",
	  .help = "print each stage of the set-up and the time since the start",
	  .parse_own = parse_verbose },
	{ .names = "--dry-run",
	  .help = "check the options, print the result as JSON and run nothing",
	  .parse_own = parse_dry_run },
	{ .names = "--rm --interactive -i",
	  .help = "accepted as a habit from docker: both are always so",
	  .parse_own = parse_habit },
	{ .names = "--help -h",
	  .help = "print a summary of the options",
	  .parse_own = parse_help },
	{ .names = "--version",
	  .help = "print the version",
	  .parse_own = parse_version },
	{ .names = NULL },
};
/* clang-format on */
