/* SPDX-License-Identifier: MIT */
#include "lib/policy/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

static int check_owner(const struct stat *st, const char *path, struct err *err)
{
	if (st->st_uid == 0 || st->st_uid == geteuid())
		return 0;
	return err_say(
	    err, EPERM, "%.256s: belongs to uid %u: it must be root's", path, st->st_uid);
}

static int check_mode(const struct stat *st, const char *path, struct err *err)
{
	if (!(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return err_say(err, EPERM, "%.256s: can be written by %s: take that away, as in chmod go-w",
	    path, st->st_mode & S_IWOTH ? "everybody" : "its group");
}

int safe_open_subdirectory(int parent, const char *name, const char *path, struct err *err)
{
	struct stat st;
	cleanup_fd int fd =
	    openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);

	/* A symbolic link that is not followed is no directory either. */
	if (fd < 0 && errno == ENOTDIR && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		return err_say(
		    err, ELOOP, "%.256s: is a symbolic link, which is not followed here", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "%.256s", path);
	int r = check_owner(&st, path, err);
	if (r == 0)
		r = check_mode(&st, path, err);
	return r < 0 ? r : take_fd(&fd);
}

/*
 * A directory above. In a sticky one others can make entries, but not replace ours, and those that
 * they make are theirs and refused. It need not be readable.
 */
static int step(int *at, const char *name, const char *path, struct err *err)
{
	struct stat st;
	cleanup_fd int next = openat(*at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (next < 0 || fstat(next, &st) < 0)
		return err_sys(err, errno, "%.256s", path);
	if (S_ISLNK(st.st_mode))
		return err_say(
		    err, ELOOP, "%.256s: is a symbolic link, which is not followed here", path);
	if (!S_ISDIR(st.st_mode))
		return err_sys(err, ENOTDIR, "%.256s", path);
	int r = check_owner(&st, path, err);
	if (r == 0 && !(st.st_mode & S_ISVTX))
		r = check_mode(&st, path, err);
	if (r < 0)
		return r;
	fd_close(*at);
	*at = take_fd(&next);
	return 0;
}

int safe_open_directory(const char *path, struct err *err)
{
	char above[PATH_MAX], name[NAME_MAX + 1];
	cleanup_fd int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *rest = path;

	if (at < 0)
		return err_sys(err, errno, "/");
	if (*path != '/' || strlen(path) >= sizeof(above))
		return err_say(err, EINVAL, "%.256s: is not an absolute path, or too long", path);
	for (;;) {
		rest += strspn(rest, "/");
		size_t length = strcspn(rest, "/");
		if (length >= sizeof(name))
			return err_sys(err, ENAMETOOLONG, "%.256s", path);
		snprintf(name, sizeof(name), "%.*s", (int)length, length ? rest : ".");
		rest += length;
		snprintf(above, sizeof(above), "%.*s", (int)(rest - path), path);
		if (!rest[strspn(rest, "/")])
			return safe_open_subdirectory(at, length ? name : ".", above, err);
		int r = step(&at, name, above, err);
		if (r < 0)
			return r;
	}
}

static int check_file(int fd, const char *path, enum safe_owner owner, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "%.256s", path);
	if (!S_ISREG(st.st_mode))
		return err_say(err, EINVAL, "%.256s: is not a regular file", path);
	if (st.st_size > (off_t)SAFE_FILE_MAX)
		return err_say(err, EFBIG, "%.256s: is larger than %zu bytes", path, SAFE_FILE_MAX);
	if (owner == SAFE_OWNER_ANY)
		return 0;
	int r = check_owner(&st, path, err);
	return r == 0 ? check_mode(&st, path, err) : r;
}

int safe_open_file(
    int parent, const char *name, const char *path, enum safe_owner owner, struct err *err)
{
	cleanup_fd int fd =
	    openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ELOOP)
		return err_say(
		    err, ELOOP, "%.256s: is a symbolic link, which is not followed here", path);
	/* What a socket says. */
	if (fd < 0 && errno == ENXIO)
		return err_say(err, EINVAL, "%.256s: is not a regular file", path);
	if (fd < 0)
		return err_sys(err, errno, "%.256s", path);
	int r = check_file(fd, path, owner, err);
	return r < 0 ? r : take_fd(&fd);
}
