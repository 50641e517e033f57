/* SPDX-License-Identifier: MIT */
#include "pam_contain/session_at.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where atd keeps output and jobs: Debian and SUSE, then RHEL and Fedora. */
static const struct {
	const char *output, *jobs;
} spools[] = {
	{ "/var/spool/cron/atspool", "/var/spool/cron/atjobs" },
	{ "/var/spool/at/spool", "/var/spool/at" },
	{ "/var/spool/atspool", "/var/spool/atjobs" },
};

#define SPOOLS (sizeof(spools) / sizeof(spools[0]))

struct job {
	pid_t pid;
	size_t spool;
	char name[NAME_MAX + 1]; /* of the output; the job's lock has "=" as its first letter */
	struct job *next;
};

struct at_jobs {
	struct job *first;
};

struct at_jobs *at_jobs_new(void)
{
	return calloc(1, sizeof(struct at_jobs));
}

/* Whether the path is that of some job's output; then *ret is filled in. */
static bool is_output(const char *path, struct job *ret)
{
	for (size_t i = 0; i < SPOOLS; i++) {
		size_t length = strlen(spools[i].output);
		if (strncmp(path, spools[i].output, length) != 0 || path[length] != '/')
			continue;
		const char *name = path + length + 1;
		/* "a0000101c5e2b0": a letter, and the rest in hexadecimal. */
		if (strlen(name) != 14 || strspn(name + 1, "0123456789abcdef") != 13)
			return false;
		ret->spool = i;
		memcpy(ret->name, name, 15);
		return true;
	}
	return false;
}

static bool find_output(pid_t pid, struct job *ret)
{
	char path[PATH_MAX], target[PATH_MAX];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	cleanup_dir DIR *dir = opendir(path);
	for (const struct dirent *entry; dir && !found && (entry = readdir(dir));) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = is_output(target, ret);
	}
	return found;
}

void at_jobs_opened(struct at_jobs *jobs, const struct control_session *session)
{
	struct job found = { .pid = session->pid };

	if (!jobs || strcmp(session->service, "atd") != 0 || !find_output(session->pid, &found))
		return;
	struct job *job = malloc(sizeof(*job));
	if (!job)
		return;
	*job = found;
	job->next = jobs->first;
	jobs->first = job;
}

static void remove_in(const char *directory, const char *name)
{
	cleanup_fd int dir = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir >= 0)
		(void)unlinkat(dir, name, 0);
}

static void remove_files(struct job *job)
{
	remove_in(spools[job->spool].output, job->name);
	job->name[0] = '=';
	remove_in(spools[job->spool].jobs, job->name);
}

void at_jobs_closed(struct at_jobs *jobs, const struct control_session *session)
{
	for (struct job **link = jobs ? &jobs->first : NULL; link && *link; link = &(*link)->next) {
		struct job *job = *link;
		if (job->pid != session->pid)
			continue;
		*link = job->next;
		remove_files(job);
		free(job);
		return;
	}
}

void at_jobs_free(struct at_jobs *jobs)
{
	while (jobs && jobs->first) {
		struct job *job = jobs->first;
		jobs->first = job->next;
		remove_files(job);
		free(job);
	}
	free(jobs);
}
