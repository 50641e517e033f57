/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

/*
 * An instance of /proc of our own, which goes with its descriptor, opened at sys/net. In the host's
 * instance all network namespaces have directories of the same names in one chain of the kernel's
 * name cache: it would grow with every container, and slow down all who look there.
 */
static int open_settings(struct err *err)
{
	cleanup_fd int context = fsopen("proc", FSOPEN_CLOEXEC);

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, errno, "cannot make an instance of /proc");
	cleanup_fd int proc = fsmount(
	    context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (proc < 0)
		return err_sys(err, errno, "cannot mount an instance of /proc");
	/* It shows the network namespace of the thread that opens it. */
	int settings = openat(proc, "sys/net", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (settings < 0)
		return err_sys(err, errno, "cannot open /proc/sys/net");
	return settings;
}

static int write_one(int directory, const struct net_sysctl *setting, struct err *err)
{
	cleanup_fd int fd = openat(directory, setting->name, O_WRONLY | O_CLOEXEC);
	size_t size = strlen(setting->value);

	if (fd < 0 && errno == ENOENT && setting->optional)
		return 0;
	if (fd < 0)
		return err_sys(err, errno, "cannot open /proc/sys/net/%s", setting->name);
	if (write(fd, setting->value, size) != (ssize_t)size)
		return err_sys(err, errno, "cannot write \"%s\" to /proc/sys/net/%s",
		    setting->value, setting->name);
	return 0;
}

int net_sysctl_write(const struct net_sysctl *settings, size_t count, struct err *err)
{
	cleanup_fd int directory = open_settings(err);
	int r = directory < 0 ? directory : 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = write_one(directory, &settings[i], err);
	return r;
}

/* One interface's folder, or that of those to come ("default"). */
static void keep_one(int folder)
{
	char value = '0';
	cleanup_fd int fd = openat(folder, "accept_ra", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && pread(fd, &value, 1, 0) == 1 && value == '1')
		(void)!pwrite(fd, "2", 1, 0);
}

int net_sysctl_keep_advertisements(struct err *err)
{
	cleanup_fd int settings = open_settings(err);
	const struct dirent *entry;

	if (settings < 0)
		return settings;
	int folder = openat(settings, "ipv6/conf", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = folder >= 0 ? fdopendir(folder) : NULL;
	if (!list) {
		fd_close(folder);
		return 0;
	}
	while ((entry = readdir(list))) {
		cleanup_fd int one = entry->d_name[0] != '.' ? openat(dirfd(list), entry->d_name,
								   O_PATH | O_DIRECTORY | O_CLOEXEC)
							     : -1;
		if (one >= 0)
			keep_one(one);
	}
	closedir(list);
	return 0;
}

bool net_sysctl_forwards_ipv6(void)
{
	char value = '0';
	cleanup_fd int fd = open("/proc/sys/net/ipv6/conf/all/forwarding", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno == ENOENT : read(fd, &value, 1) == 1 && value == '1';
}
