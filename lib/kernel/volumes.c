/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/rootfs.h"

/* Where it goes: a directory for a directory, a file for anything else, made if it may be made. */
static int open_target(
    const struct rootfs *rootfs, const char *path, bool directory, struct err *err)
{
	int fd = path_open_in_root(rootfs->root, path, directory ? O_PATH | O_DIRECTORY : O_PATH);

	if (fd >= 0)
		return fd;
	if (fd != -ENOENT)
		return err_sys(err, -fd, "%s in the root", path);
	if (!rootfs_can_grow(rootfs))
		return err_say(err, ENOENT,
		    "%s does not exist in the root, which is read-only: make it there, or add "
		    "--overlay tmpfs",
		    path);
	rootfs_as_owner(rootfs);
	fd = directory ? path_make_dir(rootfs->root, path, err)
		       : path_make_file(rootfs->root, path, err);
	rootfs_as_self(rootfs);
	return fd;
}

static int attach_volume(
    const struct rootfs *rootfs, const struct spec_volume *volume, struct err *err)
{
	struct stat st;
	uint64_t attributes =
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (volume->readonly ? MOUNT_ATTR_RDONLY : 0u);
	cleanup_fd int source = path_open_trusted(volume->source, err);

	if (source < 0)
		return source;
	if (fstat(source, &st) < 0)
		return err_sys(err, errno, "%s", volume->source);
	bool mapped = volume->idmap && rootfs->userns >= 0;
	cleanup_fd int tree = mount_clone(source, "", !mapped, err);
	if (tree < 0)
		return tree;
	int r = mount_change(tree, attributes, 0, !mapped, err);
	if (r == 0 && mapped)
		r = mount_idmap(tree, rootfs->userns, err);
	if (r < 0)
		return err_prefix(err, "%s", volume->source);
	cleanup_fd int target = open_target(rootfs, volume->target, S_ISDIR(st.st_mode), err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

static int attach_tmpfs(
    const struct rootfs *rootfs, const struct spec_tmpfs *tmpfs, struct err *err)
{
	char mode[16], size[32], uid[16], gid[16];
	struct mount_option options[5] = { { "mode", mode }, { "uid", uid }, { "gid", gid } };

	snprintf(mode, sizeof(mode), "%o", tmpfs->mode);
	snprintf(uid, sizeof(uid), "%u", rootfs->rootless ? 0 : idmap_uid(rootfs->map, 0));
	snprintf(gid, sizeof(gid), "%u", rootfs->rootless ? 0 : idmap_gid(rootfs->map, 0));
	snprintf(size, sizeof(size), "%llu", (unsigned long long)tmpfs->size);
	if (tmpfs->size != SPEC_UNSET)
		options[3] = (struct mount_option){ "size", size };
	cleanup_fd int tree =
	    mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	if (tree < 0)
		return tree;
	cleanup_fd int target = open_target(rootfs, tmpfs->target, true, err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

int rootfs_volumes(const struct rootfs *rootfs, struct err *err)
{
	for (unsigned i = 0; i < rootfs->spec->tmpfs_count; i++)
		if (attach_tmpfs(rootfs, &rootfs->spec->tmpfs[i], err) < 0)
			return err_prefix(err, "--tmpfs");
	for (unsigned i = 0; i < rootfs->spec->volume_count; i++)
		if (attach_volume(rootfs, &rootfs->spec->volumes[i], err) < 0)
			return err_prefix(err, "--volume");
	return 0;
}
