/* SPDX-License-Identifier: MIT */
#include "lib/pull/source.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REGISTRY "docker://"

/* The transports of files. */
static const struct transport {
	const char *prefix;
	bool says_name; /* what follows the file is the name of an image, and not a tag alone */
} transports[] = {
	{ "oci:", false },
	{ "oci-archive:", false },
	{ "docker-archive:", true },
};

static const struct transport *find_transport(const char *text)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (strncmp(text, transports[i].prefix, strlen(transports[i].prefix)) == 0)
			return &transports[i];
	return NULL;
}

/* The colon behind the path of a name, before its tag; else the end of what is before the digest.
 */
static const char *end_of_path(const char *name)
{
	const char *end = strchrnul(name, '@');
	const char *slash = memrchr(name, '/', (size_t)(end - name)) ?: name;

	return memchr(slash, ':', (size_t)(end - slash)) ?: end;
}

/* skopeo takes a tag or a digest, and not both; the digest says more. */
static void write_registry(struct image_source *source)
{
	const char *digest = strchr(source->name, '@');
	int length =
	    digest ? (int)(end_of_path(source->name) - source->name) : (int)strlen(source->name);

	snprintf(source->transport, sizeof(source->transport), REGISTRY "%.*s%s", length,
	    source->name, digest ?: "");
	source->registry = true;
}

static int parse_registry(
    const char *text, const char *name, struct image_source *ret, struct err *err)
{
	if (strncmp(text, REGISTRY, strlen(REGISTRY)) == 0)
		text += strlen(REGISTRY);
	if (name)
		return err_say(err, EINVAL,
		    "%.128s: an image of a registry is called as it is there; only those of oci:, "
		    "oci-archive: and docker-archive: get another name",
		    name);
	if (strncmp(text, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0)
		return err_say(err, EINVAL,
		    "%.80s: no registry knows images by their ids; use [HOST/]PATH[:TAG][@DIGEST]",
		    text);
	int r = image_name_complete(text, ret->name, err);
	if (r == 0)
		write_registry(ret);
	return r;
}

/* "localhost/FILE:TAG" of "/some/where/FILE.tar" and "TAG", in small letters. */
static int derive_name(
    const char *path, size_t length, const char *tag, char ret[IMAGE_NAME_MAX], struct err *err)
{
	static const char *const ends[] = { ".gz", ".tgz", ".tar", ".oci" };
	char text[IMAGE_NAME_MAX], file[NAME_MAX + 1];

	while (length && path[length - 1] == '/')
		length--;
	const char *slash = memrchr(path, '/', length);
	size_t before = slash ? (size_t)(slash + 1 - path) : 0;
	snprintf(file, sizeof(file), "%.*s", (int)(length - before), path + before);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t used = strlen(file), end = strlen(ends[i]);
		if (used > end && strcmp(file + used - end, ends[i]) == 0)
			file[used - end] = '\0';
	}
	for (char *c = file; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	snprintf(text, sizeof(text), "localhost/%s%s%s", file, tag ? ":" : "", tag ?: "");
	if (image_name_complete(text, ret, err) < 0)
		return err_say(err, EINVAL,
		    "%.128s: the file's name is no name of an image; say one behind it", path);
	return 0;
}

static int parse_file(const struct transport *transport, const char *text, const char *name,
    struct image_source *ret, struct err *err)
{
	const char *path = text + strlen(transport->prefix);
	size_t length = strcspn(path, ":");
	const char *behind = path[length] ? path + length + 1 : NULL;

	if (!length || (behind && !*behind))
		return err_say(err, EINVAL, "%.128s: a file is missing; use %sFILE[:%s]", text,
		    transport->prefix, transport->says_name ? "NAME" : "TAG");
	if ((size_t)snprintf(ret->transport, sizeof(ret->transport), "%s", text) >=
	    sizeof(ret->transport))
		return err_sys(err, ENAMETOOLONG, "%.128s", text);
	ret->registry = false;
	if (name)
		return image_name_complete(name, ret->name, err);
	if (behind && transport->says_name)
		return image_name_complete(behind, ret->name, err);
	return derive_name(path, length, behind, ret->name, err);
}

int image_source_parse(
    const char *text, const char *name, struct image_source *ret, struct err *err)
{
	const struct transport *transport = find_transport(text);

	if (name && strncmp(name, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0)
		return err_say(err, EINVAL, "%.80s: is an id, and not a name", name);
	return transport ? parse_file(transport, text, name, ret, err)
			 : parse_registry(text, name, ret, err);
}

void image_source_pin(struct image_source *source, const struct digest *manifest)
{
	if (source->registry && manifest->text[0])
		snprintf(source->transport, sizeof(source->transport), REGISTRY "%.*s@%s",
		    (int)(end_of_path(source->name) - source->name), source->name, manifest->text);
}
