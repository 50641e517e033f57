/* SPDX-License-Identifier: MIT */
#include "lib/image/archive_part_link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/archive_part_attributes.h"
#include "lib/image/archive_part_name.h"
#include "lib/image/archive_part_place.h"

static int make_symbolic(const char *target, const struct place *place, struct err *err)
{
	if (symlinkat(target, place->parent, place->name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make it", place->shown);
	int r = place_clear(place, S_IFLNK, err);
	if (r == 0 && symlinkat(target, place->parent, place->name) < 0)
		r = err_sys(err, errno, "%s: cannot make it", place->shown);
	return r;
}

int link_unpack_symbolic(struct archive_entry *entry, const struct place *place,
    const struct attributes *is, struct err *err)
{
	const struct timespec times[2] = { is->changed, is->changed };
	const char *target = archive_entry_symlink(entry);

	if (!target || !*target)
		return err_say(err, EINVAL, "%s: a symbolic link that leads nowhere", place->shown);
	int r = make_symbolic(target, place, err);
	if (r < 0)
		return r;
	if (((is->uid || is->gid) &&
		fchownat(place->parent, place->name, is->uid, is->gid, AT_SYMLINK_NOFOLLOW) < 0) ||
	    utimensat(place->parent, place->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%s: cannot set its owner and time", place->shown);
	return attributes_extended(entry, -1, place->shown, err);
}

/* The directory that the target is in, and what it is. */
static int find_target(
    struct unpack *unpack, char *target, int *ret_parent, struct stat *ret, const char **ret_name)
{
	char *slash = strrchr(target, '/');

	if (slash)
		*slash = '\0';
	*ret_name = slash ? slash + 1 : target;
	*ret_parent =
	    place_open(unpack->task->tree, slash ? target : ".", O_RDONLY | O_DIRECTORY, 0);
	if (slash)
		*slash = '/';
	if (*ret_parent < 0 || fstatat(*ret_parent, *ret_name, ret, AT_SYMLINK_NOFOLLOW) < 0)
		return -(errno ?: EIO);
	return S_ISREG(ret->st_mode) || S_ISLNK(ret->st_mode) ? 0 : -EPERM;
}

static int refuse_target(const struct place *place, const char *target, int r, struct err *err)
{
	char shown[128];

	name_show(target, shown, sizeof(shown));
	if (r == -ENOENT || r == -ENOTDIR)
		return err_say(err, -r,
		    "%s: a hard link to %s, which is not before it in the archive", place->shown,
		    shown);
	if (r == -ELOOP)
		return err_say(err, -r,
		    "%s: a hard link to %s, whose path goes through a symbolic link", place->shown,
		    shown);
	if (r == -EPERM)
		return err_say(
		    err, -r, "%s: a hard link to %s, which is no file", place->shown, shown);
	return err_sys(err, -r, "%s: cannot look at %s", place->shown, shown);
}

static int make_hard(int parent, const char *name, const struct stat *target,
    const struct place *place, struct err *err)
{
	struct stat st;

	if (linkat(parent, name, place->parent, place->name, 0) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make the hard link", place->shown);
	/* It is this file already, perhaps by this very name: nothing to do, and nothing to remove.
	 */
	if (fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == target->st_ino)
		return 0;
	int r = place_clear(place, target->st_mode & S_IFMT, err);
	if (r == 0 && linkat(parent, name, place->parent, place->name, 0) < 0)
		r = err_sys(err, errno, "%s: cannot make the hard link", place->shown);
	return r;
}

int link_unpack_hard(struct unpack *unpack, const char *path, const char *target, struct err *err)
{
	struct place place;
	struct stat st = { 0 };
	char clean[PATH_MAX];
	const char *name, *wrong = name_clean(target, clean);
	cleanup_fd int parent = -1;
	int r = place_find(unpack, path, &place, err);

	if (r < 0)
		return r;
	if (!place.name)
		return err_say(err, EINVAL, ".: the root of an image is a directory");
	if (wrong) {
		char shown[128];
		name_show(target, shown, sizeof(shown));
		return err_say(err, EINVAL, "%s: a hard link to %s: %s", place.shown, shown, wrong);
	}
	r = find_target(unpack, clean, &parent, &st, &name);
	if (r < 0)
		return refuse_target(&place, target, r, err);
	return make_hard(parent, name, &st, &place, err);
}
