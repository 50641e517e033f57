/* SPDX-License-Identifier: MIT */
#include "lib/jail/stages_command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/privs.h"
#include "lib/kernel/rlimits.h"
#include "lib/policy/parse.h"

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int command_session(struct jail *jail, struct err *err)
{
	/* PID 1 leads the session and its group already. */
	if (!jail->spec->run.no_init && setpgid(0, 0) < 0)
		return err_sys(err, errno, "cannot make a process group");
	if (jail->slave < 0)
		return 0;
	/* From the background; SIGTTOU is blocked. */
	if (tcsetpgrp(jail->slave, getpgrp()) < 0)
		return err_sys(err, errno, "cannot take the foreground of the terminal");
	if (dup2(jail->slave, 0) < 0 || dup2(jail->slave, 1) < 0 ||
	    (isatty(2) && dup2(jail->slave, 2) < 0))
		return err_sys(err, errno, "cannot use the terminal");
	return 0;
}

int command_rlimits(struct jail *jail, struct err *err)
{
	return rlimits_apply(jail->spec->limits.rlimits, err);
}

int command_early_filter(struct jail *jail, struct err *err)
{
	return jail->spec->identity.allow_setuid ? seccomp_filter_install(&jail->filter, err) : 0;
}

/* One that was named must be given; "all" means all that there are to give. */
static int settle_capabilities(const struct spec_identity *identity, uint64_t *ret, struct err *err)
{
	uint64_t available = caps_available();
	uint64_t missing = identity->capabilities & caps_all() & ~available;
	char name[PARSE_CAPABILITY_MAX];

	*ret = identity->capabilities & (available | ~caps_all());
	if (!missing || (identity->capabilities_added & SPEC_CAPABILITY_ALL))
		return 0;
	parse_capability_name((unsigned)__builtin_ctzll(missing), name);
	return err_say(err, EPERM,
	    "capability %s cannot be given to the command, because its creator does not have it",
	    name);
}

int command_credentials(struct jail *jail, struct err *err)
{
	const struct spec_identity *identity = &jail->spec->identity;
	uint64_t keep = identity->capabilities;
	int r = privs_become(&jail->user, jail->map.setgroups, err);

	if (r == 0 && geteuid() == 0)
		r = settle_capabilities(identity, &keep, err);
	return r < 0 ? r : caps_limit(keep, err);
}

/* The one that was asked for; else the account's home, if it is there, as a login has it. */
static int open_workdir(const struct jail *jail, int root, const char **ret_path)
{
	const char *asked = jail->spec->root.workdir;

	*ret_path = asked ?: jail->home ?: "/";
	int dir = path_open_in_root(root, *ret_path, O_PATH | O_DIRECTORY);
	if (dir != -ENOENT || asked)
		return dir;
	*ret_path = "/";
	return path_open_in_root(root, "/", O_PATH | O_DIRECTORY);
}

int command_workdir(struct jail *jail, struct err *err)
{
	const char *path = "/";
	char found[PATH_MAX];
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(err, errno, "cannot open /");
	cleanup_fd int dir = open_workdir(jail, root, &path);
	if (dir < 0)
		return err_sys(err, -dir, "--workdir: %s", path);
	if (fchdir(dir) < 0)
		return err_sys(err, errno, "--workdir: %s", path);
	/* The kernel says "(unreachable)" of a place outside of the root (CVE-2024-21626). */
	if (syscall(SYS_getcwd, found, sizeof(found)) < 0 || found[0] != '/')
		return err_say(err, EXDEV, "--workdir: %s leads out of the root", path);
	return 0;
}

int command_inherit(struct jail *jail, struct err *err)
{
	(void)umask(jail->callers_umask);
	if (sigprocmask(SIG_SETMASK, &jail->callers_mask, NULL) < 0)
		return err_sys(err, errno, "cannot restore the signal mask");
	return 0;
}

int command_filter(struct jail *jail, struct err *err)
{
	if (jail->spec->identity.allow_setuid)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_sys(err, errno, "cannot set no_new_privs");
	return seccomp_filter_install(&jail->filter, err);
}

int command_gate(struct jail *jail, struct err *err)
{
	char byte;

	if (jail->gate[0] < 0)
		return 0;
	jail->gate[1] = fd_close(jail->gate[1]);
	while (read(jail->gate[0], &byte, 1) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "cannot wait for contain-init");
	return 0;
}

/* Where each variable comes from: the jail's own account, the caller's terminal, the spec. */
static int make_environment(const struct jail *jail, struct strv *ret)
{
	const struct spec_identity *identity = &jail->spec->identity;
	const char *name = jail->user.name[0] ? jail->user.name : NULL;
	const struct strv callers = { (char **)jail->settings->environ, 0 };
	const char *term = jail->terminal && callers.items ? strv_get(&callers, "TERM") : NULL;
	int r = 0;

	if (!identity->clear_environment) {
		r = strv_set(ret, "PATH", PATH_DEFAULT);
		if (r == 0)
			r = strv_set(ret, "HOME", jail->user.home);
		if (r == 0)
			r = strv_set(ret, "SHELL", jail->user.shell);
		if (r == 0 && name)
			r = strv_set(ret, "USER", name);
		if (r == 0 && name)
			r = strv_set(ret, "LOGNAME", name);
		if (r == 0 && term)
			r = strv_set(ret, "TERM", term);
	}
	for (size_t i = 0; r == 0 && i < identity->environment.count; i++) {
		char *item = identity->environment.items[i];
		char *equals = strchr(item, '=');
		char key[256];
		if (!equals || (size_t)(equals - item) >= sizeof(key))
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)(equals - item), item);
		r = strv_set(ret, key, equals + 1);
	}
	return r;
}

/* A file that is there and yet "not found": then what is missing is what runs it. */
static bool lacks_interpreter(const char *command)
{
	struct stat st;

	return strchr(command, '/') && stat(command, &st) == 0 && S_ISREG(st.st_mode);
}

static int explain(const char *command, int errnum, struct err *err)
{
	if (errnum == ENOENT && lacks_interpreter(command))
		return err_say(err, ENOENT,
		    "%s: the interpreter or loader that it names is not in the root", command);
	if (errnum == ENOEXEC)
		return err_say(err, ENOEXEC,
		    "%s: is neither a program for this machine nor a script that begins with #!",
		    command);
	if (errnum == ENOENT && !strchr(command, '/'))
		return err_say(
		    err, ENOENT, "\"%s\": no such command in the PATH of the container", command);
	return err_sys(err, errnum, "%s", command);
}

/*
 * As execvp(3), but for what is no program: that is not given to a shell, which would take the
 * bytes of a foreign binary for commands. Returns the errno that tells most.
 */
static int search_and_exec(char **argv, char **environment, const char *path)
{
	int found = ENOENT;
	char file[PATH_MAX];

	if (strchr(argv[0], '/')) {
		execve(argv[0], argv, environment);
		return errno;
	}
	for (const char *end; *argv[0] && path; path = *end ? end + 1 : NULL) {
		end = strchrnul(path, ':');
		/* An empty part means the working directory: POSIX, environment variable PATH. */
		int length = snprintf(file, sizeof(file), "%.*s%s%s", (int)(end - path), path,
		    end == path ? "./" : "/", argv[0]);
		if (length < 0 || (size_t)length >= sizeof(file))
			continue;
		execve(file, argv, environment);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return errno;
		if (errno == EACCES)
			found = EACCES;
	}
	return found;
}

int command_exec(struct jail *jail, struct err *err)
{
	static char *nothing[] = { NULL };
	struct strv environment = { NULL, 0 };
	char **argv = jail->spec->run.command.items;
	int r = make_environment(jail, &environment);

	if (r < 0)
		return err_sys(err, -r, "cannot make the environment");
	/* Nothing but 0, 1 and 2 goes in, whatever the caller had open (CVE-2024-21626). */
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot close the other descriptors");
	r = search_and_exec(
	    argv, environment.items ?: nothing, strv_get(&environment, "PATH") ?: PATH_DEFAULT);
	strv_free(&environment);
	return explain(argv[0], r, err);
}
