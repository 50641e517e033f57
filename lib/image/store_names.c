/* SPDX-License-Identifier: MIT */
#include "lib/image/store_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store_files.h"

#define TARGET "../images/"

int store_name_read(
    const struct store *store, const char *file, struct digest *ret, struct err *err)
{
	char target[sizeof(TARGET) + DIGEST_HEX + 1], text[sizeof(target) + sizeof(DIGEST_PREFIX)];
	ssize_t n = readlinkat(store->names, file, target, sizeof(target) - 1);

	if (n < 0 && errno == ENOENT)
		return -ENOENT;
	if (n < 0)
		return err_sys(err, errno, "names/%s in the store of images", file);
	target[n] = '\0';
	if (strncmp(target, TARGET, strlen(TARGET)) != 0)
		return err_say(err, EUCLEAN, "names/%s in the store of images leads astray", file);
	snprintf(text, sizeof(text), DIGEST_PREFIX "%s", target + strlen(TARGET));
	int r = digest_parse(text, ret, err);
	return r < 0 ? err_prefix(err, "names/%s in the store of images", file) : 0;
}

/* As many digits as lists of images show. */
#define SHORT_ID 12

static bool is_short_id(const char *name)
{
	size_t length = strlen(name);

	return length >= SHORT_ID && length < DIGEST_HEX &&
	       strspn(name, "0123456789abcdef") == length;
}

/* What begins so: -ENOENT without a message if nothing does. */
static int look_up_short(
    const struct store *store, const char *name, struct digest *ret, struct err *err)
{
	struct strv hexes = { NULL, 0 };
	char text[NAME_MAX + sizeof(DIGEST_PREFIX)] = "";
	int r = store_list_directory(store->images, &hexes, err);
	unsigned found = 0;

	for (size_t i = 0; r == 0 && i < hexes.count; i++) {
		if (strncmp(hexes.items[i], name, strlen(name)) != 0)
			continue;
		snprintf(text, sizeof(text), DIGEST_PREFIX "%s", hexes.items[i]);
		found++;
	}
	strv_free(&hexes);
	if (r == 0 && found > 1)
		return err_say(err, EINVAL, "%u images have ids that begin with %s", found, name);
	return r < 0 ? r : found ? digest_parse(text, ret, err) : -ENOENT;
}

int store_name_look_up(const struct store *store, const char *name, char ret_file[NAME_MAX + 1],
    struct digest *ret, struct err *err)
{
	char whole[IMAGE_NAME_MAX], file[NAME_MAX + 1];
	int r = image_name_complete(name, whole, err);

	ret_file[0] = '\0';
	if (r < 0)
		return r;
	if (strncmp(whole, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0)
		return digest_parse(whole, ret, err);
	r = image_name_to_file(whole, file, err);
	if (r == 0)
		r = store_name_read(store, file, ret, err);
	if (r == -ENOENT && is_short_id(name))
		return look_up_short(store, name, ret, err);
	if (r == 0)
		memcpy(ret_file, file, sizeof(file));
	return r;
}

int store_names_lock(const struct store *store, struct err *err)
{
	cleanup_fd int fd = openat(store->names, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = -1;

	if (fd >= 0)
		do
			r = flock(fd, LOCK_EX);
		while (r < 0 && errno == EINTR);
	return r < 0 ? err_sys(err, errno, "cannot lock the names of images") : take_fd(&fd);
}

int store_name_write(
    const struct store *store, const char *file, const struct digest *id, struct err *err)
{
	cleanup_fd int lock = store_names_lock(store, err);
	char target[sizeof(TARGET) + DIGEST_HEX], place[STORE_PLACE_MAX];

	if (lock < 0)
		return lock;
	snprintf(target, sizeof(target), TARGET "%s", digest_hex(id));
	store_place_name("name", place);
	if (symlinkat(target, store->staging, place) < 0)
		return err_sys(err, errno, "cannot give the image its name");
	if (renameat(store->staging, place, store->names, file) < 0) {
		int r = err_sys(err, errno, "cannot give the image its name");
		(void)unlinkat(store->staging, place, 0);
		return r;
	}
	if (fsync(store->names) < 0)
		return err_sys(err, errno, "cannot write the name of the image to the disk");
	return 0;
}

int store_names_each(const struct store *store,
    int (*each)(void *data, const char *file, const struct digest *id, struct err *err), void *data,
    struct err *err)
{
	struct strv files = { NULL, 0 };
	struct digest id;
	int r = store_list_directory(store->names, &files, err);

	for (size_t i = 0; r == 0 && i < files.count; i++) {
		r = store_name_read(store, files.items[i], &id, err);
		if (r == -ENOENT)
			r = 0; /* gone since */
		else if (r == 0)
			r = each(data, files.items[i], &id, err);
	}
	strv_free(&files);
	return r;
}

static int add_id(void *data, const char *file, const struct digest *id, struct err *err)
{
	(void)file;
	return digest_set_add(data, id, err);
}

int store_names_ids(const struct store *store, struct digest_set *ret, struct err *err)
{
	struct digest_set ids = { .items = NULL };
	int r = store_names_each(store, add_id, &ids, err);

	if (r == 0)
		*ret = ids;
	else
		digest_set_done(&ids);
	return r;
}

struct counting {
	const struct digest *id;
	unsigned count;
};

static int count(void *data, const char *file, const struct digest *id, struct err *err)
{
	struct counting *counting = data;

	(void)file;
	(void)err;
	counting->count += digest_equal(id, counting->id);
	return 0;
}

int store_names_of(
    const struct store *store, const struct digest *id, unsigned *ret_count, struct err *err)
{
	struct counting counting = { .id = id };
	int r = store_names_each(store, count, &counting, err);

	if (r == 0)
		*ret_count = counting.count;
	return r;
}
