/* SPDX-License-Identifier: MIT */
/* What we mount in the tree ourselves, and where mount points may be made. */
#include "lib/kernel/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"

int rootfs_new_tmpfs(
    const struct rootfs *rootfs, const char *mode, const char *size, struct err *err)
{
	char uid[16], gid[16];
	const struct mount_option options[] = { { "mode", mode }, { "uid", uid }, { "gid", gid },
		{ size ? "size" : NULL, size }, { NULL, NULL } };

	snprintf(uid, sizeof(uid), "%u", rootfs->rootless ? 0 : idmap_uid(rootfs->map, 0));
	snprintf(gid, sizeof(gid), "%u", rootfs->rootless ? 0 : idmap_gid(rootfs->map, 0));
	return mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
}

int rootfs_attach_own(struct rootfs *rootfs, int tree, int target, bool seal, struct err *err)
{
	struct rootfs_own own = { .seal = -1 };
	struct stat st;

	if (rootfs->own_count == ROOTFS_OWN_MAX)
		return err_say(err, E2BIG, "there are more than %d tmpfs", ROOTFS_OWN_MAX);
	if (fstat(tree, &st) < 0)
		return err_sys(err, errno, "cannot look at a tmpfs");
	own.device = st.st_dev;
	if (seal && (own.seal = fcntl(tree, F_DUPFD_CLOEXEC, 3)) < 0)
		return err_sys(err, errno, "cannot keep a tmpfs");
	rootfs->own[rootfs->own_count++] = own;
	return mount_attach(tree, target, err);
}

/* The deepest directory of `path` that exists, which is not the whole of it; or -errno. */
static int open_deepest(const struct rootfs *rootfs, const char *path)
{
	char parent[PATH_MAX];
	int fd = -ENOENT;

	snprintf(parent, sizeof(parent), "%s", path);
	while (fd == -ENOENT) {
		char *slash = strrchr(parent, '/');
		if (slash)
			*slash = '\0';
		else
			parent[0] = '\0';
		fd = path_open_in_root(rootfs->root, *parent ? parent : "/", O_PATH | O_DIRECTORY);
	}
	return fd;
}

static bool is_own(const struct rootfs *rootfs, int directory)
{
	struct stat st;
	bool found = false;

	if (fstat(directory, &st) < 0)
		return false;
	for (unsigned i = 0; i < rootfs->own_count && !found; i++)
		found = rootfs->own[i].device == st.st_dev;
	return found;
}

bool rootfs_is_in_own(const struct rootfs *rootfs, const char *path)
{
	cleanup_fd int directory = open_deepest(rootfs, path);

	return directory >= 0 && is_own(rootfs, directory);
}

int rootfs_cover(struct rootfs *rootfs, int target, struct err *err)
{
	cleanup_fd int tree = rootfs_new_tmpfs(rootfs, "0755", "64k", err);

	return tree < 0 ? tree : rootfs_attach_own(rootfs, tree, target, true, err);
}

/*
 * Make room for `path` in a root that cannot grow: in a tmpfs of ours, or on top of a directory
 * that is empty, as the host's mount points are whose file systems are not carried over (autofs,
 * tmpfs). Returns 0 or -ENOENT.
 */
static int make_room(struct rootfs *rootfs, const char *path, struct err *err)
{
	cleanup_fd int directory = open_deepest(rootfs, path);

	if (directory >= 0 && is_own(rootfs, directory))
		return 0;
	if (directory >= 0 && path_is_empty(directory))
		return rootfs_cover(rootfs, directory, err);
	return err_say(err, ENOENT,
	    "%s does not exist in the root, which is read-only: make it there, or add --overlay "
	    "tmpfs",
	    path);
}

static int make_target(
    const struct rootfs *rootfs, const char *path, bool directory, struct err *err)
{
	rootfs_as_owner(rootfs);
	int fd = directory ? path_make_dir(rootfs->root, path, err)
			   : path_make_file(rootfs->root, path, err);
	rootfs_as_self(rootfs);
	return fd;
}

static int open_existing(
    const struct rootfs *rootfs, const char *path, bool directory, struct err *err)
{
	int fd = path_open_in_root(rootfs->root, path, directory ? O_PATH | O_DIRECTORY : O_PATH);

	return fd >= 0 || fd == -ENOENT ? fd : err_sys(err, -fd, "%s in the root", path);
}

int rootfs_open_target(struct rootfs *rootfs, const char *path, bool directory, struct err *err)
{
	int fd = open_existing(rootfs, path, directory, err);

	if (fd != -ENOENT)
		return fd;
	int r = rootfs_can_grow(rootfs) ? 0 : make_room(rootfs, path, err);
	return r < 0 ? r : make_target(rootfs, path, directory, err);
}

int rootfs_open_own_target(const struct rootfs *rootfs, const char *path, struct err *err)
{
	int fd = open_existing(rootfs, path, false, err);

	if (fd != -ENOENT)
		return fd;
	if (spec_overlay(rootfs->spec) == OVERLAY_NONE && !rootfs_is_in_own(rootfs, path))
		return err_say(err, ENOENT, "%s does not exist in the root", path);
	return make_target(rootfs, path, false, err);
}
