/* SPDX-License-Identifier: MIT */

/*
 * A PAM application that opens a session and closes it:
 *
 *	session SERVICE USER [GONE]
 *
 * prints how long both took together, in microseconds; with GONE it waits, unmeasured, until there
 * is no such file, for 10 s.
 *
 *	session --hold SERVICE PREFIX COUNT
 *
 * opens one for each of PREFIX1 to PREFIXCOUNT, prints "open" and closes them at the end of
 * standard input.
 */

#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int converse(
    int count, const struct pam_message **messages, struct pam_response **ret, void *data)
{
	(void)ret;
	(void)data;
	for (int i = 0; i < count; i++)
		fprintf(stderr, "%s\n", messages[i]->msg);
	return PAM_CONV_ERR;
}

static double microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int fail(pam_handle_t *handle, const char *what, int code)
{
	fprintf(stderr, "%s: %s\n", what, pam_strerror(handle, code));
	return 1;
}

static int measure(pam_handle_t *handle, const char *gone)
{
	double start = microseconds();
	int opened = pam_open_session(handle, 0);
	int closed = opened == PAM_SUCCESS ? pam_close_session(handle, 0) : opened;
	double end = microseconds();

	if (opened != PAM_SUCCESS)
		return fail(handle, "pam_open_session", opened);
	if (closed != PAM_SUCCESS)
		return fail(handle, "pam_close_session", closed);
	printf("%.0f\n", end - start);
	for (int tries = 0; gone && access(gone, F_OK) == 0 && tries < 2000; tries++)
		usleep(5000);
	return 0;
}

/* In a child: its session is open for as long as standard input is. */
static int hold_one(const char *service, const char *user, int opened)
{
	const struct pam_conv conversation = { converse, NULL };
	pam_handle_t *handle;
	char byte;
	int code = pam_start(service, user, &conversation, &handle);

	if (code == PAM_SUCCESS)
		code = pam_open_session(handle, 0);
	if (code != PAM_SUCCESS)
		return fail(handle, user, code);
	(void)!write(opened, "o", 1);
	close(opened);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	code = pam_close_session(handle, 0);
	pam_end(handle, code);
	return code == PAM_SUCCESS ? 0 : 1;
}

/* One after the other, because it is not their start that is measured. */
static int hold(const char *service, const char *prefix, unsigned count)
{
	int pipes[2];

	for (unsigned i = 1; i <= count; i++) {
		char user[64], byte;
		snprintf(user, sizeof(user), "%s%u", prefix, i);
		if (pipe(pipes) < 0)
			return 1;
		pid_t pid = fork();
		if (pid == 0) {
			close(pipes[0]);
			_exit(hold_one(service, user, pipes[1]));
		}
		close(pipes[1]);
		if (pid < 0 || read(pipes[0], &byte, 1) != 1)
			return 1;
		close(pipes[0]);
	}
	puts("open");
	fflush(stdout);
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	const struct pam_conv conversation = { converse, NULL };
	pam_handle_t *handle;

	if (argc == 5 && strcmp(argv[1], "--hold") == 0)
		return hold(argv[2], argv[3], (unsigned)strtoul(argv[4], NULL, 10));
	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: session SERVICE USER [GONE]\n"
				"       session --hold SERVICE PREFIX COUNT\n");
		return 1;
	}
	int code = pam_start(argv[1], argv[2], &conversation, &handle);
	if (code != PAM_SUCCESS)
		return fail(NULL, "pam_start", code);
	int r = measure(handle, argv[3]);
	pam_end(handle, PAM_SUCCESS);
	return r;
}
