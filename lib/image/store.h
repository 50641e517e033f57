/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_STORE_H
#define CONTAIN_IMAGE_STORE_H

/*
 * Where images lie on this machine. Root's, and nobody else can enter it: layers have files with
 * set-user-ID bits.
 *
 *	names/docker.io%library%debian:12 -> ../images/HEX
 *	images/HEX		a record (record.h), never changed
 *	layers/HEX/tree/	what is in a layer, as overlayfs wants it; HEX is its diffID
 *	layers/HEX/layer	facts about it: struct layer_facts
 *	staging/		what is being made, each in a directory with a lock
 *
 * Everything is made in staging/, written to the disk and then renamed to its place, so that what
 * has a place is whole. Locks are flock(2)s: they go with whoever holds them.
 *
 *	of a record	shared: a jail runs from it; exclusive: it is being removed
 *
 *	of a layer	shared: somebody makes an image of it; exclusive: it is being removed
 *
 *	of names/	exclusive: a name is given or taken away
 *
 *	in staging/	exclusive: somebody works in it; else it is left over
 */

#include "lib/base/err.h"
#include "lib/image/record.h"

#define STORE_DIRECTORY "/var/lib/contain"

struct store {
	int root, names, images, layers, staging; /* O_PATH or O_RDONLY directories; -1: closed */
};

#define STORE_INIT                                                                                 \
	{                                                                                          \
		-1, -1, -1, -1, -1                                                                 \
	}

/*
 * Open the store at `path`; with `make`, what is missing of it is made (mode 0700). Root only.
 * Returns 0, -ENOENT where there is none, or -errno: it belongs to somebody else or others can
 * write it.
 */
int store_open(const char *path, bool make, struct store *ret, struct err *err);
void store_close(struct store *store);

/*
 * Find an image by its name, as people write it, or its id. *ret is to be freed with image_done().
 * *ret_lock keeps it from being removed until it is closed. -ENOENT with a message that says how to
 * get it.
 */
int store_find_image(
    const struct store *store, const char *name, struct image *ret, int *ret_lock, struct err *err);

/* What is said where there is no such image, or no store at all. Returns -ENOENT. */
int store_say_missing(const char *name, struct err *err);

/* The tree of a layer, O_PATH. The caller closes it. */
int store_open_layer(const struct store *store, const struct digest *diff_id, struct err *err);

/* What is known about a layer besides what it contains. */
struct layer_facts {
	uint64_t size;	    /* bytes of its files */
	uint64_t entries;   /* files, directories, links, whiteouts */
	struct digest tree; /* of everything in tree/, as layer_digest_tree() computes it */
};

/* A layer that is being made. */
struct store_layer {
	int lock;      /* on the directory in staging/, or on the layer that was there already */
	int directory; /* for "tree"; -1 where the layer was there already */
	char name[DIGEST_HEX + 16]; /* in staging/ */
};

#define STORE_LAYER_INIT                                                                           \
	{                                                                                          \
		-1, -1, ""                                                                         \
	}

/*
 * Keep a layer that is in the store from being removed, until store_end_layer(). Returns 1; 0 if it
 * is not there; -EAGAIN without a message while somebody removes it or has just given it its place;
 * or -errno.
 */
int store_hold_layer(const struct store *store, const struct digest *diff_id,
    struct store_layer *ret, struct err *err);

/*
 * Whether a layer belongs to some image: 1 or 0. -EUCLEAN if a record is damaged, since nobody
 * knows what belongs to that.
 */
int store_layer_is_needed(const struct store *store, const struct digest *diff_id, struct err *err);

/*
 * Begin to make the layer `diff_id`, or one whose diffID is not known yet (NULL). Returns 0;
 * 1 if it is in the store already, and stays there until store_end_layer(); -EAGAIN without a
 * message if another process is making it; or -errno.
 */
int store_begin_layer(const struct store *store, const struct digest *diff_id,
    struct store_layer *ret, struct err *err);

/*
 * Write what is in its directory to the disk and give it its place. If another process has been
 * faster, that one's is taken. It stays in the store until store_end_layer(). Returns 0 or -errno.
 */
int store_publish_layer(const struct store *store, struct store_layer *layer,
    const struct digest *diff_id, const struct layer_facts *facts, struct err *err);

/* Let go of it; what was not published is removed. Harmless on an empty one. */
void store_end_layer(const struct store *store, struct store_layer *layer);

int store_layer_facts(const struct store *store, const struct digest *diff_id,
    struct layer_facts *ret, struct err *err);

/* Put an image into the store and let `name`, a whole one, mean it from now on; NULL: it gets no
 * name. Its layers must be held by store_begin_layer() meanwhile. */
int store_publish_image(
    const struct store *store, const struct image *image, const char *name, struct err *err);

/*
 * Call `each` for every image, once for each name that it has; name is NULL if it has none. Records
 * that are damaged are told by `damaged`, and the rest goes on. Each stops when a function returns
 * other than 0. Sorted by name.
 */
struct store_listing {
	int (*each)(void *data, const char *name, const struct image *image, struct err *err);
	int (*damaged)(void *data, const char *what, const struct err *why, struct err *err);
	void *data;
};
int store_list_images(
    const struct store *store, const struct store_listing *listing, struct err *err);

/* Every layer that is in the store, in no order. */
int store_list_layers(const struct store *store,
    int (*each)(void *data, const struct digest *diff_id, struct err *err), void *data,
    struct err *err);

/*
 * Take a name away, and, if it was the last one of an image, the image and those of its layers that
 * no other has. -EBUSY: a container runs from it. -ENOENT: nothing is called so.
 */
int store_remove_image(const struct store *store, const char *name, struct err *err);

/* What store_collect() removed. */
struct store_collected {
	unsigned images, layers, leftovers;
	uint64_t bytes;
};

/*
 * Remove what nothing needs: images without a name that no container runs from, layers of no image,
 * and what died in staging/. Needs no other process to stand still.
 */
int store_collect(const struct store *store, struct store_collected *ret, struct err *err);

/* Remove a directory below `parent`, whoever made what is in it, with everything in it. */
int store_remove_tree(int parent, const char *name, struct err *err);

#endif
