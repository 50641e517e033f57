/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "containctl/amount.h"
#include "containctl/image.h"

static void print(const struct ctl *ctl, const struct store_collected *collected)
{
	struct json json = json_start(stdout);
	char size[AMOUNT_TEXT_MAX];

	if (!ctl->json) {
		amount_bytes(collected->bytes, size);
		printf(
		    "removed: %u images without a name, %u layers of no image (%s), %u left over\n",
		    collected->images, collected->layers, size, collected->leftovers);
		return;
	}
	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_uint(&json, "images", collected->images);
	json_uint(&json, "layers", collected->layers);
	json_uint(&json, "bytes", collected->bytes);
	json_uint(&json, "leftovers", collected->leftovers);
	json_end(&json);
	putchar('\n');
}

int command_image_gc(struct ctl *ctl, struct err *err)
{
	struct store store = STORE_INIT;
	struct store_collected collected = { .images = 0 };
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	if (r == 0)
		r = store_collect(&store, &collected, err);
	else if (r == -ENOENT)
		r = 0;
	store_close(&store);
	if (r < 0)
		return r;
	print(ctl, &collected);
	return CODE_OK;
}
