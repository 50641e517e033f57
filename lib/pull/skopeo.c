/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/pull/skopeo.h"

#define NUMBER_MAX    3 /* of descriptors that it gets */
#define COMPLAINT_MAX 16384
#define POLICY	      "/etc/containers/policy.json"
#define POLICY_HOME   "/.config/containers/policy.json"

/* What skopeo asks of the environment, which is that of whoever runs this: root's. */
static const char *const passed_variables[] = { "HOME", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE",
	"DOCKER_CONFIG", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH" };

#define PASSED	 (sizeof(passed_variables) / sizeof(passed_variables[0]))
#define OWN	 2
#define ARGS_MAX 12

struct start {
	const struct skopeo_options *options;
	const char *const *words;
	const char *program;
	int fd, number, complaints;
};

static void make_environment(char *environment[OWN + PASSED + 1], char *texts[PASSED])
{
	size_t count = 0;

	environment[count++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	environment[count++] = "LC_ALL=C.UTF-8";
	for (size_t i = 0; i < PASSED; i++) {
		const char *value = getenv(passed_variables[i]);
		if (value && asprintf(&texts[i], "%s=%s", passed_variables[i], value) >= 0)
			environment[count++] = texts[i];
	}
	environment[count] = NULL;
}

static void make_arguments(const struct start *start, const char *args[ARGS_MAX])
{
	const struct skopeo_options *options = start->options;
	size_t count = 0;

	args[count++] = start->program;
	args[count++] = start->words[0];
	if (options->authfile) {
		args[count++] = "--authfile";
		args[count++] = options->authfile;
	}
	if (options->cert_dir) {
		args[count++] = "--cert-dir";
		args[count++] = options->cert_dir;
	}
	if (options->insecure)
		args[count++] = "--tls-verify=false";
	for (const char *const *word = start->words + 1; *word && count < ARGS_MAX - 1; word++)
		args[count++] = *word;
	args[count] = NULL;
}

/*
 * A group of its own: Ctrl-C at a terminal is for containctl, which then ends it. Nothing that it
 * could run gets more rights than it has.
 */
static int run_program(void *argument, struct err *err)
{
	const struct start *start = argument;
	char *environment[OWN + PASSED + 1], *texts[PASSED] = { NULL };
	const char *args[ARGS_MAX];
	sigset_t none;

	cleanup_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* Off the numbers that are to be filled: dup2() of a number onto itself keeps O_CLOEXEC. */
	int given = fcntl(start->fd, F_DUPFD_CLOEXEC, NUMBER_MAX + 1);
	int complaints = fcntl(start->complaints, F_DUPFD_CLOEXEC, NUMBER_MAX + 1);
	if (null < 0 || given < 0 || complaints < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(complaints, 2) < 0 || dup2(given, start->number) < 0 || setpgid(0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "cannot prepare to run %s", start->program);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	make_arguments(start, args);
	make_environment(environment, texts);
	execve(start->program, (char *const *)args, environment);
	return err_sys(err, errno, "cannot run %s", start->program);
}

/* A file in memory that cannot grow: however much it complains, it neither waits nor fills
 * anything. */
static int make_complaints(struct err *err)
{
	cleanup_fd int fd = memfd_create("contain-skopeo", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, COMPLAINT_MAX) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0)
		return err_sys(err, errno, "cannot make a file in memory");
	return take_fd(&fd);
}

static const char *find_program(struct err *err)
{
	static const char *const places[] = { "/usr/bin/skopeo", "/usr/local/bin/skopeo" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	err_say(err, ENOENT, "images are fetched by %s: install the package skopeo", places[0]);
	return NULL;
}

/* Without a policy skopeo takes nothing, and says so in words that tell nobody what to do. */
static int check_policy(struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" POLICY_HOME, getenv("HOME") ?: "");
	if (access(POLICY, F_OK) == 0 || access(path, F_OK) == 0)
		return 0;
	return err_say(err, ENOENT,
	    "skopeo takes no image without " POLICY ", which says whose signatures it wants: see "
	    "containers-policy.json(5), or install the package golang-github-containers-common "
	    "(containers-common)");
}

int skopeo_start(const struct skopeo_options *options, const char *const words[], int fd,
    int number, struct skopeo *ret, struct err *err)
{
	struct start start = { .options = options,
		.words = words,
		.program = find_program(err),
		.fd = fd,
		.number = number };

	*ret = (struct skopeo)SKOPEO_INIT;
	if (!start.program || check_policy(err) < 0)
		return err ? -err->code : -ENOENT;
	start.complaints = make_complaints(err);
	if (start.complaints < 0)
		return start.complaints;
	ret->complaints = start.complaints;
	return child_start(&ret->child, run_program, &start, err);
}

/* Of `time="..." level=fatal msg="..."` what is in the last quotes. */
static const char *message_of(char *line)
{
	char *message = strstr(line, "msg=\"");
	size_t length = strlen(line);

	if (!message)
		return line;
	if (length && line[length - 1] == '"')
		line[length - 1] = '\0';
	return message + strlen("msg=\"");
}

/* The last line of what it complained of; "" if it did not. */
static void read_complaint(const struct skopeo *skopeo, char *ret, size_t size)
{
	char text[COMPLAINT_MAX + 1];
	ssize_t n = skopeo->complaints < 0 ? 0 : pread(skopeo->complaints, text, COMPLAINT_MAX, 0);

	text[n > 0 ? n : 0] = '\0';
	size_t used = strlen(text);
	while (used && text[used - 1] == '\n')
		text[--used] = '\0';
	char *line = strrchr(text, '\n');
	snprintf(ret, size, "%s", message_of(line ? line + 1 : text));
}

int skopeo_wait(struct skopeo *skopeo, struct err *err)
{
	struct err how = ERR_INIT;
	char complaint[300];

	read_complaint(skopeo, complaint, sizeof(complaint));
	int r = child_wait(&skopeo->child, &how);
	if (r == 0)
		return 0;
	return complaint[0] ? err_say(err, EREMOTEIO, "skopeo: %s", complaint)
			    : err_say(err, -r, "skopeo: %s", how.text);
}

void skopeo_end(struct skopeo *skopeo)
{
	if (skopeo->child.pid > 0) {
		(void)kill(skopeo->child.pid, SIGKILL);
		(void)child_wait(&skopeo->child, NULL);
	}
	skopeo->child.errors = fd_close(skopeo->child.errors);
	skopeo->complaints = fd_close(skopeo->complaints);
}
