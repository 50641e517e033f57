/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include "containctl/amount.h"
#include "containctl/image.h"

static void put_list(struct json *json, const char *name, const struct strv *list)
{
	json_array(json, name);
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, list->items[i]);
	json_end(json);
}

static uint64_t layer_size(const struct store *store, const struct digest *layer)
{
	struct layer_facts facts = { .size = 0 };

	(void)store_layer_facts(store, layer, &facts, NULL);
	return facts.size;
}

static void put_layers(struct json *json, const struct store *store, const struct image *image)
{
	json_array(json, "layers");
	for (unsigned i = 0; i < image->layer_count; i++) {
		json_object(json, NULL);
		json_string(json, "digest", image->layers[i].text);
		json_uint(json, "size", layer_size(store, &image->layers[i]));
		json_end(json);
	}
	json_end(json);
}

static void print_json(const struct store *store, const char *name, const struct image *image)
{
	struct json json = json_start(stdout);

	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_string(&json, "name", name);
	json_string(&json, "id", image->id.text);
	json_string(&json, "manifest", image->manifest.text[0] ? image->manifest.text : NULL);
	json_string(&json, "architecture", image->architecture);
	json_int(&json, "created", image->created);
	json_uint(&json, "size", image->size);
	put_list(&json, "env", &image->environment);
	put_list(&json, "entrypoint", &image->entrypoint);
	put_list(&json, "cmd", &image->command);
	json_string(&json, "workdir", image->workdir);
	json_string(&json, "user", image->user);
	put_layers(&json, store, image);
	json_end(&json);
	putchar('\n');
}

/* Also the second half of ECMA-48's control characters, U+0080 to U+009F. */
static bool is_control(const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	return byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
}

/* What an image says of itself may hold what a terminal obeys. */
static void print_word(const char *word)
{
	for (const char *c = word; *c; c++)
		if (is_control(c) || *c == '\\' ||
		    (c > word && is_control(c - 1) && c[-1] == '\xc2'))
			printf("\\x%02x", (unsigned char)*c);
		else
			putchar(*c);
}

static void print_fact(const char *name, const char *value)
{
	if (!value || !*value)
		return;
	printf("%-13s ", name);
	print_word(value);
	putchar('\n');
}

static void print_list(const char *name, const struct strv *list, const char *between)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i == 0)
			printf("%-13s ", name);
		else
			fputs(between, stdout);
		print_word(list->items[i]);
	}
	if (list->count)
		putchar('\n');
}

static void print_text(const struct store *store, const char *name, const struct image *image)
{
	char size[AMOUNT_TEXT_MAX], age[AMOUNT_AGE_MAX];

	print_fact("name", name);
	print_fact("id", image->id.text);
	print_fact("manifest", image->manifest.text);
	print_fact("architecture", image->architecture);
	amount_age((int64_t)time(NULL) - image->created, age);
	printf("%-13s %s ago\n", "added", age);
	amount_bytes(image->size, size);
	print_fact("size", size);
	print_list("env", &image->environment, "\n              ");
	print_list("entrypoint", &image->entrypoint, " ");
	print_list("cmd", &image->command, " ");
	print_fact("workdir", image->workdir);
	print_fact("user", image->user);
	puts("layers, the lowest first:");
	for (unsigned i = 0; i < image->layer_count; i++) {
		amount_bytes(layer_size(store, &image->layers[i]), size);
		printf("  %s %8s\n", image->layers[i].text, size);
	}
}

int command_image_show(struct ctl *ctl, struct err *err)
{
	struct store store = STORE_INIT;
	struct image image;
	char name[IMAGE_NAME_MAX];
	cleanup_fd int lock = -1;
	int r = image_find_named(ctl->words[0], &image, &lock, err);

	if (r < 0)
		return r;
	r = image_name_complete(ctl->words[0], name, err);
	if (r == 0)
		r = store_open(STORE_DIRECTORY, false, &store, err);
	if (r == 0 && ctl->json)
		print_json(&store, name, &image);
	else if (r == 0)
		print_text(&store, image_name_short(name), &image);
	image_done(&image);
	store_close(&store);
	return r < 0 ? r : CODE_OK;
}
