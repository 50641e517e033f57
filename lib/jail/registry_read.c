/* SPDX-License-Identifier: MIT */
/* Reading other jails' records: all that the PAM module needs of the registry. */
#include "lib/jail/registry.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

/* /run/contain, or for a user the same below the directory that the system made for them. */
int registry_open_directory(struct err *err)
{
	char parent[64] = "/run";
	struct stat st;

	if (geteuid() != 0)
		snprintf(parent, sizeof(parent), "/run/user/%u", geteuid());
	cleanup_fd int run = open(parent, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (run < 0 && geteuid() != 0)
		return -1;
	if (run < 0)
		return err_sys(err, errno, "%s", parent);
	cleanup_fd int fd = openat(run, "contain", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(run, "contain", 0711) < 0 && errno != EEXIST)
			return err_sys(err, errno, "cannot make %s/contain", parent);
		fd = openat(run, "contain", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "cannot open %s/contain", parent);
	if (st.st_uid != geteuid() || (st.st_mode & 022))
		return err_say(err, EPERM,
		    "%s/contain belongs to somebody else or can be written by others: remove it",
		    parent);
	return take_fd(&fd);
}

void registry_each_line(
    const char *text, const char *word, void (*visit)(const char *value, void *data), void *data)
{
	char line[PATH_MAX];
	size_t length = strlen(word);

	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		size_t size = (size_t)(end - text);
		if (size >= sizeof(line) || size <= length || strncmp(text, word, length) != 0 ||
		    text[length] != ' ')
			continue;
		memcpy(line, text, size);
		line[size] = '\0';
		visit(line + length + 1, data);
	}
}

struct last_line {
	char *value;
	size_t size;
	bool found;
};

static void keep_line(const char *value, void *data)
{
	struct last_line *last = data;

	last->found = (size_t)snprintf(last->value, last->size, "%s", value) < last->size;
}

int registry_read(const char *path, const char *word, char *value, size_t size)
{
	struct last_line last = { .size = size };
	cleanup_free char *text = NULL;
	cleanup_fd int directory = registry_open_directory(NULL);

	if (directory < 0)
		return directory == -1 ? -ENOENT : directory;
	cleanup_fd int record =
	    openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (record < 0)
		return -errno;
	int r = fd_read_all(record, REGISTRY_RECORD_MAX, &text, NULL, NULL);
	if (r < 0)
		return r;
	last.value = value;
	registry_each_line(text, word, keep_line, &last);
	return last.found ? 0 : -ENOENT;
}
