/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/layer/archive_part_attributes.h"
#include "lib/layer/archive_part_content.h"
#include "lib/layer/archive_part_link.h"
#include "lib/layer/archive_part_name.h"
#include "lib/layer/archive_part_place.h"
#include "lib/layer/archive_part_whiteout.h"

static int unpack_directory(struct unpack *unpack, struct archive_entry *entry,
    const struct place *place, const struct attributes *attributes, struct err *err)
{
	int r = place->name ? place_make_directory(unpack, place, err) : 0;

	if (r == 0 && attributes_has_extended(entry)) {
		cleanup_fd int fd =
		    place_open(place->parent, place->name ?: ".", O_RDONLY | O_DIRECTORY, 0);
		r = fd < 0 ? err_sys(err, errno, "%s: cannot open it", place->shown)
			   : attributes_extended(entry, fd, place->shown, err);
	}
	return r < 0 ? r : place_note(unpack, place->path, attributes, err);
}

/* New, with nothing in it: never what another entry has made. */
static int create(const struct place *place, mode_t mode, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL;
	int fd = place_open(place->parent, place->name, flags, mode);

	if (fd < 0 && errno == EEXIST) {
		int r = place_clear(place, S_IFREG, err);
		if (r < 0)
			return r;
		fd = place_open(place->parent, place->name, flags, mode);
	}
	return fd < 0 ? err_sys(err, errno, "%s: cannot make it", place->shown) : fd;
}

static int unpack_file(struct unpack *unpack, struct archive_entry *entry,
    const struct place *place, const struct attributes *attributes, struct err *err)
{
	cleanup_fd int fd = create(place, attributes->mode & 0777, err);

	if (fd < 0)
		return fd;
	int r = content_write(unpack->archive, fd, archive_entry_size(entry), place->shown, err);
	if (r < 0)
		return r;
	r = attributes_of_file(fd, attributes);
	if (r < 0)
		return err_sys(err, -r, "%s: cannot set its owner, mode and time", place->shown);
	return attributes_extended(entry, fd, place->shown, err);
}

static bool is_below_dev(const char *path)
{
	return strncmp(path, "dev/", 4) == 0;
}

/* A jail always has a /dev of its own. Elsewhere a device would be a way to the host's disks, and
 * whoever opens a FIFO as if it were a file waits for ever. */
static int refuse_special(const char *what, const char *path, struct err *err)
{
	char shown[256];

	name_show(path, shown, sizeof(shown));
	return err_say(err, EPERM, "%s: a %s is not possible in an image", shown, what);
}

static int unpack_type(struct unpack *unpack, struct archive_entry *entry, const char *path,
    const struct attributes *attributes, struct err *err)
{
	struct place place;
	mode_t type = archive_entry_filetype(entry);
	int r = place_find(unpack, path, &place, err);

	if (r < 0)
		return r;
	if (!place.name && type != AE_IFDIR)
		return err_say(err, EINVAL, ".: the root of an image is a directory");
	switch (type) {
	case AE_IFDIR: return unpack_directory(unpack, entry, &place, attributes, err);
	case AE_IFLNK: return link_unpack_symbolic(entry, &place, attributes, err);
	default: return unpack_file(unpack, entry, &place, attributes, err);
	}
}

/* What needs no look at the tree. *ret_done: nothing is to be made. */
static int check_type(
    struct archive_entry *entry, const char *path, bool *ret_done, struct err *err)
{
	mode_t type = archive_entry_filetype(entry);

	*ret_done = false;
	switch (type) {
	case AE_IFREG:
	case AE_IFDIR:
	case AE_IFLNK: return 0;
	case AE_IFIFO: return refuse_special("FIFO", path, err);
	case AE_IFSOCK: return refuse_special("socket", path, err);
	case AE_IFCHR:
	case AE_IFBLK:
		*ret_done = is_below_dev(path);
		return *ret_done ? 0 : refuse_special("device", path, err);
	default: return refuse_special("file of an unknown type", path, err);
	}
}

static int unpack_clean(struct unpack *unpack, struct archive_entry *entry, const char *path,
    const char *shown, struct err *err)
{
	struct attributes attributes;
	const char *target = archive_entry_hardlink(entry);
	bool done = false;
	int r = attributes_read(entry, shown, &attributes, err);

	if (r == 0)
		r = whiteout_unpack(unpack, path, &attributes, &done, err);
	if (r < 0 || done)
		return r;
	if (target)
		return link_unpack_hard(unpack, path, target, err);
	r = check_type(entry, path, &done, err);
	return r < 0 || done ? r : unpack_type(unpack, entry, path, &attributes, err);
}

int entry_unpack(struct unpack *unpack, struct archive_entry *entry, struct err *err)
{
	const char *name = archive_entry_pathname(entry);
	char path[PATH_MAX], shown[256];

	if (!name || !*name)
		return err_say(
		    err, EINVAL, "entry %llu has no name", (unsigned long long)unpack->entries);
	name_show(name, shown, sizeof(shown));
	const char *wrong = name_clean(name, path);
	if (wrong)
		return err_say(err, EINVAL, "%s: %s", shown, wrong);
	return unpack_clean(unpack, entry, path, shown, err);
}
