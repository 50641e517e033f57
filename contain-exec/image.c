/* SPDX-License-Identifier: MIT */
#include "contain-exec/image.h"

#include <errno.h>

int image_use(struct options *options, struct err *err)
{
	struct image image = { .layers = NULL };

	if (options->spec.root.source != ROOT_IMAGE)
		return options->entrypoint
			   ? err_say(err, EINVAL,
				 "--entrypoint: is for images: add --image NAME, or name the "
				 "command after the options")
			   : 0;
	int r = image_find(&options->spec.root, &image, &options->image_lock, err);
	if (r == 0)
		r = image_apply(&image, options->entrypoint, &options->spec, err);
	image_done(&image);
	return r;
}
