/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

#define IMAGE "image:"

int key_parse_image(struct jail_spec *spec, const char *value, struct err *err)
{
	/* Which one it was found to be was another name's. */
	free(spec->root.image_id);
	spec->root.image_id = NULL;
	spec->root.source = ROOT_IMAGE;
	return parse_image(value, &spec->root.image, err);
}

int key_parse_source(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strncmp(value, IMAGE, strlen(IMAGE)) == 0)
		return key_parse_image(spec, value + strlen(IMAGE), err);
	if (strcmp(value, "host") == 0) {
		spec->root.source = ROOT_HOST;
		return 0;
	}
	spec->root.source = ROOT_DIRECTORY;
	return parse_text(value, &spec->root.path, err);
}

void key_print_source(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct spec_root *root = &spec->root;
	cleanup_free char *text = NULL;

	if (root->source != ROOT_IMAGE)
		json_string(json, name, root->source == ROOT_HOST ? "host" : root->path);
	else if (asprintf(&text, IMAGE "%s", root->image) >= 0)
		json_string(json, name, text);
	else
		text = NULL;
}

static const struct parse_choice overlays[] = { { "auto", OVERLAY_AUTO }, { "none", OVERLAY_NONE },
	{ "tmpfs", OVERLAY_TMPFS }, { NULL, 0 } };

int key_parse_overlay(struct jail_spec *spec, const char *value, struct err *err)
{
	int overlay = OVERLAY_DIRECTORY;

	for (const struct parse_choice *choice = overlays; choice->word; choice++)
		if (strcmp(value, choice->word) == 0)
			overlay = choice->value;
	spec->root.overlay = (enum overlay_mode)overlay;
	return overlay == OVERLAY_DIRECTORY ? parse_text(value, &spec->root.overlay_path, err) : 0;
}

void key_print_overlay(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name,
	    spec->root.overlay == OVERLAY_DIRECTORY
		? spec->root.overlay_path
		: parse_choice_word(overlays, (int)spec->root.overlay));
}

int key_parse_readonly(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->root.readonly, err);
}

void key_print_readonly(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->root.readonly);
}

static const struct parse_choice homes[] = { { "host", HOME_HOST }, { "tmpfs", HOME_TMPFS },
	{ "none", HOME_NONE }, { NULL, 0 } };

int key_parse_home(struct jail_spec *spec, const char *value, struct err *err)
{
	int home = 0;

	if (*value == '/') {
		spec->root.home = HOME_DIRECTORY;
		return parse_text(value, &spec->root.home_path, err);
	}
	if (parse_choice(value, homes, &home, err) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not possible: use host, tmpfs, none or an absolute path", value);
	spec->root.home = (enum home_source)home;
	return 0;
}

void key_print_home(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name,
	    spec->root.home == HOME_DIRECTORY ? spec->root.home_path
					      : parse_choice_word(homes, spec->root.home));
}

/* Room for one more item. Returns the list, or NULL with a message. */
static void *grow(void *items, unsigned count, unsigned max, size_t size, struct err *err)
{
	void *larger = NULL;

	if (count >= max)
		(void)err_say(err, E2BIG, "there are more than %u of them", max);
	else if (!(larger = reallocarray(items, count + 1, size)))
		(void)err_sys(err, ENOMEM, "cannot keep a value");
	return larger;
}

static int add_volume(struct jail_spec *spec, const char *value, bool readonly, struct err *err)
{
	struct spec_root *root = &spec->root;
	struct spec_volume *volumes =
	    grow(root->volumes, root->volume_count, SPEC_VOLUMES_MAX, sizeof(*volumes), err);

	if (!volumes)
		return -err->code;
	root->volumes = volumes;
	int r = parse_volume(value, &volumes[root->volume_count], err);
	if (r < 0)
		return r;
	volumes[root->volume_count++].readonly |= readonly;
	return 0;
}

int key_parse_volume(struct jail_spec *spec, const char *value, struct err *err)
{
	return add_volume(spec, value, false, err);
}

int key_parse_ro_volume(struct jail_spec *spec, const char *value, struct err *err)
{
	return add_volume(spec, value, true, err);
}

void key_print_volumes(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_array(json, name);
	for (unsigned i = 0; i < spec->root.volume_count; i++) {
		const struct spec_volume *volume = &spec->root.volumes[i];
		json_object(json, NULL);
		json_string(json, "source", volume->source);
		json_string(json, "target", volume->target);
		json_bool(json, "readonly", volume->readonly);
		json_bool(json, "idmap", volume->idmap);
		json_end(json);
	}
	json_end(json);
}

void key_clear_volumes(struct jail_spec *spec)
{
	struct spec_root *root = &spec->root;

	for (unsigned i = 0; i < root->volume_count; i++)
		parse_volume_done(&root->volumes[i]);
	free(root->volumes);
	root->volumes = NULL;
	root->volume_count = 0;
}

int key_parse_tmpfs(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_root *root = &spec->root;
	struct spec_tmpfs *tmpfs =
	    grow(root->tmpfs, root->tmpfs_count, SPEC_TMPFS_MAX, sizeof(*tmpfs), err);

	if (!tmpfs)
		return -err->code;
	root->tmpfs = tmpfs;
	int r = parse_tmpfs(value, &tmpfs[root->tmpfs_count], err);
	if (r == 0)
		root->tmpfs_count++;
	return r;
}

void key_print_tmpfs(const struct jail_spec *spec, const char *name, struct json *json)
{
	char mode[8];

	json_array(json, name);
	for (unsigned i = 0; i < spec->root.tmpfs_count; i++) {
		const struct spec_tmpfs *tmpfs = &spec->root.tmpfs[i];
		snprintf(mode, sizeof(mode), "%04o", tmpfs->mode & 07777);
		json_object(json, NULL);
		json_string(json, "target", tmpfs->target);
		key_print_amount(json, "size", tmpfs->size);
		json_string(json, "mode", mode);
		json_end(json);
	}
	json_end(json);
}

void key_clear_tmpfs(struct jail_spec *spec)
{
	struct spec_root *root = &spec->root;

	for (unsigned i = 0; i < root->tmpfs_count; i++)
		free(root->tmpfs[i].target);
	free(root->tmpfs);
	root->tmpfs = NULL;
	root->tmpfs_count = 0;
}

int key_parse_hide(struct jail_spec *spec, const char *value, struct err *err)
{
	cleanup_free char *path = NULL;
	int r = parse_target(value, &path, err);

	if (r == 0 && strv_add(&spec->root.hide, path) < 0)
		r = err_sys(err, ENOMEM, "cannot keep a value");
	return r;
}

void key_print_hide(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_list(json, name, &spec->root.hide);
}

void key_clear_hide(struct jail_spec *spec)
{
	strv_free(&spec->root.hide);
}
