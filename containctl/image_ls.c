/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "containctl/amount.h"
#include "containctl/image.h"

struct row {
	char name[IMAGE_NAME_MAX];
	char id[IMAGE_ID_SHORT + 1];
	char age[AMOUNT_AGE_MAX + sizeof(" ago")], size[AMOUNT_TEXT_MAX];
};

struct table {
	struct row *rows;
	size_t count;
	struct json *json; /* NULL: rows */
	unsigned damaged;
};

static int add_row(
    struct table *table, const char *name, const struct image *image, struct err *err)
{
	char age[AMOUNT_AGE_MAX];
	struct row *rows = reallocarray(table->rows, table->count + 1, sizeof(*rows));

	if (!rows)
		return err_sys(err, ENOMEM, "cannot list the images");
	table->rows = rows;
	struct row *row = &rows[table->count++];
	snprintf(row->name, sizeof(row->name), "%s", name ? image_name_short(name) : "<none>");
	snprintf(row->id, sizeof(row->id), "%.*s", IMAGE_ID_SHORT, digest_hex(&image->id));
	amount_age((int64_t)time(NULL) - image->created, age);
	snprintf(row->age, sizeof(row->age), "%s ago", age);
	amount_bytes(image->size, row->size);
	return 0;
}

static void put_image(struct json *json, const char *name, const struct image *image)
{
	json_object(json, NULL);
	json_string(json, "name", name);
	json_string(json, "id", image->id.text);
	json_string(json, "manifest", image->manifest.text[0] ? image->manifest.text : NULL);
	json_string(json, "architecture", image->architecture);
	json_int(json, "created", image->created);
	json_uint(json, "size", image->size);
	json_uint(json, "layers", image->layer_count);
	json_end(json);
}

static int see(void *data, const char *name, const struct image *image, struct err *err)
{
	struct table *table = data;

	if (!table->json)
		return add_row(table, name, image, err);
	put_image(table->json, name, image);
	return 0;
}

static int see_damaged(void *data, const char *what, const struct err *why, struct err *err)
{
	struct table *table = data;

	(void)err;
	table->damaged++;
	complain("%s: %s: containctl image rm %s", image_name_short(what), why->text,
	    image_name_short(what));
	return 0;
}

static void print_rows(const struct table *table)
{
	int width = 4;

	for (size_t i = 0; i < table->count; i++)
		if ((int)strlen(table->rows[i].name) > width)
			width = (int)strlen(table->rows[i].name);
	printf("%-*s  %-*s  %-14s  %8s\n", width, "NAME", IMAGE_ID_SHORT, "ID", "ADDED", "SIZE");
	for (size_t i = 0; i < table->count; i++)
		printf("%-*s  %s  %-14s  %8s\n", width, table->rows[i].name, table->rows[i].id,
		    table->rows[i].age, table->rows[i].size);
}

static int list(struct ctl *ctl, struct table *table, struct err *err)
{
	const struct store_listing listing = { see, see_damaged, table };
	struct store store = STORE_INIT;
	int r = store_open(STORE_DIRECTORY, false, &store, err);

	(void)ctl;
	if (r == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (r == 0)
		r = store_list_images(&store, &listing, err);
	store_close(&store);
	return r;
}

int command_image_ls(struct ctl *ctl, struct err *err)
{
	struct json json = json_start(stdout);
	struct table table = { .json = ctl->json ? &json : NULL };

	if (ctl->json) {
		json_object(&json, NULL);
		json_int(&json, "version", IMAGE_JSON_VERSION);
		json_array(&json, "images");
	}
	int r = list(ctl, &table, err);
	if (ctl->json) {
		json_end(&json);
		json_end(&json);
		putchar('\n');
	} else if (r == 0) {
		print_rows(&table);
	}
	free(table.rows);
	return r < 0 ? r : table.damaged ? CODE_FAILED : CODE_OK;
}
