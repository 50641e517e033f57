/* SPDX-License-Identifier: MIT */
/* Ending whatever is in a folder, and removing it. */
#include "lib/kernel/cgroup_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"

#define DEPTH_MAX 16	     /* of folders that a jail with rights over its group made below it */
#define BATCH	  128	     /* processes that are killed in one round */
#define LIST_MAX  (16 << 20) /* bytes of cgroup.procs: more than PID_MAX_LIMIT pids never are */

void cgroup_pause(unsigned microseconds)
{
	struct timespec time = { microseconds / 1000000, microseconds % 1000000 * 1000L };

	nanosleep(&time, NULL);
}

static int procs_read(int dir, char **ret, struct err *err)
{
	cleanup_fd int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "cannot open cgroup.procs");
	return fd_read_all(fd, LIST_MAX, ret, NULL, err);
}

struct victim {
	long pid;
	int pidfd;
};

static unsigned victims_open(const char *list, struct victim *victims)
{
	unsigned count = 0;
	char *end;

	for (long pid; count < BATCH && (pid = strtol(list, &end, 10), end != list); list = end)
		if (pid > 0 && (victims[count].pidfd = pidfd_open((pid_t)pid, 0)) >= 0)
			victims[count++].pid = pid;
	return count;
}

static void victims_kill(const char *list, struct victim *victims, unsigned count)
{
	char *end;

	for (long pid; pid = strtol(list, &end, 10), end != list; list = end)
		for (unsigned i = 0; i < count; i++)
			if (victims[i].pid == pid)
				(void)pidfd_send_signal(victims[i].pidfd, SIGKILL, NULL, 0);
}

/*
 * A pid that was read may belong to another process by the time it is used. So the list is read
 * again after the pidfds were opened: a process that still has its pid then, and is listed, is a
 * member, and a pidfd of one that is gone reaches nobody. Returns 1 if there was anything to kill.
 */
static int kill_round(int dir, struct err *err)
{
	struct victim victims[BATCH];
	cleanup_free char *first = NULL, *second = NULL;
	int r = procs_read(dir, &first, err);

	if (r < 0)
		return r;
	if (!*first)
		return 0;
	unsigned count = victims_open(first, victims);
	r = procs_read(dir, &second, err);
	if (r == 0)
		victims_kill(second, victims, count);
	for (unsigned i = 0; i < count; i++)
		fd_close(victims[i].pidfd);
	return r < 0 ? r : 1;
}

static int kill_until_empty(int dir, const char *path, struct err *err)
{
	uint64_t deadline = clock_now() + CGROUP_PATIENCE;

	for (unsigned pause = 200;; pause = pause < 10000 ? pause * 2 : pause) {
		int r = kill_round(dir, err);
		if (r < 0)
			return err_prefix(err, "%s", path);
		if (r == 0)
			return 0;
		if (clock_now() > deadline)
			return err_say(
			    err, ETIMEDOUT, "%s still has processes after SIGKILL", path);
		cgroup_pause(pause);
	}
}

int cgroup_folder_kill(int dir, const char *path, struct err *err)
{
	int r = cgroup_file_write(dir, "cgroup.kill", "1");

	if (r == -ENOENT)
		return kill_until_empty(dir, path, err);
	if (r < 0)
		return err_sys(err, -r, "cannot write to %s/cgroup.kill", path);
	return 0;
}

/* Best effort: what could not be removed shows in the rmdir(2) of the folder above it. */
static void remove_children(int dir, unsigned depth)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing) {
		fd_close(fd);
		return;
	}
	for (struct dirent *entry; (entry = readdir(listing));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		cleanup_fd int child =
		    openat(dir, entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue;
		(void)cgroup_folder_kill(child, entry->d_name, NULL);
		if (depth < DEPTH_MAX)
			remove_children(child, depth + 1);
		(void)unlinkat(dir, entry->d_name, AT_REMOVEDIR);
	}
}

int cgroup_folder_remove(int parent, const char *path, struct err *err)
{
	uint64_t deadline = clock_now() + CGROUP_PATIENCE;
	const char *name = strrchr(path, '/') + 1;

	for (unsigned pause = 100;; pause = pause < 10000 ? pause * 2 : pause) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENODEV)
			return 0;
		if (errno != EBUSY)
			return err_sys(err, errno, "cannot remove control group %s", path);
		if (clock_now() > deadline)
			return err_say(err, EBUSY,
			    "cannot remove control group %s: it still has processes", path);
		cgroup_pause(pause);
		cleanup_fd int dir = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		remove_children(dir, 0);
	}
}
