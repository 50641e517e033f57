/* SPDX-License-Identifier: MIT */
#include "lib/jail/tty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/base/str.h"
#include "lib/jail/stages.h"
#include "lib/kernel/mounts.h"

#define PTS_MAX 1024 /* of a jail's devpts: lib/kernel/devices.c */

const char *tty_name(const char *pam_tty)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789/";
	char path[96];
	struct stat st;

	if (strncmp(pam_tty, "/dev/", 5) == 0)
		pam_tty += 5;
	if (!*pam_tty || *pam_tty == '/' || pam_tty[strspn(pam_tty, letters)])
		return NULL;
	snprintf(path, sizeof(path), "/dev/%s", pam_tty);
	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) ? pam_tty : NULL;
}

/* The number of the terminal that the process has the master of as this descriptor. */
static int number_of(int pidfd, int fd, unsigned *ret)
{
	cleanup_fd int copy = pidfd_getfd(pidfd, fd, 0);

	return copy >= 0 && ioctl(copy, TIOCGPTN, ret) == 0 ? 0 : -ENOTTY;
}

static bool is_master(int dir, const char *fd)
{
	char target[32];
	ssize_t n = readlinkat(dir, fd, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	return strcmp(target, "/dev/ptmx") == 0 || strcmp(target, "/dev/pts/ptmx") == 0;
}

bool tty_made_by(pid_t pid, char name[TTY_NAME_SIZE])
{
	char path[32];
	uint64_t fd;
	unsigned number;
	cleanup_fd int pidfd = pidfd_open(pid, 0);

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	cleanup_dir DIR *dir = pidfd < 0 ? NULL : opendir(path);
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!is_master(dirfd(dir), entry->d_name) ||
		    str_to_u64(entry->d_name, INT_MAX, &fd) < 0 ||
		    number_of(pidfd, (int)fd, &number) < 0)
			continue;
		snprintf(name, TTY_NAME_SIZE, "pts/%u", number);
		return true;
	}
	return false;
}

static int open_terminal(const char *name, struct err *err)
{
	cleanup_fd int dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = dev < 0 ? -errno : path_open_strict(dev, name, O_PATH);

	return fd >= 0 ? fd : err_sys(err, -fd, "cannot open /dev/%s", name);
}

int tty_give(const char *name, uid_t uid, gid_t gid, struct err *err)
{
	cleanup_fd int fd = open_terminal(name, err);

	if (fd < 0)
		return fd;
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
		return err_sys(err, errno, "cannot hand over /dev/%s", name);
	return 0;
}

/* What the child that goes into the jail is to do there. */
struct visit {
	const struct jail *jail;
	const char *name;
	int back; /* where it sends what must stay open; -1: nowhere */
};

static int enter_mounts(const struct visit *visit, struct err *err)
{
	if (setns(visit->jail->pidfd, CLONE_NEWNS) < 0)
		return err_sys(err, errno, "cannot enter the container");
	/* The jail's root's, so that no link in it can be anybody else's. */
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int dev = root < 0 ? -errno : path_open_strict(root, "dev", O_PATH | O_DIRECTORY);
	return dev >= 0 ? dev : err_sys(err, -dev, "cannot open /dev of the container");
}

/* A pseudo terminal of the jail's with that number, whose name is what we need; those below it are
 * free again afterwards. Returns its master. */
static int reserve_number(int dev, unsigned wanted)
{
	int masters[PTS_MAX], count = 0, found = -EEXIST;
	unsigned number = 0;

	while (found == -EEXIST && count < PTS_MAX) {
		int master = path_open_strict(dev, "pts/ptmx", O_RDWR | O_NOCTTY);
		if (master < 0 || ioctl(master, TIOCGPTN, &number) < 0) {
			fd_close(master);
			break;
		}
		if (number == wanted)
			found = master;
		else
			masters[count++] = master;
		if (number > wanted)
			break; /* the lowest free one is given: it is taken */
	}
	while (count > 0)
		fd_close(masters[--count]);
	return found;
}

static bool is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Make a place for the name. *ret_keep is what keeps it there, or -1. */
static int make_place(int dev, const char *name, int *ret_keep, struct err *err)
{
	uint64_t number;

	*ret_keep = -1;
	if (strncmp(name, "pts/", 4) == 0 && str_to_u64(name + 4, INT_MAX, &number) == 0) {
		int master = reserve_number(dev, (unsigned)number);
		if (master < 0)
			return err_say(err, -master,
			    "the container has a terminal of its own called %s", name);
		*ret_keep = master;
		return 0;
	}
	int made = openat(dev, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0)
		return err_sys(err, errno, "cannot make /dev/%s in the container", name);
	fd_close(made);
	return 0;
}

static int show_inside(void *argument, struct err *err)
{
	const struct visit *visit = argument;
	cleanup_fd int keep = -1;
	cleanup_fd int terminal = open_terminal(visit->name, err);
	if (terminal < 0)
		return terminal;
	cleanup_fd int tree = mount_clone(terminal, "", false, err);
	if (tree < 0)
		return tree;
	cleanup_fd int dev = enter_mounts(visit, err);
	if (dev < 0)
		return dev;
	cleanup_fd int there = path_open_strict(dev, visit->name, O_PATH);
	if (there >= 0 && is_same_file(there, terminal))
		return 0; /* another session on the same terminal */
	int r = make_place(dev, visit->name, &keep, err);
	if (r < 0)
		return r;
	cleanup_fd int place = path_open_strict(dev, visit->name, O_PATH);
	if (place < 0)
		return err_sys(err, -place, "cannot open /dev/%s in the container", visit->name);
	r = mount_attach(tree, place, err);
	if (r < 0 || keep < 0)
		return r;
	r = fd_send(visit->back, "", 1, keep);
	return r < 0 ? err_sys(err, -r, "cannot keep the name of a terminal") : 0;
}

int tty_show(const struct jail *jail, const char *name, int *ret_keep, struct err *err)
{
	int ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return err_sys(err, errno, "cannot make a socket pair");
	cleanup_fd int ours = ends[0];
	cleanup_fd int theirs = ends[1];
	struct visit visit = { .jail = jail, .name = name, .back = theirs };
	int r = child_run(show_inside, &visit, err);
	if (r < 0)
		return r;
	*ret_keep = -1;
	(void)fd_receive(ours, &byte, 1, ret_keep);
	return 0;
}

static int hide_inside(void *argument, struct err *err)
{
	const struct visit *visit = argument;
	cleanup_fd int dev = enter_mounts(visit, err);

	if (dev < 0)
		return dev;
	if (fchdir(dev) < 0 || umount2(visit->name, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		return err_sys(err, errno, "cannot take /dev/%s away", visit->name);
	/* A name in devpts goes with its master. */
	if (strncmp(visit->name, "pts/", 4) != 0)
		(void)unlinkat(dev, visit->name, 0);
	return 0;
}

void tty_hide(const struct jail *jail, const char *name)
{
	struct visit visit = { .jail = jail, .name = name, .back = -1 };

	/* If that fails the name stays until the jail's end, and nothing else. */
	(void)child_run(hide_inside, &visit, NULL);
}
