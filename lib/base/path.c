/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

/* As many as the kernel follows: MAXSYMLINKS, path_resolution(7). */
#define SYMLINKS_MAX 40

static int open_resolved(int root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)flags | O_CLOEXEC, .resolve = resolve };
	long fd;

	/* EAGAIN: a rename or mount elsewhere made it impossible to prove that ".." stays
	 * inside (openat2(2)); it is for the caller to try again. */
	for (int tries = 0; tries < 64; tries++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd >= 0 ? (int)fd : -errno;
}

int path_open_in_root(int root, const char *path, int flags)
{
	return open_resolved(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int path_open_strict(int root, const char *path, int flags)
{
	while (*path == '/')
		path++;
	return open_resolved(
	    root, *path ? path : ".", flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

/* Copies the next component of *rest to name and moves *rest behind it; false at the end. */
static bool next_component(const char **rest, char name[NAME_MAX + 1])
{
	while (**rest == '/')
		(*rest)++;
	size_t length = strcspn(*rest, "/");
	if (!length || length > NAME_MAX)
		return false;
	memcpy(name, *rest, length);
	name[length] = '\0';
	*rest += length;
	return true;
}

/*
 * Opens the directory for the first `length` bytes of path, making the last component if it is
 * missing. The parent was opened just before, so that only the last component can be.
 */
static int open_or_make(int root, int parent, const char *prefix, const char *name)
{
	int fd = path_open_in_root(root, prefix, O_PATH | O_DIRECTORY);

	if (fd != -ENOENT)
		return fd;
	/* A dangling symlink is here too, as ENOENT; mkdirat() says EEXIST to it. */
	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return path_open_in_root(root, prefix, O_PATH | O_DIRECTORY);
}

int path_make_dir(int root, const char *path, struct err *err)
{
	char prefix[PATH_MAX] = "", name[NAME_MAX + 1];
	const char *rest = path;
	size_t used = 0;
	cleanup_fd int at = path_open_in_root(root, "/", O_PATH | O_DIRECTORY);

	if (strlen(path) >= sizeof(prefix))
		return err_say(err, ENAMETOOLONG, "%.64s...: the path is too long", path);
	if (at < 0)
		return err_sys(err, -at, "cannot open the root");
	while (next_component(&rest, name)) {
		prefix[used++] = '/';
		memcpy(prefix + used, name, strlen(name) + 1);
		used += strlen(name);
		int next = open_or_make(root, at, prefix, name);
		if (next < 0)
			return err_sys(
			    err, -next, "%s: cannot make the directory %s", path, prefix);
		fd_close(at);
		at = next;
	}
	return take_fd(&at);
}

int path_make_file(int root, const char *path, struct err *err)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	cleanup_fd int fd = path_open_in_root(root, path, O_PATH);

	if (fd != -ENOENT)
		return fd >= 0 ? take_fd(&fd) : err_sys(err, -fd, "%s", path);
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (length >= sizeof(parent))
		return err_say(err, ENAMETOOLONG, "%.64s...: the path is too long", path);
	memcpy(parent, path, length);
	parent[length] = '\0';
	cleanup_fd int dir = path_make_dir(root, parent, err);
	if (dir < 0)
		return dir;
	cleanup_fd int made =
	    openat(dir, slash ? slash + 1 : path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (made < 0 && errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make the file", path);
	fd = path_open_in_root(root, path, O_PATH);
	return fd >= 0 ? take_fd(&fd) : err_sys(err, -fd, "%s", path);
}

/* Whether somebody other than root and the caller decides what the entries of `dir` are. In a
 * sticky directory others can add entries, but not replace ours. */
static bool others_decide(int dir, const struct stat *entry)
{
	struct stat st;

	if (entry->st_uid != 0 && entry->st_uid != geteuid())
		return true;
	if (fstat(dir, &st) < 0)
		return true;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return true;
	return (st.st_mode & 022) && !(st.st_mode & S_ISVTX);
}

/* Puts what the symlink says in front of the rest of the path. */
static int expand_symlink(int link, char pending[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target) - 1);

	if (length <= 0)
		return length < 0 ? -errno : -ENOENT;
	size_t rest = strlen(pending);
	if ((size_t)length + 1 + rest >= PATH_MAX)
		return -ENAMETOOLONG;
	memmove(pending + length + 1, pending, rest + 1);
	memcpy(pending, target, (size_t)length);
	pending[length] = '/';
	return 0;
}

static int start_of(const char *pending)
{
	int fd = open(*pending == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

/*
 * One step: open `name` in *at. A directory becomes the new *at, a symlink is put in front of
 * pending, and may move *at back to "/". Returns 0 or -errno; -EPERM for a symlink that is not to
 * be trusted.
 */
static int step(int *at, const char *name, char pending[PATH_MAX], int *links)
{
	struct stat st;
	cleanup_fd int next = openat(*at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (next < 0 || fstat(next, &st) < 0)
		return -errno;
	if (!S_ISLNK(st.st_mode)) {
		fd_close(*at);
		*at = take_fd(&next);
		return 0;
	}
	if (others_decide(*at, &st))
		return -EPERM;
	if (++*links > SYMLINKS_MAX)
		return -ELOOP;
	int r = expand_symlink(next, pending);
	if (r < 0 || *pending != '/')
		return r;
	fd_close(*at);
	*at = start_of("/");
	return *at < 0 ? *at : 0;
}

static int explain_step(const char *path, const char *name, int errnum, struct err *err)
{
	if (errnum != EPERM)
		return err_sys(err, errnum, "%s", path);
	return err_say(err, ELOOP,
	    "%s: %s in it is a symbolic link that another user can change; name the place that it "
	    "points to",
	    path, name);
}

int path_open_trusted(const char *path, struct err *err)
{
	char pending[PATH_MAX], name[NAME_MAX + 1];
	int links = 0;

	if (!*path || strlen(path) >= sizeof(pending))
		return err_say(err, *path ? ENAMETOOLONG : ENOENT, "the path is %s",
		    *path ? "too long" : "empty");
	memcpy(pending, path, strlen(path) + 1);
	cleanup_fd int at = start_of(pending);
	if (at < 0)
		return err_sys(err, -at, "%s", path);
	for (;;) {
		const char *rest = pending;
		if (!next_component(&rest, name))
			break;
		memmove(pending, rest, strlen(rest) + 1);
		int r = step(&at, name, pending, &links);
		if (r < 0)
			return explain_step(path, name, -r, err);
	}
	if (pending[strspn(pending, "/")])
		return err_say(err, ENAMETOOLONG, "%s: a name in it is too long", path);
	return take_fd(&at);
}
