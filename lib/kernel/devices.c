/* SPDX-License-Identifier: MIT */
#include "lib/kernel/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"

/* The group that owns terminals in every distribution (Debian's base-passwd: 5). */
#define TTY_GROUP 5

/* Numbers: Documentation/admin-guide/devices.txt of Linux. */
static const struct device {
	const char *name;
	unsigned major, minor;
} devices[] = {
	{ "null", 1, 3 },
	{ "zero", 1, 5 },
	{ "full", 1, 7 },
	{ "random", 1, 8 },
	{ "urandom", 1, 9 },
	{ "tty", 5, 0 },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
	{ "ptmx", "pts/ptmx" },
};

/* A copy of the host's node, for who may not make one; it must be what its name says. */
static int bind_device(int dev, const struct device *device, struct err *err)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%s", device->name);
	cleanup_fd int source = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (source < 0 || fstat(source, &st) < 0)
		return err_sys(err, errno, "%s of the host", path);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(device->major, device->minor))
		return err_say(err, ENODEV, "%s of the host is not the device %u:%u", path,
		    device->major, device->minor);
	cleanup_fd int tree = mount_clone(source, "", false, err);
	cleanup_fd int target = openat(dev, device->name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	if (tree < 0)
		return tree;
	if (target < 0)
		return err_sys(err, errno, "cannot make /dev/%s", device->name);
	return mount_attach(tree, target, err);
}

static int make_device(
    const struct rootfs *rootfs, int dev, const struct device *device, struct err *err)
{
	if (rootfs->rootless)
		return bind_device(dev, device, err);
	if (mknodat(dev, device->name, S_IFCHR | 0666, makedev(device->major, device->minor)) < 0)
		/* A devices cgroup or a user namespace around us forbids it. */
		return errno == EPERM ? bind_device(dev, device, err)
				      : err_sys(err, errno, "cannot make /dev/%s", device->name);
	if (fchownat(dev, device->name, idmap_uid(rootfs->map, 0), idmap_gid(rootfs->map, 0),
		AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot make /dev/%s", device->name);
	return 0;
}

static int fill(const struct rootfs *rootfs, int dev, struct err *err)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		int r = make_device(rootfs, dev, &devices[i], err);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0)
			return err_sys(err, errno, "cannot make /dev/%s", links[i].name);
	return 0;
}

static int mount_below(int dev, const char *name, const char *type,
    const struct mount_option *options, uint64_t attributes, struct err *err)
{
	if (mkdirat(dev, name, 0755) < 0)
		return err_sys(err, errno, "cannot make /dev/%s", name);
	cleanup_fd int target = openat(dev, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int tree = mount_new(type, options, attributes, err);
	if (tree < 0)
		return tree;
	if (target < 0)
		return err_sys(err, errno, "cannot open /dev/%s", name);
	return mount_attach(tree, target, err);
}

static int mount_devpts(const struct rootfs *rootfs, int dev, struct err *err)
{
	char gid[16];
	uint32_t tty = rootfs->rootless ? TTY_GROUP : idmap_gid(rootfs->map, TTY_GROUP);
	bool mapped = idmap_gid(rootfs->map, TTY_GROUP) != UINT32_MAX;
	/* max: a jail that opens all it can must not use up the host's kernel.pty.max (4096). */
	const struct mount_option options[] = { { "ptmxmode", "0666" }, { "mode", "0620" },
		{ "max", "1024" }, { mapped ? "gid" : NULL, gid }, { NULL, NULL } };

	snprintf(gid, sizeof(gid), "%u", tty);
	return mount_below(
	    dev, "pts", "devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);
}

static int mount_file_systems(const struct rootfs *rootfs, int dev, struct err *err)
{
	static const struct mount_option shm[] = { { "mode", "1777" }, { NULL, NULL } };
	const uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	int r = mount_devpts(rootfs, dev, err);

	if (r == 0)
		r = mount_below(dev, "shm", "tmpfs", shm, attributes, err);
	if (r == 0)
		r = mount_below(dev, "mqueue", "mqueue", NULL, attributes, err);
	return r;
}

int devices_mount(const struct rootfs *rootfs, struct err *err)
{
	char uid[16], gid[16];
	const struct mount_option options[] = { { "mode", "0755" }, { "size", "1m" },
		{ "nr_inodes", "1024" }, { "uid", uid }, { "gid", gid }, { NULL, NULL } };

	snprintf(uid, sizeof(uid), "%u", rootfs->rootless ? 0 : idmap_uid(rootfs->map, 0));
	snprintf(gid, sizeof(gid), "%u", rootfs->rootless ? 0 : idmap_gid(rootfs->map, 0));
	cleanup_fd int target = rootfs_mount_point(rootfs, "dev", err);
	if (target < 0)
		return target;
	cleanup_fd int dev =
	    mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);
	if (dev < 0)
		return dev;
	/* Attached first: what is mounted below needs a mount point in this namespace. */
	int r = mount_attach(dev, target, err);
	if (r == 0)
		r = fill(rootfs, dev, err);
	return r < 0 ? r : mount_file_systems(rootfs, dev, err);
}

static int put_on_console(const struct rootfs *rootfs, const char *pts, struct err *err)
{
	cleanup_fd int made = -1;
	cleanup_fd int source = path_open_strict(rootfs->root, pts, O_PATH);
	cleanup_fd int dev = path_open_strict(rootfs->root, "dev", O_PATH | O_DIRECTORY);

	if (source < 0 || dev < 0)
		return err_sys(err, source < 0 ? -source : -dev, "cannot open /%s", pts);
	made = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOCTTY | O_CLOEXEC, 0600);
	if (made < 0)
		return err_sys(err, errno, "cannot make /dev/console");
	cleanup_fd int tree = mount_clone(source, "", false, err);
	return tree < 0 ? tree : mount_attach(tree, made, err);
}

int devices_open_terminal(
    const struct rootfs *rootfs, uid_t uid, int *ret_master, int *ret_slave, struct err *err)
{
	char pts[32];
	unsigned number;
	int unlock = 0;
	cleanup_fd int master = path_open_strict(rootfs->root, "dev/pts/ptmx", O_RDWR | O_NOCTTY);

	if (master < 0)
		return err_sys(err, -master, "cannot open a terminal");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0 || ioctl(master, TIOCGPTN, &number) < 0)
		return err_sys(err, errno, "cannot set up the terminal");
	/* The slave of this very master, whatever a path would lead to: TIOCGPTPEER, Linux 4.13. */
	cleanup_fd int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys(err, errno, "cannot open the terminal");
	if (fchown(slave, uid, (gid_t)-1) < 0)
		return err_sys(err, errno, "cannot hand over the terminal");
	snprintf(pts, sizeof(pts), "dev/pts/%u", number);
	int r = put_on_console(rootfs, pts, err);
	if (r < 0)
		return r;
	*ret_master = take_fd(&master);
	*ret_slave = take_fd(&slave);
	return 0;
}
