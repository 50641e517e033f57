/* SPDX-License-Identifier: MIT */
#include "lib/image/store_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

#define PAUSE_NS 10000000L

void store_place_name(const char *kind, char ret[STORE_PLACE_MAX])
{
	uint64_t number = (uint64_t)getpid();

	/* Without any, two can get the same: who is second is told so, since nothing is replaced.
	 */
	(void)!getentropy(&number, sizeof(number));
	snprintf(ret, STORE_PLACE_MAX, "%s-%016" PRIx64, kind, number);
}

void store_pause(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	(void)nanosleep(&pause, NULL);
}

bool store_is_place_of(int directory, const char *name, int fd)
{
	struct stat named, open;

	return fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(fd, &open) == 0 && named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

int store_write_file(
    int directory, const char *name, const char *text, size_t length, struct err *err)
{
	cleanup_fd int fd =
	    openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : fd_write_all(fd, text, length);

	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, -r, "cannot write %s in the store of images", name) : 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_list_directory(int directory, struct strv *ret, struct err *err)
{
	cleanup_fd int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (!stream)
		return err_sys(err, errno, "cannot read the store of images");
	(void)take_fd(&fd);
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			r = strv_add(ret, entry->d_name);
	if (r < 0 || errno) {
		r = err_sys(err, r < 0 ? -r : errno, "cannot read the store of images");
		strv_free(ret);
		return r;
	}
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(ret->items[0]), compare);
	return 0;
}
