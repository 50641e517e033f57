/* SPDX-License-Identifier: MIT */
#include "lib/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

int path_open_unmounted(int root, const char *path, int flags)
{
	return open_resolved(
	    root, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
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

/* What is asked of the directories on the way: of those that have symlinks, or of all. */
enum trust { TRUST_LINKS, TRUST_DIRECTORIES };

struct walk {
	const char *path; /* as it was given, for messages */
	enum trust trust;
	char pending[PATH_MAX]; /* what is still to be walked */
	int at;
	int links;
};

static int refuse_link(const struct walk *walk, const char *name, struct err *err)
{
	return err_say(err, ELOOP,
	    "%s: %s in it is a symbolic link that another user can change; name the place that it "
	    "points to",
	    walk->path, name);
}

/* Who can write the directory can put something else there (CVE-2019-5736's family), sticky or not:
 * sshd asks the same of ChrootDirectory. */
static int check_directory(const struct walk *walk, struct err *err)
{
	char self[32], where[PATH_MAX] = "";
	struct stat st;

	if (fstat(walk->at, &st) < 0)
		return err_sys(err, errno, "%s", walk->path);
	if ((st.st_uid == 0 || st.st_uid == geteuid()) && !(st.st_mode & 022))
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", walk->at);
	if (readlink(self, where, sizeof(where) - 1) <= 0)
		snprintf(where, sizeof(where), "a directory in it");
	return err_say(err, EPERM,
	    "%.160s: %.160s can be changed by others than root: it must belong to root and be "
	    "writable by nobody else (chown root, chmod go-w)",
	    walk->path, where);
}

/*
 * One step: open `name`. A directory becomes the new place, a symlink is put in front of what is
 * pending, and may move the place back to "/".
 */
static int step(struct walk *walk, const char *name, struct err *err)
{
	struct stat st;
	int r = walk->trust == TRUST_DIRECTORIES ? check_directory(walk, err) : 0;

	if (r < 0)
		return r;
	cleanup_fd int next = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 || fstat(next, &st) < 0)
		return err_sys(err, errno, "%s", walk->path);
	if (!S_ISLNK(st.st_mode)) {
		fd_close(walk->at);
		walk->at = take_fd(&next);
		return 0;
	}
	if (others_decide(walk->at, &st))
		return refuse_link(walk, name, err);
	r = ++walk->links > SYMLINKS_MAX ? -ELOOP : expand_symlink(next, walk->pending);
	if (r == 0 && walk->pending[0] == '/') {
		fd_close(walk->at);
		walk->at = start_of("/");
		r = walk->at < 0 ? walk->at : 0;
	}
	return r < 0 ? err_sys(err, -r, "%s", walk->path) : 0;
}

static int open_walking(const char *path, enum trust trust, struct err *err)
{
	struct walk walk = { .path = path, .trust = trust };
	char name[NAME_MAX + 1];
	int r = 0;

	if (!*path || strlen(path) >= sizeof(walk.pending))
		return err_say(err, *path ? ENAMETOOLONG : ENOENT, "the path is %s",
		    *path ? "too long" : "empty");
	memcpy(walk.pending, path, strlen(path) + 1);
	walk.at = start_of(walk.pending);
	if (walk.at < 0)
		return err_sys(err, -walk.at, "%s", path);
	for (;;) {
		const char *rest = walk.pending;
		if (!next_component(&rest, name))
			break;
		memmove(walk.pending, rest, strlen(rest) + 1);
		r = step(&walk, name, err);
		if (r < 0)
			break;
	}
	if (r == 0 && walk.pending[strspn(walk.pending, "/")])
		r = err_say(err, ENAMETOOLONG, "%s: a name in it is too long", path);
	if (r < 0)
		walk.at = fd_close(walk.at);
	return r < 0 ? r : walk.at;
}

int path_open_trusted(const char *path, struct err *err)
{
	return open_walking(path, TRUST_LINKS, err);
}

int path_open_guarded(const char *path, struct err *err)
{
	return open_walking(path, TRUST_DIRECTORIES, err);
}

bool path_is_empty(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}
