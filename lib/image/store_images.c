/* SPDX-License-Identifier: MIT */
#include "lib/image/store_images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store_files.h"
#include "lib/image/store_names.h"

/* A lock is somebody's who is about to remove it, or has found that a jail needs it: not for long.
 */
#define TRIES	 100
#define PAUSE_NS 10000000L /* 10 ms */

int store_record_open(const struct store *store, const struct digest *id, int lock, struct err *err)
{
	cleanup_fd int fd =
	    openat(store->images, digest_hex(id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "images/%s in the store of images", digest_hex(id));
	if (flock(fd, lock | LOCK_NB) < 0)
		return -EWOULDBLOCK;
	return store_is_place_of(store->images, digest_hex(id), fd) ? take_fd(&fd) : -ENOENT;
}

int store_record_read(int record, const struct digest *id, struct image *ret, struct err *err)
{
	cleanup_free char *text = NULL;
	size_t length;
	int r = fd_read_all(record, IMAGE_RECORD_MAX, &text, &length, err);

	if (r == 0)
		r = strlen(text) == length ? image_record_read(text, ret, err)
					   : err_say(err, EINVAL, "there is a NUL in it");
	if (r == 0 && !digest_equal(&ret->id, id)) {
		image_done(ret);
		r = err_say(err, EINVAL, "it is another image's");
	}
	if (r == 0)
		return 0;
	(void)err_prefix(err, "images/%s in the store is damaged", digest_hex(id));
	if (err && r == -EINVAL)
		err->code = EUCLEAN;
	return r == -EINVAL ? -EUCLEAN : r;
}

int store_say_missing(const char *name, struct err *err)
{
	return err_say(err, ENOENT,
	    "the image %.200s is not on this machine: containctl image pull %.200s", name, name);
}

static int find_once(
    const struct store *store, const char *name, struct image *ret, int *ret_lock, struct err *err)
{
	char file[NAME_MAX + 1];
	struct digest id;
	int r = store_name_look_up(store, name, file, &id, err);

	if (r < 0)
		return r;
	cleanup_fd int record = store_record_open(store, &id, LOCK_SH, err);
	if (record < 0)
		return record;
	r = store_record_read(record, &id, ret, err);
	if (r == 0)
		*ret_lock = take_fd(&record);
	return r;
}

int store_find_image(
    const struct store *store, const char *name, struct image *ret, int *ret_lock, struct err *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int r = find_once(store, name, ret, ret_lock, err);

	for (int i = 0; r == -EWOULDBLOCK && i < TRIES; i++) {
		(void)nanosleep(&pause, NULL);
		r = find_once(store, name, ret, ret_lock, err);
	}
	if (r == -ENOENT)
		return store_say_missing(name, err);
	if (r == -EWOULDBLOCK)
		return err_say(err, EBUSY, "the image %.200s is being removed", name);
	return r;
}

/* ----------------------------------------------------------------------------------- publishing */

static int write_record(const struct store *store, const struct image *image, struct err *err)
{
	cleanup_free char *text = NULL;
	char place[32], *buffer = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&buffer, &length);

	if (!stream)
		return err_sys(err, ENOMEM, "cannot write a record");
	image_record_write(image, stream);
	if (str_stream_take(stream, &buffer, &text) < 0)
		return err_sys(err, ENOMEM, "cannot write a record");
	if (length > IMAGE_RECORD_MAX)
		return err_say(err, EFBIG, "the image's configuration is longer than %d bytes",
		    IMAGE_RECORD_MAX);
	snprintf(place, sizeof(place), "record-%d", getpid());
	(void)unlinkat(store->staging, place, 0);
	int r = store_write_file(store->staging, place, text, length, err);
	if (r == 0 && renameat(store->staging, place, store->images, digest_hex(&image->id)) < 0)
		r = err_sys(err, errno, "cannot give the image its place");
	if (r == 0 && fsync(store->images) < 0)
		r = err_sys(err, errno, "cannot write the store of images to the disk");
	return r;
}

/* The record that is there already, if it says the same of the layers. */
static int open_same(const struct store *store, const struct image *image, struct err *err)
{
	struct image there = { .layers = NULL };
	cleanup_fd int record = store_record_open(store, &image->id, LOCK_SH, err);

	if (record < 0)
		return record;
	int r = store_record_read(record, &image->id, &there, NULL);
	bool same = r == 0 && there.layer_count == image->layer_count;
	for (unsigned i = 0; same && i < image->layer_count; i++)
		same = digest_equal(&there.layers[i], &image->layers[i]);
	image_done(&there);
	return same ? take_fd(&record) : -ENOENT;
}

int store_publish_image(
    const struct store *store, const struct image *image, const char *name, struct err *err)
{
	char file[NAME_MAX + 1];
	int r = name ? image_name_to_file(name, file, err) : 0;

	if (r < 0)
		return r;
	cleanup_fd int record = open_same(store, image, err);
	if (record == -ENOENT) {
		r = write_record(store, image, err);
		if (r == 0)
			record = store_record_open(store, &image->id, LOCK_SH, err);
	}
	if (r < 0)
		return r;
	if (record == -EWOULDBLOCK || record == -ENOENT)
		return err_say(err, EBUSY, "somebody removes the same image: try again");
	return record < 0 || !name ? (record < 0 ? record : 0)
				   : store_name_write(store, file, &image->id, err);
}

/* -------------------------------------------------------------------------------------- listing */

int store_records_each(const struct store *store,
    int (*each)(void *data, const struct digest *id, struct err *err), void *data, struct err *err)
{
	struct strv hexes = { NULL, 0 };
	struct digest id;
	char text[NAME_MAX + sizeof(DIGEST_PREFIX)];
	int r = store_list_directory(store->images, &hexes, err);

	for (size_t i = 0; r == 0 && i < hexes.count; i++) {
		snprintf(text, sizeof(text), DIGEST_PREFIX "%s", hexes.items[i]);
		r = digest_parse(text, &id, err);
		r = r < 0 ? err_prefix(err, "images/%s in the store", hexes.items[i])
			  : each(data, &id, err);
	}
	strv_free(&hexes);
	return r;
}

struct list {
	const struct store *store;
	const struct store_listing *listing;
};

static int tell(const struct list *list, const char *name, const struct digest *id, struct err *err)
{
	struct image image = { .layers = NULL };
	struct err why = ERR_INIT;
	cleanup_fd int record = openat(
	    list->store->images, digest_hex(id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r = record < 0 ? err_sys(&why, errno, "images/%s in the store", digest_hex(id))
			   : store_record_read(record, id, &image, &why);

	if (r < 0)
		return list->listing->damaged(list->listing->data, name ?: id->text, &why, err);
	r = list->listing->each(list->listing->data, name, &image, err);
	image_done(&image);
	return r;
}

static int tell_named(void *data, const char *file, const struct digest *id, struct err *err)
{
	char name[IMAGE_NAME_MAX];

	image_name_of_file(file, name);
	return tell(data, name, id, err);
}

static int tell_unnamed(void *data, const struct digest *id, struct err *err)
{
	const struct list *list = data;
	unsigned names = 0;
	int r = store_names_of(list->store, id, &names, err);

	return r < 0 || names ? r : tell(list, NULL, id, err);
}

int store_list_images(
    const struct store *store, const struct store_listing *listing, struct err *err)
{
	struct list list = { store, listing };
	int r = store_names_each(store, tell_named, &list, err);

	return r == 0 ? store_records_each(store, tell_unnamed, &list, err) : r;
}
