/* SPDX-License-Identifier: MIT */
#include "lib/image/seal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/hash_digest.h"
#include "lib/image/seal_internal.h"

/* A directory on the way from the tree to where the walk is. */
struct level {
	char **names; /* sorted by their bytes */
	size_t count, next;
	size_t path_length; /* of seal->path, when it ends here */
	dev_t device;
	ino_t inode;
};

/* Deep trees must not take a descriptor for each level: there is one, and ".." leads back. */
struct walk {
	struct seal *seal;
	struct level *levels;
	size_t depth, room;
	int fd; /* of the last level */
};

/* ------------------------------------------------------------------------------- messages */

static const char *show_path(const struct seal *seal, char *text, size_t size)
{
	const char *path = seal->path[0] ? seal->path : ".";
	size_t length = strlen(path), start = length >= size ? length - size + 1 : 0;

	snprintf(text, size, "%s", path + start);
	for (char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return text;
}

int seal_refuse(const struct seal *seal, struct err *err, const char *what)
{
	char shown[256];

	return err_say(err, EUCLEAN, "%s: %s", show_path(seal, shown, sizeof(shown)), what);
}

int seal_failed(const struct seal *seal, int errnum, struct err *err)
{
	char shown[256];

	return err_sys(err, errnum, "%s: cannot look at it", show_path(seal, shown, sizeof(shown)));
}

/* --------------------------------------------------------------------------------- digest */

void seal_add_number(struct seal *seal, uint64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	seal->part->hash_add(seal->hash, bytes, sizeof(bytes));
}

void seal_add(struct seal *seal, const void *data, size_t size)
{
	seal_add_number(seal, size);
	if (size)
		seal->part->hash_add(seal->hash, data, size);
}

static void add_facts(struct seal *seal, const struct stat *st)
{
	const bool file = S_ISREG(st->st_mode);
	const uint64_t facts[] = { st->st_mode, st->st_uid, st->st_gid,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		file ? (uint64_t)st->st_size : 0 };

	seal_add(seal, seal->path, strlen(seal->path));
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		seal_add_number(seal, facts[i]);
}

/* ---------------------------------------------------------------------------- one of them */

static int check_owner(const struct seal *seal, const struct stat *st, struct err *err)
{
	if (st->st_uid > ARCHIVE_ID_MAX || st->st_gid > ARCHIVE_ID_MAX)
		return seal_refuse(seal, err, "it belongs to a user or group that no layer has");
	return 0;
}

static int look_at_file(struct seal *seal, int parent, const char *name, struct err *err)
{
	/* O_NONBLOCK: if it is no file after all, it does not hold us up. */
	cleanup_fd int fd = openat(
	    parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_NOATIME | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return seal_failed(seal, errno, err);
	if (!S_ISREG(st.st_mode))
		return seal_refuse(seal, err, "it is not what it was a moment ago");
	int r = check_owner(seal, &st, err);
	if (r < 0)
		return r;
	add_facts(seal, &st);
	r = st.st_nlink > 1 ? seal_link(seal, &st, err) : 0;
	if (r != 0)
		return r < 0 ? r : 0;
	seal_add(seal, NULL, 0); /* no other name */
	r = seal_attributes(seal, fd, false, err);
	return r < 0 ? r : seal_content(seal, fd, &st, err);
}

static int look_at_link(
    struct seal *seal, int parent, const char *name, const struct stat *st, struct err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(parent, name, target, sizeof(target));

	if (n < 0)
		return seal_failed(seal, errno, err);
	add_facts(seal, st);
	int r = st->st_nlink > 1 ? seal_link(seal, st, err) : 0;
	if (r != 0)
		return r < 0 ? r : 0;
	seal_add(seal, NULL, 0);
	seal_add(seal, target, (size_t)n);
	return 0;
}

static int look_at_other(
    struct seal *seal, int parent, const char *name, const struct stat *st, struct err *err)
{
	if (S_ISLNK(st->st_mode))
		return look_at_link(seal, parent, name, st, err);
	if (S_ISCHR(st->st_mode) && st->st_rdev == 0) {
		add_facts(seal, st);
		return 0;
	}
	return seal_refuse(seal, err, "no layer has a file of this type");
}

/* ------------------------------------------------------------------------------- the walk */

static void free_level(struct level *level)
{
	for (size_t i = 0; i < level->count; i++)
		free(level->names[i]);
	free(level->names);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names, each with the type that the directory says in front. */
static int add_name(struct level *level, size_t *room, const struct dirent *entry)
{
	if (level->count == *room) {
		size_t more = *room * 2 + 32;
		char **names = reallocarray(level->names, more, sizeof(*names));
		if (!names)
			return -ENOMEM;
		level->names = names;
		*room = more;
	}
	size_t length = strlen(entry->d_name) + 1;
	char *copy = malloc(length + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, entry->d_name, length);
	copy[length] = (char)entry->d_type; /* behind its end, where sorting does not see it */
	level->names[level->count++] = copy;
	return 0;
}

static int read_names(int fd, struct level *level)
{
	cleanup_fd int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	cleanup_dir DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;
	size_t room = 0;

	if (!dir)
		return -errno;
	own = -1; /* the stream's */
	while (errno = 0, (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int r = add_name(level, &room, entry);
		if (r < 0)
			return r;
	}
	if (errno)
		return -errno;
	if (level->count)
		qsort(level->names, level->count, sizeof(*level->names), compare_names);
	return 0;
}

static int make_room(struct walk *walk, struct err *err)
{
	if (walk->depth < walk->room)
		return 0;
	size_t room = walk->room * 2 + 16;
	struct level *levels = reallocarray(walk->levels, room, sizeof(*levels));
	if (!levels)
		return seal_failed(walk->seal, ENOMEM, err);
	walk->levels = levels;
	walk->room = room;
	return 0;
}

/* Takes fd, an open directory, which seal->path is the path of. */
static int enter(struct walk *walk, int fd, struct err *err)
{
	struct seal *seal = walk->seal;
	struct stat st;

	fd_close(walk->fd);
	walk->fd = fd;
	if (fstat(fd, &st) < 0)
		return seal_failed(seal, errno, err);
	int r = check_owner(seal, &st, err);
	if (r < 0)
		return r;
	add_facts(seal, &st);
	r = seal_attributes(seal, fd, true, err);
	if (r == 0)
		r = make_room(walk, err);
	if (r < 0 || !walk->levels)
		return r;
	struct level *level = &walk->levels[walk->depth++];
	*level = (struct level){
		.path_length = strlen(seal->path), .device = st.st_dev, .inode = st.st_ino
	};
	r = read_names(fd, level);
	return r < 0 ? seal_failed(seal, -r, err) : 0;
}

/* Back to the directory above, which must be the one from which we came. */
static int leave(struct walk *walk, struct err *err)
{
	struct stat st;

	free_level(&walk->levels[--walk->depth]);
	if (walk->depth == 0)
		return 0;
	const struct level *level = &walk->levels[walk->depth - 1];
	int fd = openat(walk->fd, "..", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	fd_close(walk->fd);
	walk->fd = fd;
	if (fd < 0 || fstat(fd, &st) < 0)
		return seal_failed(walk->seal, errno, err);
	if (st.st_dev != level->device || st.st_ino != level->inode)
		return seal_refuse(walk->seal, err, "somebody moves directories about");
	return 0;
}

static int extend_path(struct seal *seal, size_t length, const char *name, struct err *err)
{
	int n = snprintf(
	    seal->path + length, sizeof(seal->path) - length, "%s%s", length ? "/" : "", name);

	if (n < 0 || (size_t)n >= sizeof(seal->path) - length)
		return seal_refuse(seal, err, "the path is longer than any layer has");
	return 0;
}

static int enter_child(struct walk *walk, const char *name, struct err *err)
{
	int fd =
	    openat(walk->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);

	return fd < 0 ? seal_failed(walk->seal, errno, err) : enter(walk, fd, err);
}

static int look(struct walk *walk, const char *name, struct err *err)
{
	unsigned char type = (unsigned char)name[strlen(name) + 1];
	struct seal *seal = walk->seal;
	struct stat st;

	seal->entries++;
	if (type == DT_REG)
		return look_at_file(seal, walk->fd, name, err);
	if (type == DT_DIR)
		return enter_child(walk, name, err);
	if (fstatat(walk->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return seal_failed(seal, errno, err);
	if (S_ISREG(st.st_mode))
		return look_at_file(seal, walk->fd, name, err);
	if (S_ISDIR(st.st_mode))
		return enter_child(walk, name, err);
	int r = check_owner(seal, &st, err);
	return r < 0 ? r : look_at_other(seal, walk->fd, name, &st, err);
}

static int walk_all(struct walk *walk, struct err *err)
{
	int r = 0;

	while (r == 0 && walk->depth) {
		struct level *level = &walk->levels[walk->depth - 1];
		walk->seal->path[level->path_length] = '\0';
		if (level->next == level->count) {
			seal_add_number(walk->seal, UINT64_MAX); /* no path: back again */
			r = leave(walk, err);
			continue;
		}
		const char *name = level->names[level->next++];
		r = extend_path(walk->seal, level->path_length, name, err);
		if (r == 0)
			r = look(walk, name, err);
	}
	return r;
}

static int walk_tree(struct seal *seal, int tree, struct err *err)
{
	struct walk walk = { .seal = seal, .fd = -1 };
	int fd = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	int r = fd < 0 ? seal_failed(seal, errno, err) : enter(&walk, fd, err);

	if (r == 0)
		r = walk_all(&walk, err);
	while (walk.depth)
		free_level(&walk.levels[--walk.depth]);
	free(walk.levels);
	fd_close(walk.fd);
	int links = seal_links_end(seal, r == 0 ? err : NULL);
	return r < 0 ? r : links;
}

int seal_tree(const struct archive_part *part, int tree, enum seal_what what,
    struct layer_facts *ret, struct err *err)
{
	struct seal seal = { .part = part, .what = what };
	struct layer_facts facts;

	seal.buffer = malloc(SEAL_BUFFER);
	seal.hash = part->hash_new();
	int r = seal.buffer && seal.hash ? walk_tree(&seal, tree, err)
					 : err_sys(err, ENOMEM, "cannot look at the layer");
	facts = (struct layer_facts){ .size = seal.size, .entries = seal.entries };
	hash_digest(part, seal.hash, &facts.tree);
	free(seal.buffer);
	if (r == 0)
		*ret = facts;
	return r;
}
