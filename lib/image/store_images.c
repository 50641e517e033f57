/* SPDX-License-Identifier: MIT */
#include "lib/image/store_images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store_files.h"
#include "lib/image/store_names.h"

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
	struct digest id, now;
	int r = store_name_look_up(store, name, file, &id, err);

	if (r < 0)
		return r;
	cleanup_fd int record = store_record_open(store, &id, LOCK_SH, err);
	/* It may have been given to another image, and this one been collected, since. */
	if (record == -ENOENT && *file && store_name_read(store, file, &now, NULL) == 0 &&
	    !digest_equal(&now, &id))
		return -EWOULDBLOCK;
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
	int r = find_once(store, name, ret, ret_lock, err);

	/* Who removes it, or has found that a jail needs it, holds the lock for a moment. */
	for (int i = 0; r == -EWOULDBLOCK && i < STORE_TRIES; i++) {
		store_pause();
		r = find_once(store, name, ret, ret_lock, err);
	}
	if (r == -ENOENT)
		return store_say_missing(name, err);
	if (r == -EWOULDBLOCK)
		return err_say(err, EBUSY, "the image %.200s is being removed", name);
	return r;
}

/* ----------------------------------------------------------------------------------- publishing */

/* A record that cannot be read again would stop the collector. */
static int check_readable(const char *text, struct err *err)
{
	struct image again = { .layers = NULL };
	cleanup_free char *copy = strdup(text);

	if (!copy)
		return err_sys(err, ENOMEM, "cannot write a record");
	int r = image_record_read(copy, &again, err);
	image_done(&again);
	return r < 0 ? err_prefix(err, "the image cannot be kept") : 0;
}

static int make_text(const struct image *image, char **ret, size_t *ret_length, struct err *err)
{
	cleanup_free char *text = NULL;
	char *buffer = NULL;
	FILE *stream = open_memstream(&buffer, ret_length);

	if (!stream)
		return err_sys(err, ENOMEM, "cannot write a record");
	image_record_write(image, stream);
	if (str_stream_take(stream, &buffer, &text) < 0)
		return err_sys(err, ENOMEM, "cannot write a record");
	if (*ret_length > IMAGE_RECORD_MAX)
		return err_say(err, EFBIG, "the image's configuration is longer than %d bytes",
		    IMAGE_RECORD_MAX);
	int r = check_readable(text, err);
	if (r == 0)
		*ret = take_ptr(text);
	return r;
}

/* With RENAME_NOREPLACE: -EEXIST without a message if there is one. */
static int write_record(
    const struct store *store, const struct image *image, unsigned flags, struct err *err)
{
	cleanup_free char *text = NULL;
	char place[STORE_PLACE_MAX];
	size_t length = 0;
	int r = make_text(image, &text, &length, err);

	if (r < 0)
		return r;
	store_place_name("record", place);
	r = store_write_file(store->staging, place, text, length, err);
	if (r == 0 &&
	    renameat2(store->staging, place, store->images, digest_hex(&image->id), flags) < 0)
		r = errno == EEXIST ? -EEXIST
				    : err_sys(err, errno, "cannot give the image its place");
	if (r < 0)
		(void)unlinkat(store->staging, place, 0);
	return r;
}

/* The record that is there already, if it says the same of the layers; -ESTALE if not. */
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
	return same ? take_fd(&record) : -ESTALE;
}

/*
 * The locked record of the image. A jail may run already from one that another process has made in
 * the meantime, and has its lock on that: so only what is damaged is replaced.
 */
static int make_record(const struct store *store, const struct image *image, struct err *err)
{
	int r = -EWOULDBLOCK;

	for (int i = 0; i < STORE_TRIES; i++) {
		int record = open_same(store, image, err);
		if (record == -ENOENT || record == -ESTALE)
			r = write_record(
			    store, image, record == -ENOENT ? RENAME_NOREPLACE : 0, err);
		else if (record != -EWOULDBLOCK)
			return record;
		else
			store_pause();
		if (r < 0 && r != -EEXIST && r != -EWOULDBLOCK)
			return r;
	}
	return err_say(err, EBUSY, "somebody removes the same image: try again");
}

int store_publish_image(
    const struct store *store, const struct image *image, const char *name, struct err *err)
{
	char file[NAME_MAX + 1];
	int r = name ? image_name_to_file(name, file, err) : 0;

	if (r < 0)
		return r;
	cleanup_fd int record = make_record(store, image, err);
	if (record < 0)
		return record;
	/* Whoever made what was there already may have died before doing so. */
	if (fsync(store->layers) < 0 || fsync(store->images) < 0)
		return err_sys(err, errno, "cannot write the store of images to the disk");
	return name ? store_name_write(store, file, &image->id, err) : 0;
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
	struct digest_set named;
};

/* Whether a record that could not be opened was removed since it was seen. Names go first: one that
 * still leads there leads nowhere. */
static bool is_gone(const struct list *list, const char *file, const struct digest *id)
{
	struct digest now;

	return !file || store_name_read(list->store, file, &now, NULL) != 0 ||
	       !digest_equal(&now, id);
}

static int tell(const struct list *list, const char *file, const struct digest *id, struct err *err)
{
	char name[IMAGE_NAME_MAX] = "";
	struct image image = { .layers = NULL };
	struct err why = ERR_INIT;
	cleanup_fd int record = openat(
	    list->store->images, digest_hex(id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int r = record < 0 ? err_sys(&why, errno, "images/%s in the store", digest_hex(id))
			   : store_record_read(record, id, &image, &why);

	if (r == -ENOENT && is_gone(list, file, id))
		return 0;
	if (file)
		image_name_of_file(file, name);
	if (r < 0)
		return list->listing->damaged(
		    list->listing->data, file ? name : id->text, &why, err);
	r = list->listing->each(list->listing->data, file ? name : NULL, &image, err);
	image_done(&image);
	return r;
}

static int tell_named(void *data, const char *file, const struct digest *id, struct err *err)
{
	struct list *list = data;
	int r = digest_set_add(&list->named, id, err);

	return r < 0 ? r : tell(list, file, id, err);
}

static int tell_unnamed(void *data, const struct digest *id, struct err *err)
{
	struct list *list = data;

	return digest_set_has(&list->named, id) ? 0 : tell(list, NULL, id, err);
}

int store_list_images(
    const struct store *store, const struct store_listing *listing, struct err *err)
{
	struct list list = { .store = store, .listing = listing };
	int r = store_names_each(store, tell_named, &list, err);

	if (r == 0)
		r = store_records_each(store, tell_unnamed, &list, err);
	digest_set_done(&list.named);
	return r;
}
