/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/image/store.h"

/*
 * What an archive made can be deeper than there are descriptors or room on the stack. So
 * directories are moved up, to the top, before they are emptied in turn: three descriptors do for
 * any depth.
 */
struct removal {
	int top;
	unsigned long moved;
};

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int move_up(struct removal *removal, int from, const char *name)
{
	char place[32];

	do
		snprintf(place, sizeof(place), "%lx", removal->moved++);
	while (renameat2(from, name, removal->top, place, RENAME_NOREPLACE) < 0 && errno == EEXIST);
	return faccessat(removal->top, place, F_OK, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* NULL with errno. What somebody has mounted in the tree is not of the tree. */
static DIR *open_stream(int parent, const char *name)
{
	cleanup_fd int fd = path_open_unmounted(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (stream)
		(void)take_fd(&fd);
	else if (fd < 0)
		errno = -fd;
	return stream;
}

/* All that is in a directory below the top goes, or up. */
static int empty(struct removal *removal, const char *name)
{
	cleanup_dir DIR *stream = open_stream(removal->top, name);
	const struct dirent *entry;
	int r = 0;

	if (!stream)
		return -errno;
	while (r == 0 && (errno = 0, entry = readdir(stream))) {
		if (is_dot(entry->d_name) || unlinkat(dirfd(stream), entry->d_name, 0) == 0)
			continue;
		/* Linux says EISDIR, POSIX EPERM. */
		r = errno == EISDIR || errno == EPERM
			? move_up(removal, dirfd(stream), entry->d_name)
			: -errno;
	}
	return r;
}

static int remove_entry(struct removal *removal, const char *name)
{
	if (unlinkat(removal->top, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	int r = 0;
	/* Again where a file system's readdir(3) leaves something out while entries go. */
	for (int i = 0; i < 100; i++) {
		r = empty(removal, name);
		if (r < 0 || unlinkat(removal->top, name, AT_REMOVEDIR) == 0)
			return r;
		r = -errno;
		if (errno != ENOTEMPTY)
			return r;
	}
	return r;
}

/* Returns how many entries there were, or -errno. */
static int pass(struct removal *removal, DIR *stream)
{
	const struct dirent *entry;
	int count = 0, r = 0;

	rewinddir(stream);
	while (r == 0 && (entry = readdir(stream))) {
		if (is_dot(entry->d_name))
			continue;
		count = 1;
		r = remove_entry(removal, entry->d_name);
	}
	return r < 0 ? r : count;
}

int store_remove_tree(int parent, const char *name, struct err *err)
{
	cleanup_dir DIR *stream = open_stream(parent, name);
	int r;

	if (!stream && errno == ENOENT)
		return 0;
	if (!stream)
		return err_sys(err, errno, "cannot open %s", name);
	struct removal removal = { .top = dirfd(stream) };
	do
		r = pass(&removal, stream);
	while (r > 0);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, -r, "cannot remove %s", name) : 0;
}
