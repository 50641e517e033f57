/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_rootfs(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "host") == 0) {
		spec->root.source = ROOT_HOST;
		return 0;
	}
	spec->root.source = ROOT_DIRECTORY;
	return parse_text(value, &spec->root.path, err);
}

void key_print_rootfs(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->root.source == ROOT_HOST ? "host" : spec->root.path);
}

int key_parse_overlay(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "none") == 0) {
		spec->root.overlay = OVERLAY_NONE;
		return 0;
	}
	if (strcmp(value, "tmpfs") == 0) {
		spec->root.overlay = OVERLAY_TMPFS;
		return 0;
	}
	spec->root.overlay = OVERLAY_DIRECTORY;
	return parse_text(value, &spec->root.overlay_path, err);
}

void key_print_overlay(const struct jail_spec *spec, const char *name, struct json *json)
{
	const char *words[] = { [OVERLAY_NONE] = "none",
		[OVERLAY_TMPFS] = "tmpfs",
		[OVERLAY_DIRECTORY] = spec->root.overlay_path };

	json_string(json, name, words[spec->root.overlay]);
}

int key_parse_read_only(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->root.readonly, err);
}

void key_print_read_only(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->root.readonly);
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
		json_bool(json, "read-only", volume->readonly);
		json_bool(json, "idmap", volume->idmap);
		json_end(json);
	}
	json_end(json);
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

int key_parse_workdir(struct jail_spec *spec, const char *value, struct err *err)
{
	if (*value != '/')
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a directory in the container: it must begin with \"/\"",
		    value);
	return parse_text(value, &spec->root.workdir, err);
}

void key_print_workdir(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->root.workdir ?: "/");
}
