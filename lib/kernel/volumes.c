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

static int attach_volume(struct rootfs *rootfs, const struct spec_volume *volume, struct err *err)
{
	struct stat st;
	uint64_t attributes =
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (volume->readonly ? MOUNT_ATTR_RDONLY : 0u);
	cleanup_fd int source = rootfs_open_source(rootfs, volume->source, err);

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
	cleanup_fd int target =
	    rootfs_open_target(rootfs, volume->target, S_ISDIR(st.st_mode), err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

static int attach_tmpfs(struct rootfs *rootfs, const struct spec_tmpfs *tmpfs, struct err *err)
{
	char mode[16], size[32];

	snprintf(mode, sizeof(mode), "%o", tmpfs->mode);
	snprintf(size, sizeof(size), "%llu", (unsigned long long)tmpfs->size);
	cleanup_fd int tree =
	    rootfs_new_tmpfs(rootfs, mode, tmpfs->size == SPEC_UNSET ? NULL : size, err);
	if (tree < 0)
		return tree;
	cleanup_fd int target = rootfs_open_target(rootfs, tmpfs->target, true, err);
	return target < 0 ? target : rootfs_attach_own(rootfs, tree, target, false, err);
}

int rootfs_volumes(struct rootfs *rootfs, struct err *err)
{
	for (unsigned i = 0; i < rootfs->spec->tmpfs_count; i++)
		if (attach_tmpfs(rootfs, &rootfs->spec->tmpfs[i], err) < 0)
			return err_prefix(err, "--tmpfs");
	for (unsigned i = 0; i < rootfs->spec->volume_count; i++)
		if (attach_volume(rootfs, &rootfs->spec->volumes[i], err) < 0)
			return err_prefix(err, "--volume");
	return 0;
}
