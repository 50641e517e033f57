/* SPDX-License-Identifier: MIT */
#include "lib/kernel/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"

/*
 * The lists of the OCI runtimes' default configuration, and what newer kernels added to /proc and
 * /sys that tells about other users or the hardware's power use (CVE-2020-8694).
 */
static const char *const proc_covered[] = { "proc/acpi", "proc/asound", "proc/interrupts",
	"proc/kcore", "proc/keys", "proc/key-users", "proc/kmsg", "proc/kpagecgroup",
	"proc/kpagecount", "proc/kpageflags", "proc/latency_stats", "proc/sched_debug", "proc/scsi",
	"proc/slabinfo", "proc/timer_list", "proc/timer_stats", "proc/vmallocinfo", NULL };

static const char *const proc_readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/mtrr",
	"proc/sys", "proc/sysrq-trigger", NULL };

static const char *const sys_covered[] = { "sys/devices/virtual/powercap", "sys/firmware",
	"sys/fs/bpf", "sys/fs/pstore", "sys/hypervisor", "sys/kernel/boot_params",
	"sys/kernel/debug", "sys/kernel/security", "sys/kernel/tracing", "sys/kernel/vmcoreinfo",
	NULL };

/* One empty directory serves for all covered ones: the first is mounted new, the others copy it. */
static int empty_directory(int *empty, struct err *err)
{
	if (*empty >= 0)
		return mount_clone(*empty, "", false, err);
	*empty = mount_empty(err);
	return *empty < 0 ? *empty : dup(*empty);
}

static int cover(
    const struct rootfs *rootfs, const char *path, int null, int *empty, struct err *err)
{
	struct stat st;
	cleanup_fd int target = path_open_strict(rootfs->root, path, O_PATH);

	if (target == -ENOENT || target == -EACCES)
		return 0; /* this kernel does not have it, or even we may not look at it */
	if (target < 0 || fstat(target, &st) < 0)
		return err_sys(err, target < 0 ? -target : errno, "cannot open /%s", path);
	cleanup_fd int tree =
	    S_ISDIR(st.st_mode) ? empty_directory(empty, err) : mount_clone(null, "", false, err);
	if (tree < 0 || mount_attach(tree, target, err) < 0)
		return err_prefix(err, "cannot cover /%s", path);
	return 0;
}

static int cover_all(const struct rootfs *rootfs, const char *const *paths, struct err *err)
{
	cleanup_fd int null = path_open_strict(rootfs->root, "dev/null", O_PATH);
	cleanup_fd int empty = -1;

	if (null < 0)
		return err_sys(err, -null, "cannot open /dev/null of the jail");
	for (; *paths; paths++) {
		int r = cover(rootfs, *paths, null, &empty, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int make_readonly(const struct rootfs *rootfs, const char *path, struct err *err)
{
	cleanup_fd int target = path_open_strict(rootfs->root, path, O_PATH);

	if (target == -ENOENT)
		return 0;
	if (target < 0)
		return err_sys(err, -target, "cannot open /%s", path);
	cleanup_fd int tree = mount_clone(target, "", false, err);
	if (tree < 0 || mount_change(tree, MOUNT_ATTR_RDONLY, 0, false, err) < 0 ||
	    mount_attach(tree, target, err) < 0)
		return err_prefix(err, "cannot make /%s read-only", path);
	return 0;
}

/*
 * Mount `type` on its directory and make sure that it is what answers there: whoever prepared the
 * tree must not have /proc or /sys be something else (CVE-2019-16884).
 */
static int mount_at(
    const struct rootfs *rootfs, const char *name, int tree, long magic, struct err *err)
{
	struct statfs found;
	cleanup_fd int target = rootfs_mount_point(rootfs, name, err);

	if (target < 0)
		return target;
	int r = mount_attach(tree, target, err);
	if (r < 0)
		return r;
	cleanup_fd int check = path_open_strict(rootfs->root, name, O_PATH | O_DIRECTORY);
	if (check < 0 || fstatfs(check, &found) < 0)
		return err_sys(err, check < 0 ? -check : errno, "cannot check /%s", name);
	if (found.f_type != magic)
		return err_say(
		    err, EXDEV, "/%s is not the file system that was mounted there", name);
	return 0;
}

int procfs_mount(const struct rootfs *rootfs, struct err *err)
{
	cleanup_fd int tree =
	    mount_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);

	return tree < 0 ? tree : mount_at(rootfs, "proc", tree, PROC_SUPER_MAGIC, err);
}

static int write_setting(
    const struct rootfs *rootfs, const char *path, const char *value, struct err *err)
{
	cleanup_fd int fd = path_open_strict(rootfs->root, path, O_WRONLY);
	ssize_t length = (ssize_t)strlen(value);

	if (fd < 0)
		return err_sys(err, -fd, "cannot open /%s", path);
	if (write(fd, value, (size_t)length) != length)
		return err_sys(err, errno, "cannot write \"%s\" to /%s", value, path);
	return 0;
}

int procfs_open_network(const struct rootfs *rootfs, struct err *err)
{
	/* In the ids of the writer: the host's (the kernel's GROUP_RANGE_MAX), or the map's. */
	uint32_t last = rootfs->rootless ? idmap_limit(rootfs->map) - 1 : 2147483647u;
	char range[32];

	snprintf(range, sizeof(range), "0 %u", last);
	int r = write_setting(rootfs, "proc/sys/net/ipv4/ping_group_range", range, err);
	return r < 0 ? r
		     : write_setting(
			   rootfs, "proc/sys/net/ipv4/ip_unprivileged_port_start", "0", err);
}

int procfs_protect(const struct rootfs *rootfs, struct err *err)
{
	for (const char *const *path = proc_readonly; *path; path++) {
		int r = make_readonly(rootfs, *path, err);
		if (r < 0)
			return r;
	}
	return cover_all(rootfs, proc_covered, err);
}

/*
 * Without privileges a fresh sysfs needs a network namespace of one's own and a host whose /sys
 * is not partly covered; otherwise the host's is shown, read-only as well.
 */
static int sysfs_tree(const struct rootfs *rootfs, uint64_t attributes, struct err *err)
{
	int tree = mount_new("sysfs", NULL, attributes, err);

	if (tree != -EPERM || !rootfs->rootless)
		return tree;
	err_clear(err);
	cleanup_fd int host =
	    rootfs->host_sys < 0 ? -1 : mount_clone(rootfs->host_sys, "", true, err);
	if (host < 0 || mount_change(host, attributes, 0, true, err) < 0)
		return err_prefix(err, "cannot show the host's /sys");
	return take_fd(&host);
}

int sysfs_mount(const struct rootfs *rootfs, struct err *err)
{
	cleanup_fd int tree = sysfs_tree(rootfs,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
	int r = tree < 0 ? tree : mount_at(rootfs, "sys", tree, SYSFS_MAGIC, err);

	return r < 0 ? r : cover_all(rootfs, sys_covered, err);
}
