/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/pull/oci_part.h"
#include "lib/pull/oci_part_json.h"
#include "lib/image/record.h"

#define MANIFEST_TYPE	     "application/vnd.oci.image.manifest.v1+json"
#define MANIFEST_TYPE_DOCKER "application/vnd.docker.distribution.manifest.v2+json"
#define CONFIG_TYPE	     "application/vnd.oci.image.config.v1+json"
#define CONFIG_TYPE_DOCKER   "application/vnd.docker.container.image.v1+json"
#define ITEMS_MAX	     4096 /* of an environment or a command line */

/*
 * What layers may be. Not here: layers that are to be fetched from somewhere else (foreign,
 * nondistributable), and encrypted ones.
 */
static const char *const layer_types[] = {
	"application/vnd.oci.image.layer.v1.tar",
	"application/vnd.oci.image.layer.v1.tar+gzip",
	"application/vnd.oci.image.layer.v1.tar+zstd",
	"application/vnd.docker.image.rootfs.diff.tar",
	"application/vnd.docker.image.rootfs.diff.tar.gzip",
	"application/vnd.docker.image.rootfs.diff.tar.zstd",
};

static int check_layer_type(const struct oci_place *place, const char *type, struct err *err)
{
	for (size_t i = 0; i < sizeof(layer_types) / sizeof(layer_types[0]); i++)
		if (strcmp(layer_types[i], type) == 0)
			return 0;
	return err_say(err, ENOTSUP,
	    "%s: %s is \"%.100s\"; layers can be tar archives, bare or compressed with gzip or "
	    "zstd",
	    place->document, oci_inside(place, "mediaType").member, type);
}

static int need_digest(
    const struct oci_place *place, struct json_object *object, struct digest *ret, struct err *err)
{
	const char *text = NULL;
	int r = oci_need_text(place, object, "digest", &text, err);

	if (r == 0 && digest_parse(text, ret, err) < 0)
		r = err_prefix(err, "%s: %s", place->document, oci_inside(place, "digest").member);
	return r;
}

static int write_blob(
    const struct oci_place *place, struct json_object *layer, FILE *out, struct err *err)
{
	struct digest digest;
	const char *type = NULL;
	uint64_t size;

	if (!json_object_is_type(layer, json_type_object))
		return err_say(
		    err, EINVAL, "%s: %s is not an object", place->document, place->member);
	int r = oci_need_text(place, layer, "mediaType", &type, err);
	if (r == 0)
		r = check_layer_type(place, type, err);
	if (r == 0)
		r = need_digest(place, layer, &digest, err);
	if (r == 0)
		r = oci_need_number(place, layer, "size", OCI_BLOB_MAX, &size, err);
	if (r == 0)
		fprintf(out, "blob %s %" PRIu64 "\n", digest.text, size);
	return r;
}

/* Returns how many there are, or -errno. */
static int write_blobs(
    const struct oci_place *place, struct json_object *manifest, FILE *out, struct err *err)
{
	struct json_object *layers;
	int r = oci_need(place, manifest, "layers", json_type_array, &layers, err);

	if (r < 0)
		return r;
	size_t count = json_object_array_length(layers);
	if (count < 1 || count > IMAGE_LAYERS_MAX)
		return err_say(err, E2BIG, "%s: it has %zu layers; there can be from 1 to %d",
		    place->document, count, IMAGE_LAYERS_MAX);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct oci_place item = oci_item(place, "layers", i);
		r = write_blob(&item, json_object_array_get_idx(layers, i), out, err);
	}
	return r < 0 ? r : (int)count;
}

/* Charts, modules, signatures and the like lie in registries too. */
static int check_types(const struct oci_place *place, struct json_object *manifest,
    struct json_object *config, struct err *err)
{
	const char *type = NULL, *config_type = "";
	int r = oci_get_text(place, manifest, "mediaType", &type, err);

	if (r == 0)
		r = oci_need_text(place, config, "mediaType", &config_type, err);
	if (r < 0)
		return r;
	if (type && strcmp(type, MANIFEST_TYPE) != 0)
		return err_say(
		    err, ENOTSUP, "%s is \"%.100s\", and not an image's", place->document, type);
	if (strcmp(config_type, CONFIG_TYPE) != 0 && strcmp(config_type, CONFIG_TYPE_DOCKER) != 0)
		return err_say(err, ENOTSUP,
		    "this is not an image of a container: its configuration is \"%.100s\"",
		    config_type);
	return 0;
}

static int read_manifest(
    struct json_object *manifest, struct image *image, FILE *out, struct err *err)
{
	const struct oci_place place = { "the manifest", "" };
	const struct oci_place inside = oci_inside(&place, "config");
	struct json_object *config = NULL;
	uint64_t version;
	int r = oci_need_number(&place, manifest, "schemaVersion", 1000, &version, err);

	if (r == 0 && version != 2)
		return err_say(err, ENOTSUP,
		    "the manifest: schemaVersion is %" PRIu64 ", only 2 is known", version);
	if (r == 0)
		r = oci_need(&place, manifest, "config", json_type_object, &config, err);
	if (r == 0)
		r = check_types(&place, manifest, config, err);
	if (r == 0)
		r = need_digest(&inside, config, &image->id, err);
	return r < 0 ? r : write_blobs(&place, manifest, out, err);
}

static int read_system(
    const struct oci_place *place, struct json_object *config, struct image *image, struct err *err)
{
	const char *os = "", *architecture = "";
	int r = oci_need_text(place, config, "os", &os, err);

	if (r == 0)
		r = oci_need_text(place, config, "architecture", &architecture, err);
	if (r < 0)
		return r;
	if (strcmp(os, "linux") != 0)
		return err_say(err, ENOTSUP, "the image is for \"%.40s\", and not for linux", os);
	if (!*architecture || strlen(architecture) >= sizeof(image->architecture))
		return err_say(err, EINVAL, "%s: architecture is \"%.40s\", which is none",
		    place->document, architecture);
	memcpy(image->architecture, architecture, strlen(architecture) + 1);
	return 0;
}

static int read_diff_ids(
    const struct oci_place *place, struct json_object *config, struct image *image, struct err *err)
{
	const struct oci_place inside = oci_inside(place, "rootfs");
	struct strv texts = { NULL, 0 };
	struct json_object *rootfs;
	struct digest diff_id;
	int r = oci_need(place, config, "rootfs", json_type_object, &rootfs, err);

	if (r == 0)
		r = oci_get_list(&inside, rootfs, "diff_ids", IMAGE_LAYERS_MAX, &texts, err);
	for (size_t i = 0; r == 0 && i < texts.count; i++) {
		r = digest_parse(texts.items[i], &diff_id, err);
		r = r < 0 ? err_prefix(err, "%s: %s", place->document,
				oci_item(&inside, "diff_ids", i).member)
			  : image_add_layer(image, &diff_id, err);
	}
	strv_free(&texts);
	return r;
}

static int check_environment(
    const struct oci_place *place, const struct strv *environment, struct err *err)
{
	for (size_t i = 0; i < environment->count; i++) {
		const char *equals = strchr(environment->items[i], '=');
		if (!equals || equals == environment->items[i])
			return err_say(err, EINVAL, "%s: %s is \"%.64s\", which is not NAME=VALUE",
			    place->document, oci_item(place, "Env", i).member,
			    environment->items[i]);
	}
	return 0;
}

/* An empty string says as much as none. */
static int get_copy(const struct oci_place *place, struct json_object *object, const char *key,
    char **ret, struct err *err)
{
	const char *text = NULL;
	int r = oci_get_text(place, object, key, &text, err);

	if (r < 0 || !text || !*text)
		return r;
	*ret = strdup(text);
	return *ret ? 0 : err_sys(err, ENOMEM, "cannot keep a value");
}

static int read_execution(
    const struct oci_place *place, struct json_object *json, struct image *image, struct err *err)
{
	const struct oci_place inside = oci_inside(place, "config");
	struct json_object *config = NULL;
	int r = oci_get(place, json, "config", json_type_object, &config, err);

	if (r < 0 || !config)
		return r;
	r = oci_get_list(&inside, config, "Env", ITEMS_MAX, &image->environment, err);
	if (r == 0)
		r = check_environment(&inside, &image->environment, err);
	if (r == 0)
		r = oci_get_list(&inside, config, "Entrypoint", ITEMS_MAX, &image->entrypoint, err);
	if (r == 0)
		r = oci_get_list(&inside, config, "Cmd", ITEMS_MAX, &image->command, err);
	if (r == 0)
		r = get_copy(&inside, config, "WorkingDir", &image->workdir, err);
	return r < 0 ? r : get_copy(&inside, config, "User", &image->user, err);
}

static int read_config(struct json_object *config, struct image *image, struct err *err)
{
	const struct oci_place place = { "the configuration", "" };
	int r = read_system(&place, config, image, err);

	if (r == 0)
		r = read_diff_ids(&place, config, image, err);
	return r < 0 ? r : read_execution(&place, config, image, err);
}

static int read_both(
    struct json_object *manifest, struct json_object *config, FILE *out, struct err *err)
{
	struct image image = { .layers = NULL };
	int count = read_manifest(manifest, &image, out, err);
	int r = count < 0 ? count : read_config(config, &image, err);

	if (r == 0 && image.layer_count != (unsigned)count)
		r = err_say(err, EINVAL,
		    "the manifest has %d layers, and the configuration %u (rootfs.diff_ids)", count,
		    image.layer_count);
	if (r == 0)
		image_record_write(&image, out);
	image_done(&image);
	return r;
}

__attribute__((visibility("default"))) int contain_oci_image(const char *manifest,
    size_t manifest_length, const char *config, size_t config_length, FILE *out, struct err *err)
{
	struct json_object *manifest_json = NULL, *config_json = NULL;
	int r = oci_parse("the manifest", manifest, manifest_length, &manifest_json, err);

	if (r == 0)
		r = oci_parse("the configuration", config, config_length, &config_json, err);
	if (r == 0)
		r = read_both(manifest_json, config_json, out, err);
	json_object_put(config_json);
	json_object_put(manifest_json);
	return r;
}

static int read_docker(struct json_object *manifest, struct digest *ret, struct err *err)
{
	const struct oci_place place = { "the manifest of docker", "" };
	const struct oci_place inside = oci_inside(&place, "config");
	struct json_object *config = NULL;
	const char *type = NULL;
	int r = oci_need_text(&place, manifest, "mediaType", &type, err);

	if (r == 0 && strcmp(type, MANIFEST_TYPE_DOCKER) != 0)
		return err_say(err, ENOTSUP,
		    "the manifest is \"%.100s\", and neither docker's nor OCI's", type);
	if (r == 0)
		r = oci_need(&place, manifest, "config", json_type_object, &config, err);
	return r < 0 ? r : need_digest(&inside, config, ret, err);
}

__attribute__((visibility("default"))) int contain_oci_docker(
    const char *text, size_t length, struct digest *ret, struct err *err)
{
	struct json_object *manifest = NULL;
	int r = oci_parse("the manifest of docker", text, length, &manifest, err);

	if (r == 0)
		r = read_docker(manifest, ret, err);
	json_object_put(manifest);
	return r;
}
