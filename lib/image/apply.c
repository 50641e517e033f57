/* SPDX-License-Identifier: MIT */
#include "lib/image/apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest name of a variable that is kept; stages_command.c has the same. */
#define KEY_MAX 256

/* Returns 0 or -ENOMEM. What has no name is no variable. */
static int set_variable(struct strv *list, const char *item)
{
	const char *equals = strchr(item, '=');
	char key[KEY_MAX];

	if (!equals || equals == item || (size_t)(equals - item) >= sizeof(key))
		return 0;
	snprintf(key, sizeof(key), "%.*s", (int)(equals - item), item);
	return strv_set(list, key, equals + 1);
}

static int set_variables(struct strv *list, const struct strv *items)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < items->count; i++)
		r = set_variable(list, items->items[i]);
	return r;
}

static int apply_environment(const struct image *image, struct spec_identity *identity)
{
	struct strv both = { NULL, 0 };

	if (identity->clear_environment)
		return 0;
	int r = set_variables(&both, &image->environment);
	if (r == 0)
		r = set_variables(&both, &identity->environment);
	if (r < 0) {
		strv_free(&both);
		return r;
	}
	strv_free(&identity->environment);
	identity->environment = both;
	return 0;
}

static int add_all(struct strv *list, const struct strv *items)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < items->count; i++)
		r = strv_add(list, items->items[i]);
	return r;
}

static int make_command(
    const struct image *image, const char *entrypoint, const struct strv *given, struct strv *ret)
{
	int r = 0;

	if (!entrypoint)
		r = add_all(ret, &image->entrypoint);
	else if (*entrypoint)
		r = strv_add(ret, entrypoint);
	if (r == 0 && given->count)
		r = add_all(ret, given);
	else if (r == 0 && !entrypoint)
		r = add_all(ret, &image->command);
	return r;
}

static int apply_command(
    const struct image *image, const char *entrypoint, struct spec_run *run, struct err *err)
{
	struct strv command = { NULL, 0 };
	int r = make_command(image, entrypoint, &run->command, &command);

	if (r == 0 && !command.count)
		return err_say(err, EINVAL,
		    "there is no command to run, and %s: name one after the options",
		    entrypoint ? "with --entrypoint the image's Cmd is none"
			       : "the image has neither Entrypoint nor Cmd");
	if (r < 0) {
		strv_free(&command);
		return err_sys(err, -r, "cannot keep the command");
	}
	strv_free(&run->command);
	run->command = command;
	return 0;
}

/* Where the field is empty. Returns 0 or -ENOMEM. */
static int complete(char **field, const char *prefix, const char *value)
{
	if (*field || !value || !*value)
		return 0;
	if (asprintf(field, "%s%s", prefix, value) < 0)
		*field = NULL;
	return *field ? 0 : -ENOMEM;
}

static int apply_place(const struct image *image, struct jail_spec *spec)
{
	/* docker takes relative ones as from the root. */
	const char *prefix = image->workdir && *image->workdir != '/' ? "/" : "";

	if (spec->account)
		return 0;
	int r = complete(&spec->root.workdir, prefix, image->workdir);
	return r < 0 ? r : complete(&spec->identity.user, "", image->user);
}

int image_apply(
    const struct image *image, const char *entrypoint, struct jail_spec *spec, struct err *err)
{
	int r = apply_environment(image, &spec->identity);

	if (r == 0)
		r = apply_place(image, spec);
	free(spec->root.image_id);
	spec->root.image_id = NULL;
	if (r == 0)
		r = complete(&spec->root.image_id, "", image->id.text);
	if (r < 0)
		return err_sys(err, -r, "cannot keep what the image says");
	return apply_command(image, entrypoint, &spec->run, err);
}
