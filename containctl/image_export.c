/* SPDX-License-Identifier: MIT */
#include "containctl/image.h"

int command_image_export(struct ctl *ctl, struct err *err)
{
	struct image image;
	cleanup_fd int lock = -1;
	int r = image_find_named(ctl->words[0], &image, &lock, err);

	if (r < 0)
		return r;
	r = image_export(&image, ctl->words[1], err);
	image_done(&image);
	return r < 0 ? r : CODE_OK;
}
