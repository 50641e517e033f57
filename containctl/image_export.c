/* SPDX-License-Identifier: MIT */
#include "containctl/image.h"

int command_image_export(struct ctl *ctl, struct err *err)
{
	struct store store = STORE_INIT;
	struct image image;
	cleanup_fd int lock = -1;
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	if (r == 0)
		r = store_find_image(&store, ctl->words[0], &image, &lock, err);
	store_close(&store);
	if (r < 0)
		return r;
	r = image_export(&image, ctl->words[1], err);
	image_done(&image);
	return r < 0 ? r : CODE_OK;
}
