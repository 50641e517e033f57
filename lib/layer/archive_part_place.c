/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/layer/archive_part_name.h"

int place_open(int at, const char *path, int flags, mode_t mode)
{
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
}

/* O_RDONLY: extended attributes cannot be set through O_PATH. */
static int open_directory(int at, const char *path)
{
	return place_open(at, path, O_RDONLY | O_DIRECTORY, 0);
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}

int place_clear(const struct place *place, mode_t type, struct err *err)
{
	struct stat st;

	if (fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%s: cannot look at it", place->shown);
	if ((st.st_mode & S_IFMT) != type && !is_whiteout(&st))
		return err_say(err, EEXIST,
		    "%s: it is twice in the archive, as different types of file", place->shown);
	/* Unlinked and not written to: what there is may have other names, which keep it. */
	if (unlinkat(place->parent, place->name, 0) < 0)
		return err_sys(err, errno, "%s: cannot replace it", place->shown);
	return 0;
}

int place_make_opaque(const struct place *place, struct err *err)
{
	cleanup_fd int fd = place->name ? open_directory(place->parent, place->name)
					: open_directory(place->parent, ".");

	if (fd < 0 || fsetxattr(fd, ARCHIVE_OPAQUE, "y", 1, 0) < 0)
		return err_sys(err, errno, "%s: cannot mark it as opaque", place->shown);
	return 0;
}

/* A whiteout and a directory: what is below in lower layers goes, and what is in this one stays. */
static int replace_whiteout(const struct place *place, struct err *err)
{
	int r = place_clear(place, S_IFDIR, err);

	if (r == 0 && mkdirat(place->parent, place->name, 0700) < 0)
		r = err_sys(err, errno, "%s: cannot make it", place->shown);
	return r < 0 ? r : place_make_opaque(place, err);
}

int place_make_directory(struct unpack *unpack, const struct place *place, struct err *err)
{
	struct stat st;

	(void)unpack;
	if (mkdirat(place->parent, place->name, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make it", place->shown);
	if (fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%s: cannot look at it", place->shown);
	return S_ISDIR(st.st_mode) ? 0 : replace_whiteout(place, err);
}

int place_note(
    struct unpack *unpack, const char *path, const struct attributes *attributes, struct err *err)
{
	char *copy = strdup(path);

	if (copy && unpack->directory_count == unpack->directory_room) {
		size_t room = unpack->directory_room * 2 + 64;
		void *more = reallocarray(unpack->directories, room, sizeof(*unpack->directories));
		if (more) {
			unpack->directories = more;
			unpack->directory_room = room;
		}
	}
	if (!copy || unpack->directory_count == unpack->directory_room) {
		free(copy);
		return err_sys(err, ENOMEM, "cannot remember the directories of the archive");
	}
	struct unpacked_directory *last = &unpack->directories[unpack->directory_count++];
	last->path = copy;
	last->attributes = *attributes;
	return 0;
}

/* A directory that the archive does not have. It counts: a path of two bytes for each would make
 * two thousand of them out of one entry. */
static int make_missing(struct unpack *unpack, const struct place *place, struct err *err)
{
	const struct attributes plain = { .mode = 0755 };
	int r = unpack_count(unpack, err);

	if (r == 0)
		r = place_make_directory(unpack, place, err);
	return r < 0 ? r : place_note(unpack, place->path, &plain, err);
}

static int refuse_way(const struct unpack *unpack, int errnum, struct err *err)
{
	const char *shown = unpack->shown;

	if (errnum == ELOOP)
		return err_say(err, ELOOP, "%s: the path goes through a symbolic link", shown);
	if (errnum == ENOTDIR)
		return err_say(
		    err, ENOTDIR, "%s: the path goes through what is not a directory", shown);
	return err_sys(err, errnum, "%s: cannot open the directory that it is in", shown);
}

/* One step on the way; closes `at` unless it is the tree. */
static int step(struct unpack *unpack, int at, const char *path, const char *name, struct err *err)
{
	struct place place = { .parent = at, .name = name };
	struct stat st;
	int fd = open_directory(at, name);

	if (fd < 0 && (errno == ENOENT ||
			  (errno == ENOTDIR && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			      is_whiteout(&st)))) {
		strcpy(place.path, path); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
		name_show(path, place.shown, sizeof(place.shown));
		if (make_missing(unpack, &place, err) < 0)
			return -err->code;
		fd = open_directory(at, name);
	}
	return fd < 0 ? refuse_way(unpack, errno, err) : fd;
}

/* The slow way, where something is missing: from the tree on, one name after the other. */
static int walk(struct unpack *unpack, const char *path, struct err *err)
{
	char way[PATH_MAX];
	int at = unpack->task->tree;
	size_t start = 0, length = strlen(path);

	memcpy(way, path, length + 1);
	while (start < length) {
		size_t end = start + strcspn(way + start, "/");
		way[end] = '\0';
		int next = step(unpack, at, way, way + start, err);
		if (at != unpack->task->tree)
			fd_close(at);
		if (next < 0)
			return next;
		at = next;
		way[end] = path[end];
		start = end + 1;
	}
	return at;
}

static int open_parent(struct unpack *unpack, const char *path, struct err *err)
{
	int fd = open_directory(unpack->task->tree, *path ? path : ".");

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return walk(unpack, path, err);
	return fd < 0 ? refuse_way(unpack, errno, err) : fd;
}

static int use_parent(struct unpack *unpack, const char *path, struct err *err)
{
	if (unpack->parent >= 0 && strcmp(path, unpack->parent_path) == 0)
		return 0;
	int fd = open_parent(unpack, path, err);
	if (fd < 0)
		return fd;
	fd_close(unpack->parent);
	unpack->parent = fd;
	strcpy(unpack->parent_path, path); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
	return 0;
}

int place_find(struct unpack *unpack, const char *path, struct place *ret, struct err *err)
{
	name_show(path, ret->shown, sizeof(ret->shown));
	const char *wrong = name_clean(path, ret->path);
	if (wrong)
		return err_say(err, EINVAL, "%s: %s", ret->shown, wrong);
	unpack->shown = ret->shown;
	char *slash = strrchr(ret->path, '/');
	if (slash)
		*slash = '\0';
	int r = use_parent(unpack, slash ? ret->path : "", err);
	if (slash)
		*slash = '/';
	ret->parent = unpack->parent;
	ret->name = slash ? slash + 1 : ret->path;
	if (!ret->path[0])
		ret->name = NULL;
	return r;
}

static int finish(int tree, const struct unpacked_directory *directory)
{
	const struct attributes *is = &directory->attributes;
	const struct timespec times[2] = { is->changed, is->changed };
	cleanup_fd int fd = open_directory(tree, directory->path[0] ? directory->path : ".");

	/* The mode last: a change of the owner takes set-ID bits away. */
	if (fd < 0 || fchown(fd, is->uid, is->gid) < 0 || fchmod(fd, is->mode) < 0 ||
	    futimens(fd, times) < 0)
		return -errno;
	return 0;
}

int place_finish(struct unpack *unpack, struct err *err)
{
	for (size_t i = 0; i < unpack->directory_count; i++) {
		const struct unpacked_directory *directory = &unpack->directories[i];
		char shown[256];
		int r = finish(unpack->task->tree, directory);
		if (r < 0) {
			name_show(directory->path, shown, sizeof(shown));
			return err_sys(err, -r, "%s: cannot set its owner, mode and time", shown);
		}
	}
	return 0;
}
