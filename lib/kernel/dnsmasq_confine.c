/* SPDX-License-Identifier: MIT */
#include "lib/kernel/dnsmasq_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/dnsmasq.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/privs.h"

#define STAGING	  "/sys" /* a directory that every root has, and nobody looks at meanwhile */
#define FILES_MAX 512

/* Bytes of address space of each; a tenth is what it uses. The sanitizer's shadow of the keeper is
 * address space as well. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (256 << 20)
#endif

/* What programs and their libraries are found by; links are copied as they are. */
static const char *const shown[] = { "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
	"/etc/ld.so.cache", "/dev/null", "/dev/urandom", NULL };

static int show_link(int root, const char *path, struct err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		return err_sys(err, errno, "cannot read %s", path);
	target[n] = '\0';
	return symlinkat(target, root, path + 1) < 0 ? err_sys(err, errno, "cannot make %s", path)
						     : 0;
}

/* A place for it in the new root: by name, since only we have been there. */
static int make_place(int root, const char *path, bool directory)
{
	if (directory)
		return mkdirat(root, path + 1, 0755);
	int fd = openat(root, path + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
	fd_close(fd);
	return fd < 0 ? -1 : 0;
}

static int show_mount(int root, const char *path, const struct stat *st, struct err *err)
{
	uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
			      (S_ISCHR(st->st_mode) ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_NODEV);

	if (make_place(root, path, S_ISDIR(st->st_mode)) < 0)
		return err_sys(err, errno, "cannot make a place for %s", path);
	cleanup_fd int target = openat(root, path + 1, O_PATH | O_CLOEXEC);
	if (target < 0)
		return err_sys(err, errno, "cannot open the place for %s", path);
	cleanup_fd int tree = mount_clone(AT_FDCWD, path, false, err);
	if (tree < 0)
		return tree;
	int r = mount_change(tree, attributes, 0, false, err);
	return r < 0 ? r : mount_attach(tree, target, err);
}

static int show_all(int root, struct err *err)
{
	struct stat st;
	int r = 0;

	if (mkdirat(root, "etc", 0755) < 0 || mkdirat(root, "dev", 0755) < 0)
		return err_sys(err, errno, "cannot make a root for dnsmasq");
	for (size_t i = 0; r == 0 && shown[i]; i++) {
		if (lstat(shown[i], &st) < 0)
			continue;
		r = S_ISLNK(st.st_mode) ? show_link(root, shown[i], err)
					: show_mount(root, shown[i], &st, err);
	}
	return r;
}

static int write_file(int root, const char *path, const char *text, struct err *err)
{
	cleanup_fd int fd = openat(root, path + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
	int r = fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));

	return r < 0 ? err_sys(err, -r, "cannot write %s", path) : 0;
}

static int write_files(
    int root, const struct host_names *hosts, char *const confs[DNSMASQ_ROLES], struct err *err)
{
	char text[128], path[DNSMASQ_CONF_MAX];

	/* It looks its own user up, though it is that one already. */
	snprintf(text, sizeof(text), DNSMASQ_USER ":x:%u:%u::/:/\n", hosts->uid, hosts->gid);
	int r = write_file(root, "/etc/passwd", text, err);
	for (int i = 0; r == 0 && i < DNSMASQ_ROLES; i++) {
		if (!confs[i])
			continue;
		snprintf(path, sizeof(path), DNSMASQ_CONF_FORMAT, i);
		r = write_file(root, path, confs[i], err);
	}
	return r;
}

static int enter_root(int root, struct err *err)
{
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_sys(err, errno, "cannot enter the root that was made for dnsmasq");
	return 0;
}

static int change_root(
    const struct host_names *hosts, char *const confs[DNSMASQ_ROLES], struct err *err)
{
	static const struct mount_option options[] = { { "mode", "0755" }, { "size", "256k" },
		{ "nr_inodes", "32" }, { NULL, NULL } };
	int r = mount_make_private(err);

	if (r < 0)
		return r;
	cleanup_fd int tree =
	    mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	cleanup_fd int staging = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0 || staging < 0)
		return tree < 0 ? tree : err_sys(err, errno, "cannot open " STAGING);
	r = mount_attach(tree, staging, err);
	if (r == 0)
		r = show_all(tree, err);
	if (r == 0)
		r = write_files(tree, hosts, confs, err);
	if (r == 0)
		r = mount_change(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0, false, err);
	return r < 0 ? r : enter_root(tree, err);
}

/* dnsmasq writes nothing to the disk, and dumps nothing on it. Without /proc it tries to close
 * every descriptor that there may be, and a third of them are for questions. */
static int limit(struct err *err)
{
	static const struct {
		int resource;
		rlim_t most;
	} limits[] = { { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, 0 }, { RLIMIT_AS, MEMORY_MAX },
		{ RLIMIT_NOFILE, FILES_MAX } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct rlimit both = { limits[i].most, limits[i].most };
		if (setrlimit(limits[i].resource, &both) < 0)
			return err_sys(err, errno, "cannot limit dnsmasq");
	}
	return 0;
}

/* Keyrings are no namespace's: the supervisor's session keyring would come along. */
static int leave_keyring(struct err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_sys(err, errno, "cannot get a session keyring for dnsmasq");
	return 0;
}

/* What privs_become() and caps_*() do they prove themselves; what is left is the rest. */
static int prove(struct err *err)
{
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_say(err, EPERM, "dnsmasq could gain privileges");
	if (access("/proc/self", F_OK) == 0 || open("/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0) >= 0 ||
	    getpid() != 1)
		return err_say(err, EPERM, "dnsmasq is not where it should be");
	return 0;
}

int dnsmasq_confine(
    const struct host_names *hosts, char *const confs[DNSMASQ_ROLES], struct err *err)
{
	const struct credentials who = {
		.uid = hosts->uid, .gid = hosts->gid, .groups = { hosts->gid }, .group_count = 1
	};
	int r = change_root(hosts, confs, err);

	if (r == 0)
		r = limit(err);
	if (r == 0)
		r = privs_become(&who, true, err);
	if (r == 0)
		r = caps_reduce(DNSMASQ_CAPABILITIES, DNSMASQ_CAPABILITIES, err);
	if (r == 0)
		r = caps_pass_on(DNSMASQ_CAPABILITIES, err);
	if (r == 0)
		r = leave_keyring(err);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_sys(err, errno, "cannot set no_new_privs");
	return r < 0 ? r : prove(err);
}
