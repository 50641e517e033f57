/* SPDX-License-Identifier: MIT */
/* What goes from the store, and when. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store_files.h"
#include "lib/image/store_images.h"
#include "lib/image/store_names.h"

struct search {
	const struct store *store;
	const struct digest *layer;
};

/* Without a lock. Returns 1, 0 if it is gone since, or -errno. */
static int open_record(
    const struct store *store, const struct digest *id, int *ret, struct err *err)
{
	int fd =
	    openat(store->images, digest_hex(id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT
			   ? 0
			   : err_sys(err, errno, "images/%s in the store", digest_hex(id));
	*ret = fd;
	return 1;
}

static int read_record(int record, const struct digest *id, struct image *ret, struct err *err)
{
	int r = store_record_read(record, id, ret, err);

	return r == -EUCLEAN ? err_prefix(err,
				   "no layer is removed as long as nobody knows what that has: "
				   "containctl image rm %s",
				   id->text)
			     : r;
}

static int has_layer(void *data, const struct digest *id, struct err *err)
{
	const struct search *search = data;
	struct image image = { .layers = NULL };
	cleanup_fd int record = -1;
	int found = 0, r = open_record(search->store, id, &record, err);

	if (r <= 0)
		return r;
	r = read_record(record, id, &image, err);
	for (unsigned i = 0; r == 0 && i < image.layer_count && !found; i++)
		found = digest_equal(&image.layers[i], search->layer);
	image_done(&image);
	return r < 0 ? r : found;
}

int store_layer_is_needed(const struct store *store, const struct digest *diff_id, struct err *err)
{
	struct search search = { store, diff_id };

	return store_records_each(store, has_layer, &search, err);
}

/*
 * First the lock, then the question: whoever makes an image of it holds it from before the image is
 * there, so that either the lock is not to be had or the image is seen.
 */
int store_drop_layer(
    const struct store *store, const struct digest *diff_id, uint64_t *ret_size, struct err *err)
{
	struct layer_facts facts = { .size = 0 };
	char place[STORE_PLACE_MAX];
	cleanup_fd int lock = openat(
	    store->layers, digest_hex(diff_id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 ||
	    !store_is_place_of(store->layers, digest_hex(diff_id), lock))
		return 0;
	int r = store_layer_is_needed(store, diff_id, err);
	if (r != 0)
		return r < 0 ? r : 0;
	(void)store_layer_facts(store, diff_id, &facts, NULL);
	store_place_name("gone", place);
	if (renameat2(store->layers, digest_hex(diff_id), store->staging, place, RENAME_NOREPLACE) <
	    0)
		return err_sys(err, errno, "cannot take the layer %s away", diff_id->text);
	/* Before anything of it goes: what has a place is whole. */
	if (fsync(store->layers) < 0)
		return err_sys(err, errno, "cannot write the store of images to the disk");
	*ret_size = facts.size;
	r = store_remove_tree(store->staging, place, err);
	return r < 0 ? r : 1;
}

/* With the record locked against everybody. */
static int drop_record(const struct store *store, const struct digest *id, struct err *err)
{
	if (unlinkat(store->images, digest_hex(id), 0) < 0)
		return err_sys(err, errno, "cannot remove the image %s", id->text);
	return fsync(store->images) < 0
		   ? err_sys(err, errno, "cannot write the store of images to the disk")
		   : 0;
}

/* ------------------------------------------------------------------------------------ one image */

struct naming {
	const struct store *store;
	const struct digest *id;
};

static int drop_name(void *data, const char *file, const struct digest *id, struct err *err)
{
	const struct naming *naming = data;

	if (!digest_equal(id, naming->id) || unlinkat(naming->store->names, file, 0) == 0)
		return 0;
	return err_sys(err, errno, "cannot remove the name %s", file);
}

/* Those that are damaged or gone have none to remove: the rest is the collector's. */
static int drop_layers(const struct store *store, const struct image *image, struct err *err)
{
	uint64_t size;
	int r = 0;

	for (unsigned i = image->layer_count; r >= 0 && i-- > 0;)
		r = store_drop_layer(store, &image->layers[i], &size, err);
	return r < 0 ? r : 0;
}

/* Names and record; what it was of is *ret then, with no layers where nobody can tell. */
static int drop_image(
    const struct store *store, const struct digest *id, struct image *ret, struct err *err)
{
	struct naming naming = { store, id };
	cleanup_fd int record = store_record_open(store, id, LOCK_EX, err);

	if (record == -EWOULDBLOCK)
		return err_say(err, EBUSY, "a container runs from the image %s", id->text);
	if (record < 0 && record != -ENOENT)
		return record;
	bool there = record >= 0;
	if (there)
		(void)store_record_read(record, id, ret, NULL);
	int r = store_names_each(store, drop_name, &naming, err);
	if (r == 0 && fsync(store->names) < 0)
		r = err_sys(err, errno, "cannot write the store of images to the disk");
	return r == 0 && there ? drop_record(store, id, err) : r;
}

static int remove_name(const struct store *store, const char *file, struct err *err)
{
	if (unlinkat(store->names, file, 0) < 0)
		return err_sys(err, errno, "cannot remove the name %s", file);
	return fsync(store->names) < 0
		   ? err_sys(err, errno, "cannot write the store of images to the disk")
		   : 0;
}

/* With the names locked. */
static int remove_locked(
    const struct store *store, const char *name, struct image *ret, struct err *err)
{
	char file[NAME_MAX + 1];
	struct digest id;
	unsigned names = 0;
	int r = store_name_look_up(store, name, file, &id, err);

	if (r == 0 && !*file && faccessat(store->images, digest_hex(&id), F_OK, 0) < 0)
		r = -ENOENT;
	if (r == -ENOENT)
		return err_say(err, ENOENT, "there is no image %.200s", name);
	if (r == 0)
		r = store_names_of(store, &id, &names, err);
	if (r < 0)
		return r;
	return *file && names > 1 ? remove_name(store, file, err)
				  : drop_image(store, &id, ret, err);
}

int store_remove_image(const struct store *store, const char *name, struct err *err)
{
	struct image image = { .layers = NULL };
	int lock = store_names_lock(store, err);
	int r = lock < 0 ? lock : remove_locked(store, name, &image, err);

	/* Layers take their time. */
	fd_close(lock);
	if (r == 0)
		r = drop_layers(store, &image, err);
	image_done(&image);
	return r;
}

/* ----------------------------------------------------------------------------------- everything */

struct collection {
	const struct store *store;
	struct store_collected *collected;
	/* As it was in the beginning: so that nothing is locked that is clearly needed. */
	struct digest_set named, needed;
};

static int collect_image(void *data, const struct digest *id, struct err *err)
{
	struct collection *collection = data;
	unsigned names = 0;

	if (digest_set_has(&collection->named, id))
		return 0;
	cleanup_fd int record = store_record_open(collection->store, id, LOCK_EX, err);
	if (record == -EWOULDBLOCK || record == -ENOENT)
		return 0;
	if (record < 0)
		return record;
	/* After the lock: who gives it a name holds it. */
	int r = store_names_of(collection->store, id, &names, err);
	if (r < 0 || names)
		return r;
	r = drop_record(collection->store, id, err);
	collection->collected->images += r == 0;
	return r;
}

static int add_layers(void *data, const struct digest *id, struct err *err)
{
	struct collection *collection = data;
	struct image image = { .layers = NULL };
	cleanup_fd int record = -1;
	int r = open_record(collection->store, id, &record, err);

	if (r <= 0)
		return r;
	r = read_record(record, id, &image, err);
	for (unsigned i = 0; r == 0 && i < image.layer_count; i++)
		r = digest_set_add(&collection->needed, &image.layers[i], err);
	image_done(&image);
	return r;
}

static int collect_layer(void *data, const struct digest *diff_id, struct err *err)
{
	struct collection *collection = data;
	uint64_t size = 0;

	if (digest_set_has(&collection->needed, diff_id))
		return 0;
	int r = store_drop_layer(collection->store, diff_id, &size, err);

	if (r > 0) {
		collection->collected->layers++;
		collection->collected->bytes += size;
	}
	return r < 0 ? r : 0;
}

/* Somebody works in it as long as it is locked. Files have no lock: they are there for a moment,
 * and one that is older than a minute is nobody's any more. */
#define MOMENT 60

static int collect_leftover(const struct collection *collection, const char *name, struct err *err)
{
	const struct store *store = collection->store;
	struct stat st;
	int r = 0;

	if (fstatat(store->staging, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode)) {
		if (time(NULL) - st.st_ctime < MOMENT || unlinkat(store->staging, name, 0) < 0)
			return 0;
	} else {
		cleanup_fd int fd =
		    openat(store->staging, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
		    !store_is_place_of(store->staging, name, fd))
			return 0;
		r = store_remove_tree(store->staging, name, err);
	}
	collection->collected->leftovers += r == 0;
	return r;
}

static int collect_leftovers(const struct collection *collection, struct err *err)
{
	struct strv names = { NULL, 0 };
	int r = store_list_directory(collection->store->staging, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = collect_leftover(collection, names.items[i], err);
	strv_free(&names);
	return r;
}

int store_collect(const struct store *store, struct store_collected *ret, struct err *err)
{
	*ret = (struct store_collected){ .images = 0 };
	struct collection collection = { .store = store, .collected = ret };
	int r = collect_leftovers(&collection, err);

	if (r == 0)
		r = store_names_ids(store, &collection.named, err);
	if (r == 0)
		r = store_records_each(store, collect_image, &collection, err);
	if (r == 0)
		r = store_records_each(store, add_layers, &collection, err);
	if (r == 0)
		r = store_list_layers(store, collect_layer, &collection, err);
	digest_set_done(&collection.named);
	digest_set_done(&collection.needed);
	return r;
}
