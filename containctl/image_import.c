/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "containctl/amount.h"
#include "containctl/image.h"

static void print(const struct ctl *ctl, const char *name, const struct image *image)
{
	struct json json = json_start(stdout);
	char size[AMOUNT_TEXT_MAX];

	if (!ctl->json) {
		amount_bytes(image->size, size);
		printf("%s %s (%s)\n", image_name_short(name), image->id.text, size);
		return;
	}
	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_string(&json, "name", name);
	json_string(&json, "id", image->id.text);
	json_uint(&json, "size", image->size);
	json_end(&json);
	putchar('\n');
}

static int check_name(const char *word, char name[IMAGE_NAME_MAX], struct err *err)
{
	int r = image_name_complete(word, name, err);

	if (r == 0 &&
	    (strchr(name, '@') || strncmp(name, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0))
		return err_say(err, EINVAL,
		    "%s: what is imported gets its digest by itself: give it a name only", word);
	return r;
}

int command_image_import(struct ctl *ctl, struct err *err)
{
	const struct layer_limits limits = LAYER_LIMITS_DEFAULT;
	char name[IMAGE_NAME_MAX];
	const struct import_request request = { .source = ctl->words[0],
		.name = name,
		.limits = &limits,
		.libexec_dir = ctl->libexec_dir,
		.data_dir = ctl->data_dir };
	struct store store = STORE_INIT;
	struct image image = { .layers = NULL };
	int r = check_name(ctl->words[1], name, err);

	if (r == 0)
		r = store_open(STORE_DIRECTORY, true, &store, err);
	if (r == 0)
		r = image_import(&store, &request, &image, err);
	store_close(&store);
	if (r < 0)
		return r;
	print(ctl, name, &image);
	image_done(&image);
	return CODE_OK;
}
