/* SPDX-License-Identifier: MIT */
#include "lib/image/find.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/store.h"

int image_find_named(const char *name, struct image *ret, int *ret_lock, struct err *err)
{
	struct store store = STORE_INIT;
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	if (r == -ENOENT)
		return store_say_missing(name, err);
	if (r == 0)
		r = store_find_image(&store, name, ret, ret_lock, err);
	store_close(&store);
	return r;
}

int image_find(const struct spec_root *root, struct image *ret, int *ret_lock, struct err *err)
{
	struct image image = { .layers = NULL };
	cleanup_fd int lock = -1;

	if (geteuid() != 0)
		return err_say(err, EPERM,
		    "--rootfs: images are root's, and only root can run a container from one; use "
		    "--rootfs DIR with a directory of your own");
	if (image_find_named(root->image_id ?: root->image, &image, &lock, err) < 0)
		return err_prefix(err, "--rootfs");
	if (!image.layer_count) {
		image_done(&image);
		return err_say(
		    err, EINVAL, "--rootfs: the image %.200s has no layers", root->image);
	}
	*ret = image;
	*ret_lock = take_fd(&lock);
	return 0;
}

int image_check(const struct image *image, struct err *err)
{
	struct store store = STORE_INIT;
	struct layer_facts facts;
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	for (unsigned i = 0; r == 0 && i < image->layer_count; i++) {
		cleanup_fd int tree = store_open_layer(&store, &image->layers[i], err);
		r = tree < 0 ? tree : store_layer_facts(&store, &image->layers[i], &facts, err);
	}
	store_close(&store);
	return r;
}
