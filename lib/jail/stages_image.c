/* SPDX-License-Identifier: MIT */
#include "lib/jail/stages_image.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/base/cleanup.h"
#include "lib/image/find.h"
#include "lib/image/store.h"
#include "lib/kernel/overlay_stack.h"

static_assert(IMAGE_LAYERS_MAX <= OVERLAY_STACK_MAX, "every image can be stacked");

/*
 * Never fetched here: who logs in must neither wait for a registry nor get what it says today. The
 * lock is the supervisor's, so that the image can be removed as soon as that is dead.
 */
int stage_image(struct jail *jail, struct err *err)
{
	if (jail->spec->root.source != ROOT_IMAGE)
		return 0;
	return image_find(&jail->spec->root, &jail->image, &jail->image_lock, err);
}

void image_forget(struct jail *jail)
{
	image_done(&jail->image);
}

void undo_image(struct jail *jail)
{
	image_forget(jail);
	jail->image_lock = fd_close(jail->image_lock);
}

static int open_layers(struct jail *jail, const struct store *store, struct err *err)
{
	for (unsigned i = 0; i < jail->image.layer_count; i++) {
		int fd = store_open_layer(store, &jail->image.layers[i], err);
		if (fd < 0)
			return fd;
		jail->layers[jail->layer_count++] = fd;
	}
	return 0;
}

/* The first process opens them itself: the kernel copies no mounts of another mount namespace. */
int first_layers(struct jail *jail, struct err *err)
{
	struct store store = STORE_INIT;

	if (!jail->image.layer_count)
		return 0;
	jail->layers = calloc(jail->image.layer_count, sizeof(*jail->layers));
	if (!jail->layers)
		return err_sys(err, ENOMEM, "cannot open the layers of an image");
	int r = store_open(STORE_DIRECTORY, false, &store, err);
	if (r == 0)
		r = open_layers(jail, &store, err);
	store_close(&store);
	return r < 0 ? err_prefix(err, "--rootfs: image %s", jail->spec->root.image) : 0;
}

void image_close_layers(struct jail *jail)
{
	while (jail->layer_count)
		fd_close(jail->layers[--jail->layer_count]);
	free(jail->layers);
	jail->layers = NULL;
}

/* As docker does it, for the image's and for one that is asked for. */
int first_workdir(struct jail *jail, struct err *err)
{
	const struct spec_root *root = &jail->spec->root;

	if (root->source != ROOT_IMAGE || !root->workdir || spec_overlay(root) == OVERLAY_NONE)
		return 0;
	cleanup_fd int fd = rootfs_open_target(&jail->rootfs, root->workdir, true, err);
	return fd < 0 ? err_prefix(err, "--workdir") : 0;
}
