/* SPDX-License-Identifier: MIT */
#include "lib/kernel/records.h"

#include <errno.h>
#include <fcntl.h>
#include <lastlog.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/private_file.h"

/* Where it was, and when: sshd shows it to the person. A file with a record for each uid, most of
 * it holes. */
static void copy_last_login(const struct rootfs *rootfs, int file)
{
	off_t place = (off_t)rootfs->account->uid * (off_t)sizeof(struct lastlog);
	struct lastlog record;
	cleanup_fd int host = open("/var/log/lastlog", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	/* Without it there was no login before. */
	if (host >= 0 && pread(host, &record, sizeof(record), place) == sizeof(record))
		(void)!pwrite(file, &record, sizeof(record), place);
}

static int mount_record(const struct rootfs *rootfs, const char *path,
    void (*fill)(const struct rootfs *rootfs, int file), struct err *err)
{
	cleanup_fd int file = private_file_new(rootfs, err);

	if (file < 0)
		return file;
	if (fill)
		fill(rootfs, file);
	int r = private_file_attach(rootfs, file, path, true, err);
	if (r != -ENOENT)
		return r;
	err_clear(err);
	return 0;
}

/* The socket itself: a daemon that makes a new one when it restarts is not heard of in jails that
 * live already; journald's, which systemd holds, stays. */
static int mount_syslog(const struct rootfs *rootfs, struct err *err)
{
	struct stat st;
	cleanup_fd int source = open("/dev/log", O_PATH | O_CLOEXEC);

	if (source < 0 || fstat(source, &st) < 0 || !S_ISSOCK(st.st_mode))
		return 0;
	cleanup_fd int dev = path_open_strict(rootfs->root, "dev", O_PATH | O_DIRECTORY);
	if (dev < 0)
		return err_sys(err, -dev, "cannot open /dev of the jail");
	cleanup_fd int target = openat(dev, "log", O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (target < 0)
		return err_sys(err, errno, "cannot make /dev/log");
	cleanup_fd int tree = mount_clone(source, "", false, err);
	if (tree < 0 || mount_change(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			    0, false, err) < 0)
		return err_prefix(err, "cannot show the host's /dev/log");
	return mount_attach(tree, target, err);
}

/* In a /run that is new. */
static int make_directory(const struct rootfs *rootfs, const char *path, mode_t mode, uid_t uid,
    gid_t gid, struct err *err)
{
	if (mkdirat(rootfs->root, path, mode) < 0 ||
	    fchownat(rootfs->root, path, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot make /%s", path);
	return 0;
}

static int fill_run(const struct rootfs *rootfs, struct err *err)
{
	uid_t root = idmap_uid(rootfs->map, 0);
	gid_t group = idmap_gid(rootfs->map, 0);
	char own[32];

	if (!rootfs_is_in_own(rootfs, "run/lock"))
		return 0;
	snprintf(own, sizeof(own), "run/user/%u", rootfs->account->uid);
	int r = make_directory(rootfs, "run/lock", 01777, root, group, err);
	if (r == 0)
		r = make_directory(rootfs, "run/user", 0755, root, group, err);
	if (r == 0)
		r = make_directory(
		    rootfs, own, 0700, rootfs->account->uid, rootfs->account->gid, err);
	return r;
}

int records_mount(const struct rootfs *rootfs, struct err *err)
{
	int r = fill_run(rootfs, err);

	if (r == 0)
		r = mount_record(rootfs, RECORDS_UTMP, NULL, err);
	if (r == 0)
		r = mount_record(rootfs, RECORDS_WTMP, NULL, err);
	if (r == 0)
		r = mount_record(rootfs, "var/log/lastlog", copy_last_login, err);
	return r < 0 ? r : mount_syslog(rootfs, err);
}
