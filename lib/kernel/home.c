/* SPDX-License-Identifier: MIT */
/* The account's home in the tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/rootfs.h"

static int new_home(const struct rootfs *rootfs, struct err *err)
{
	char uid[16], gid[16];
	const struct mount_option options[] = { { "mode", "0700" }, { "uid", uid }, { "gid", gid },
		{ NULL, NULL } };

	snprintf(uid, sizeof(uid), "%u", rootfs->account->uid);
	snprintf(gid, sizeof(gid), "%u", rootfs->account->gid);
	return mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
}

/* Not idmapped: the account's ids are the host's in the jail. With what is mounted below. */
static int home_of_host(const struct rootfs *rootfs, const char *path, struct err *err)
{
	struct stat st;
	cleanup_fd int source = rootfs_open_source(rootfs, path, err);

	if (source < 0)
		return source;
	if (fstat(source, &st) < 0)
		return err_sys(err, errno, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_say(err, ENOTDIR, "%s is not a directory", path);
	cleanup_fd int tree = mount_clone(source, "", true, err);
	if (tree < 0 || mount_change(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, true, err) < 0)
		return err_prefix(err, "%s", path);
	return take_fd(&tree);
}

/* -ENOENT for none. */
static int home_tree(const struct rootfs *rootfs, struct err *err)
{
	switch (rootfs->spec->home) {
	case HOME_HOST: return home_of_host(rootfs, rootfs->account->home, err);
	case HOME_TMPFS: return new_home(rootfs, err);
	case HOME_NONE: return mount_empty(err);
	case HOME_DIRECTORY: break;
	}
	int tree = home_of_host(rootfs, rootfs->spec->home_path, err);
	/* One that the policy names must be there. */
	return tree == -ENOENT ? -ENOTDIR : tree;
}

int rootfs_home(struct rootfs *rootfs, struct err *err)
{
	if (!rootfs->account || !rootfs->home)
		return 0;
	cleanup_fd int tree = home_tree(rootfs, err);
	if (tree == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (tree < 0)
		return err_prefix(err, "--home");
	cleanup_fd int target = rootfs_open_target(rootfs, rootfs->home, true, err);
	/* A root without that place shows none as well. */
	if (target == -ENOENT && rootfs->spec->home == HOME_NONE) {
		err_clear(err);
		return 0;
	}
	if (target < 0)
		return err_prefix(err, "--home");
	bool writable = rootfs->spec->home == HOME_TMPFS;
	return writable ? rootfs_attach_own(rootfs, tree, target, false, err)
			: mount_attach(tree, target, err);
}
