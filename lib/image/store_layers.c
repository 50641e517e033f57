/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store.h"
#include "lib/image/store_files.h"

#define TREE	   "tree"
#define FACTS	   "layer"
#define FACTS_MAX  512
#define FACTS_TEXT "contain-layer 1\nsize %" PRIu64 "\nentries %" PRIu64 "\ntree %s\nend\n"

int store_open_layer(const struct store *store, const struct digest *diff_id, struct err *err)
{
	char path[DIGEST_HEX + sizeof("/" TREE)];

	snprintf(path, sizeof(path), "%s/" TREE, digest_hex(diff_id));
	int fd = openat(store->layers, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_say(err, ENOENT,
		    "the layer %s of the image is not there: get the image again, by containctl "
		    "image pull or import",
		    diff_id->text);
	return fd >= 0
		   ? fd
		   : err_sys(err, errno, "cannot open the layer %s of the image", diff_id->text);
}

int store_hold_layer(const struct store *store, const struct digest *diff_id,
    struct store_layer *ret, struct err *err)
{
	cleanup_fd int fd = openat(
	    store->layers, digest_hex(diff_id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT
			   ? 0
			   : err_sys(err, errno, "cannot look for the layer %s", diff_id->text);
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return -EAGAIN;
	if (!store_is_place_of(store->layers, digest_hex(diff_id), fd))
		return 0;
	*ret = (struct store_layer){ .lock = take_fd(&fd), .directory = -1 };
	return 1;
}

/* A directory of ours in staging/: 0, or -EAGAIN if it is somebody else's. */
static int take_place(const struct store *store, struct store_layer *layer, struct err *err)
{
	if (mkdirat(store->staging, layer->name, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make a place for a layer");
	cleanup_fd int fd =
	    openat(store->staging, layer->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -EAGAIN;
	if (fd < 0)
		return err_sys(err, errno, "cannot open the place for a layer");
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !store_is_place_of(store->staging, layer->name, fd))
		return -EAGAIN;
	layer->directory = take_fd(&fd);
	return 0;
}

/* What somebody has left who died in it. */
static int clear_place(const struct store_layer *layer, struct err *err)
{
	(void)unlinkat(layer->directory, FACTS, 0);
	return store_remove_tree(layer->directory, TREE, err);
}

static int begin_new(const struct store *store, const struct digest *diff_id,
    struct store_layer *ret, struct err *err)
{
	struct store_layer layer = STORE_LAYER_INIT;

	if (diff_id)
		snprintf(layer.name, sizeof(layer.name), "%s", digest_hex(diff_id));
	else
		store_place_name("new", layer.name);
	int r = take_place(store, &layer, err);
	if (r < 0)
		return r;
	/* It may have got its place after we had looked there and before the lock was ours. */
	r = diff_id ? store_hold_layer(store, diff_id, ret, err) : 0;
	if (r == 0)
		r = clear_place(&layer, err);
	if (r != 0) {
		store_end_layer(store, &layer);
		return r;
	}
	*ret = layer;
	return 0;
}

int store_begin_layer(const struct store *store, const struct digest *diff_id,
    struct store_layer *ret, struct err *err)
{
	int r = diff_id ? store_hold_layer(store, diff_id, ret, err) : 0;

	if (r == 0)
		r = begin_new(store, diff_id, ret, err);
	/* A collector has taken the place before it was locked. */
	for (int i = 0; !diff_id && r == -EAGAIN && i < STORE_TRIES; i++)
		r = begin_new(store, diff_id, ret, err);
	if (r == -EAGAIN && !diff_id)
		return err_say(err, EAGAIN, "somebody removes all places for layers: try again");
	return r;
}

static int write_facts(
    const struct store_layer *layer, const struct layer_facts *facts, struct err *err)
{
	char text[FACTS_MAX];
	int length =
	    snprintf(text, sizeof(text), FACTS_TEXT, facts->size, facts->entries, facts->tree.text);

	return store_write_file(layer->directory, FACTS, text, (size_t)length, err);
}

/* The lock is the directory's, wherever it is; it lets others use the layer from now on. */
static int keep_published(const struct store *store, struct store_layer *layer,
    const struct digest *diff_id, struct err *err)
{
	layer->lock = take_fd(&layer->directory);
	layer->name[0] = '\0';
	if (fsync(store->layers) < 0)
		return err_sys(err, errno, "cannot write the store of images to the disk");
	/* Changing a lock is not one step, flock(2): a collector may have come in between. */
	if (flock(layer->lock, LOCK_SH | LOCK_NB) < 0 ||
	    !store_is_place_of(store->layers, digest_hex(diff_id), layer->lock))
		return err_say(err, EAGAIN,
		    "somebody has removed the layer %s as soon as it was there: try again",
		    diff_id->text);
	return 0;
}

/* Another process has made the same in the meantime, and that may be used already. As
 * store_hold_layer(). */
static int keep_theirs(const struct store *store, struct store_layer *layer,
    const struct digest *diff_id, struct err *err)
{
	struct store_layer theirs = STORE_LAYER_INIT;
	int r = store_hold_layer(store, diff_id, &theirs, err);

	if (r == 1) {
		store_end_layer(store, layer);
		*layer = theirs;
	}
	return r;
}

/* Returns 1, -EAGAIN without a message, or -errno. */
static int give_place(const struct store *store, struct store_layer *layer,
    const struct digest *diff_id, struct err *err)
{
	if (renameat2(store->staging, layer->name, store->layers, digest_hex(diff_id),
		RENAME_NOREPLACE) == 0)
		return keep_published(store, layer, diff_id, err) ?: 1;
	if (errno != EEXIST)
		return err_sys(err, errno, "cannot give the layer %s its place", diff_id->text);
	return keep_theirs(store, layer, diff_id, err) ?: -EAGAIN;
}

int store_publish_layer(const struct store *store, struct store_layer *layer,
    const struct digest *diff_id, const struct layer_facts *facts, struct err *err)
{
	int r = write_facts(layer, facts, err);

	if (r < 0)
		return r;
	if (syncfs(layer->directory) < 0)
		return err_sys(err, errno, "cannot write a layer to the disk");
	/* Who was faster holds it until it is on the disk; who removes it is soon done. */
	r = give_place(store, layer, diff_id, err);
	for (int i = 0; r == -EAGAIN && layer->directory >= 0 && i < 10 * STORE_TRIES; i++) {
		store_pause();
		r = give_place(store, layer, diff_id, err);
	}
	if (r == -EAGAIN && layer->directory >= 0)
		return err_say(err, EAGAIN,
		    "somebody removes the layer %s at the same time: try again", diff_id->text);
	return r < 0 ? r : 0;
}

void store_end_layer(const struct store *store, struct store_layer *layer)
{
	if (layer->directory >= 0)
		(void)store_remove_tree(store->staging, layer->name, NULL);
	fd_close(layer->directory);
	fd_close(layer->lock);
	*layer = (struct store_layer)STORE_LAYER_INIT;
}

static const char *behind(const char *text, const char *word)
{
	const char *found = strstr(text, word);

	return found ? found + strlen(word) : "";
}

int store_layer_facts(const struct store *store, const struct digest *diff_id,
    struct layer_facts *ret, struct err *err)
{
	char path[DIGEST_HEX + sizeof("/" FACTS)], tree[DIGEST_TEXT_MAX] = "", again[FACTS_MAX];
	struct layer_facts facts = { .size = 0 };
	cleanup_free char *text = NULL;

	snprintf(path, sizeof(path), "%s/" FACTS, digest_hex(diff_id));
	cleanup_fd int fd = openat(store->layers, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "layers/%s", path);
	int r = fd_read_all(fd, FACTS_MAX, &text, NULL, err);
	if (r < 0)
		return err_prefix(err, "layers/%s", path);
	/* What is written again the same was read right. */
	facts.size = strtoull(behind(text, "\nsize "), NULL, 10);
	facts.entries = strtoull(behind(text, "\nentries "), NULL, 10);
	snprintf(tree, sizeof(tree), "%s", behind(text, "\ntree "));
	tree[strcspn(tree, "\n")] = '\0';
	snprintf(again, sizeof(again), FACTS_TEXT, facts.size, facts.entries, tree);
	if (strcmp(text, again) != 0 || digest_parse(tree, &facts.tree, err) < 0)
		return err_say(err, EUCLEAN, "layers/%s is damaged", path);
	*ret = facts;
	return 0;
}

int store_list_layers(const struct store *store,
    int (*each)(void *data, const struct digest *diff_id, struct err *err), void *data,
    struct err *err)
{
	struct strv hexes = { NULL, 0 };
	struct digest diff_id;
	char text[NAME_MAX + sizeof(DIGEST_PREFIX)];
	int r = store_list_directory(store->layers, &hexes, err);

	for (size_t i = 0; r == 0 && i < hexes.count; i++) {
		snprintf(text, sizeof(text), DIGEST_PREFIX "%s", hexes.items[i]);
		r = digest_parse(text, &diff_id, err);
		r = r < 0 ? err_prefix(err, "layers/%s", hexes.items[i])
			  : each(data, &diff_id, err);
	}
	strv_free(&hexes);
	return r;
}
