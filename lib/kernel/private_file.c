/* SPDX-License-Identifier: MIT */
#include "lib/kernel/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"

#define NAME ".private" /* for the moment between its birth and its mount */

int private_file_new(const struct rootfs *rootfs, struct err *err)
{
	cleanup_fd int dev = path_open_strict(rootfs->root, "dev", O_PATH | O_DIRECTORY);

	if (dev < 0)
		return err_sys(err, -dev, "cannot open /dev of the jail");
	cleanup_fd int file =
	    openat(dev, NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (file < 0)
		return err_sys(err, errno, "cannot make a file in /dev of the jail");
	if (!rootfs->rootless &&
	    fchown(file, idmap_uid(rootfs->map, 0), idmap_gid(rootfs->map, 0)) < 0)
		return err_sys(err, errno, "cannot hand over a file in /dev of the jail");
	return take_fd(&file);
}

static int attach(
    const struct rootfs *rootfs, int file, const char *path, bool writable, struct err *err)
{
	uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
			      (writable ? 0u : MOUNT_ATTR_RDONLY);
	cleanup_fd int target = rootfs_open_own_target(rootfs, path, err);

	if (target < 0)
		return target;
	cleanup_fd int tree = mount_clone(file, "", false, err);
	if (tree < 0)
		return tree;
	int r = mount_change(tree, attributes, 0, false, err);
	return r < 0 ? r : mount_attach(tree, target, err);
}

int private_file_attach(
    const struct rootfs *rootfs, int file, const char *path, bool writable, struct err *err)
{
	int r = attach(rootfs, file, path, writable, err);
	cleanup_fd int dev = path_open_strict(rootfs->root, "dev", O_PATH | O_DIRECTORY);

	/* The mount keeps the file; before it a file without a name could not be mounted. */
	if (dev < 0 || unlinkat(dev, NAME, 0) < 0)
		return err_sys(err, dev < 0 ? -dev : errno, "cannot remove a file in /dev");
	return r;
}

int private_file_put(
    const struct rootfs *rootfs, const char *text, const char *path, struct err *err)
{
	cleanup_fd int file = private_file_new(rootfs, err);

	if (file < 0)
		return file;
	int r = fd_write_all(file, text, strlen(text));
	if (r < 0)
		return err_sys(err, -r, "cannot make /%s", path);
	r = private_file_attach(rootfs, file, path, false, err);
	if (r == -ENOENT)
		err_clear(err);
	return r == -ENOENT ? 0 : r;
}
