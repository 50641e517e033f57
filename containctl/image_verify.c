/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "containctl/image.h"

/* What is looked at: each layer once. */
struct verification {
	const struct ctl *ctl;
	const struct store *store;
	struct json *json; /* NULL: text */
	struct digest_set seen;
	unsigned problems;
};

static void found(
    struct verification *verification, const char *what, const char *why, const char *command)
{
	verification->problems++;
	if (!verification->json) {
		printf("damaged: %s: %s\n    %s\n", what, why, command);
		return;
	}
	json_object(verification->json, NULL);
	json_string(verification->json, "what", what);
	json_string(verification->json, "why", why);
	json_string(verification->json, "command", command);
	json_end(verification->json);
}

/* Returns 0 if it is what it was. */
static int compare(
    const struct verification *verification, const struct digest *layer, struct err *err)
{
	struct layer_facts noted, now;
	cleanup_fd int tree = store_open_layer(verification->store, layer, err);
	int r = tree < 0 ? tree : store_layer_facts(verification->store, layer, &noted, err);

	if (r == 0)
		r = layer_digest_tree(verification->ctl->libexec_dir, tree, &now, err);
	if (r == 0 && !digest_equal(&noted.tree, &now.tree))
		r = err_say(err, EUCLEAN, "what is in it has changed");
	return r;
}

/*
 * Returns 0 if nothing is wrong with it, *ret_why if something is. What is being removed or made at
 * this moment is nobody's yet, or any more; and so is what has been removed with its image.
 */
static int inspect(const struct verification *verification, const struct digest *layer,
    struct err *ret_why, struct err *err)
{
	struct store_layer held = STORE_LAYER_INIT;
	int r = store_hold_layer(verification->store, layer, &held, err);

	if (r == 1) {
		(void)compare(verification, layer, ret_why);
		store_end_layer(verification->store, &held);
		return 0;
	}
	if (r == -EAGAIN)
		return 0;
	if (r == 0)
		r = store_layer_is_needed(verification->store, layer, err);
	if (r == 1)
		(void)err_say(ret_why, ENOENT, "it is not there");
	return r < 0 ? r : 0;
}

static int look_at_layer(void *data, const struct digest *layer, struct err *err)
{
	struct verification *verification = data;
	struct err why = ERR_INIT;
	char command[192];

	if (digest_set_has(&verification->seen, layer))
		return 0;
	int r = digest_set_add(&verification->seen, layer, err);
	if (r == 0)
		r = inspect(verification, layer, &why, err);
	if (r < 0 || !why.code)
		return r;
	snprintf(command, sizeof(command),
	    "rm -r " STORE_DIRECTORY "/layers/%s, and pull the images again that have it",
	    digest_hex(layer));
	found(verification, layer->text, why.text, command);
	return 0;
}

static int look_at_image(void *data, const char *name, const struct image *image, struct err *err)
{
	int r = 0;

	(void)name;
	for (unsigned i = 0; r == 0 && i < image->layer_count; i++)
		r = look_at_layer(data, &image->layers[i], err);
	return r;
}

static int look_at_damaged(void *data, const char *what, const struct err *why, struct err *err)
{
	char command[IMAGE_NAME_MAX + 32];

	(void)err;
	snprintf(command, sizeof(command), "containctl image rm %s", image_name_short(what));
	found(data, image_name_short(what), why->text, command);
	return 0;
}

static int look_at_named(struct verification *verification, char *const *names, struct err *err)
{
	int r = 0;

	for (; r == 0 && *names; names++) {
		struct image image;
		cleanup_fd int lock = -1;
		r = store_find_image(verification->store, *names, &image, &lock, err);
		if (r < 0)
			return r;
		r = look_at_image(verification, *names, &image, err);
		image_done(&image);
	}
	return r;
}

/* Layers of no image too: the next one may be made of them. */
static int look_at_all(struct verification *verification, struct err *err)
{
	const struct store_listing listing = { look_at_image, look_at_damaged, verification };
	int r = store_list_images(verification->store, &listing, err);

	return r < 0 ? r : store_list_layers(verification->store, look_at_layer, verification, err);
}

static int look(struct verification *verification, struct err *err)
{
	char *const *names = verification->ctl->words;
	struct json *json = verification->json;

	if (json) {
		json_object(json, NULL);
		json_int(json, "version", IMAGE_JSON_VERSION);
		json_array(json, "problems");
	}
	int r = *names ? look_at_named(verification, names, err) : look_at_all(verification, err);
	if (json) {
		json_end(json);
		json_uint(json, "layers", verification->seen.count);
		json_end(json);
		putchar('\n');
	} else if (r == 0) {
		printf("%zu layers looked at, %u damaged\n", verification->seen.count,
		    verification->problems);
	}
	return r;
}

int command_image_verify(struct ctl *ctl, struct err *err)
{
	struct store store = STORE_INIT;
	struct json json = json_start(stdout);
	struct verification verification = {
		.ctl = ctl, .store = &store, .json = ctl->json ? &json : NULL
	};
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	if (r == 0)
		r = look(&verification, err);
	digest_set_done(&verification.seen);
	store_close(&store);
	return r < 0 ? r : verification.problems ? CODE_FAILED : CODE_OK;
}
