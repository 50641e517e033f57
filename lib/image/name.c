/* SPDX-License-Identifier: MIT */
#include "lib/image/name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/image/digest.h"

#define DOCKER_HOST "docker.io/"
#define DOCKER_PATH "library/"
#define TAG_MAX	    128
#define PATH_MOST   255 /* of the grammar: host and path together */
#define SLASH	    '%'

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* The parts of a name, where they lie in it. */
struct parts {
	const char *host; /* NULL: not said */
	size_t host_length;
	const char *path;
	size_t path_length;
	const char *tag; /* NULL: not said */
	size_t tag_length;
	const char *digest; /* NULL: not said; to the end */
};

static bool is_host(const char *text, size_t length)
{
	return memchr(text, '.', length) || memchr(text, ':', length) ||
	       (length == strlen("localhost") && memcmp(text, "localhost", length) == 0);
}

/* A colon behind the last slash is a tag's; before it, a port's. */
static struct parts take_apart(const char *text)
{
	struct parts parts = { .path = text, .digest = strchr(text, '@') };
	const char *end = parts.digest ?: text + strlen(text);
	const char *slash = memchr(text, '/', (size_t)(end - text));

	if (slash && is_host(text, (size_t)(slash - text))) {
		parts.host = text;
		parts.host_length = (size_t)(slash - text);
		parts.path = slash + 1;
	}
	const char *colon = memrchr(parts.path, ':', (size_t)(end - parts.path));
	if (colon) {
		parts.tag = colon + 1;
		parts.tag_length = (size_t)(end - colon - 1);
		end = colon;
	}
	parts.path_length = (size_t)(end - parts.path);
	parts.digest = parts.digest ? parts.digest + 1 : NULL;
	return parts;
}

static bool is_made_of(const char *text, size_t length, const char *characters)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(characters, text[i]))
			return false;
	return length > 0;
}

/* Words of lower case letters and digits, joined by ".", "_", "__" or any number of "-". */
static bool is_component(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t word = 0, joint = 0;
		while (at + word < length && strchr(LOWER DIGITS, text[at + word]))
			word++;
		if (!word)
			return false;
		at += word;
		while (at + joint < length && strchr("._-", text[at + joint]))
			joint++;
		if (at == length)
			return true;
		bool joins = joint == 1 || (joint == 2 && memcmp(text + at, "__", 2) == 0) ||
			     is_made_of(text + at, joint, "-");
		if (!joins)
			return false;
		at += joint;
	}
	return false;
}

static bool is_path(const char *text, size_t length)
{
	const char *end = text + length;

	for (;;) {
		const char *slash = memchr(text, '/', (size_t)(end - text));
		if (!is_component(text, (size_t)((slash ?: end) - text)))
			return false;
		if (!slash)
			return true;
		text = slash + 1;
	}
}

/* Words of letters, digits and "-" inside, joined by ".": none that could hide a file in names/. */
static bool is_domain(const char *text, size_t length)
{
	for (size_t at = 0; at < length; at++) {
		bool first = at == 0 || text[at - 1] == '.';
		bool last = at + 1 == length || text[at + 1] == '.';
		if (text[at] == '.' ? first || last : text[at] == '-' && (first || last))
			return false;
	}
	return is_made_of(text, length, LOWER UPPER DIGITS ".-");
}

/* DOMAIN[:PORT] or [IPv6][:PORT]. */
static bool is_address(const char *text, size_t length)
{
	const char *bracket = *text == '[' ? memchr(text, ']', length) : NULL;
	const char *rest = bracket ? bracket + 1 : memchr(text, ':', length) ?: text + length;
	size_t before = (size_t)(rest - text);

	if (before < length && (*rest != ':' || !is_made_of(rest + 1, length - before - 1, DIGITS)))
		return false;
	return bracket ? is_made_of(text + 1, before - 2, DIGITS "abcdefABCDEF:")
		       : is_domain(text, before);
}

static bool is_tag(const char *text, size_t length)
{
	return length <= TAG_MAX && !strchr(".-", text[0]) &&
	       is_made_of(text, length, LOWER UPPER DIGITS "_.-");
}

static int check(const char *text, const struct parts *parts, struct err *err)
{
	struct digest digest;

	if (parts->host && !is_address(parts->host, parts->host_length))
		return err_say(err, EINVAL,
		    "\"%.128s\": what is before the first slash is not a host: use one as in "
		    "quay.io, localhost:5000 or [::1]:5000",
		    text);
	if (!is_path(parts->path, parts->path_length))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not the name of an image: use "
		    "[HOST[:PORT]/]PATH[:TAG][@DIGEST], with "
		    "lower case letters and digits in PATH, joined by \".\", \"_\", \"-\" and "
		    "\"/\"",
		    text);
	if (parts->tag && !is_tag(parts->tag, parts->tag_length))
		return err_say(err, EINVAL,
		    "\"%.128s\": a tag has up to %d letters, digits, \"_\", \".\" and \"-\"", text,
		    TAG_MAX);
	if (parts->digest && digest_parse(parts->digest, &digest, err) < 0)
		return -EINVAL;
	if (parts->host_length + parts->path_length > PATH_MOST)
		return err_say(
		    err, EINVAL, "\"%.64s...\" is longer than %d characters", text, PATH_MOST);
	return 0;
}

/* Where names without a host are from, by both of its names. */
static bool is_docker(const struct parts *parts)
{
	static const char other[] = "index." DOCKER_HOST;
	const char *host = parts->host;
	size_t length = parts->host_length;

	return !host || (length == strlen(DOCKER_HOST) - 1 && !memcmp(host, DOCKER_HOST, length)) ||
	       (length == strlen(other) - 1 && !memcmp(host, other, length));
}

int image_name_complete(const char *text, char ret[IMAGE_NAME_MAX], struct err *err)
{
	const struct parts parts = take_apart(text);
	struct digest id;

	if (strncmp(text, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) == 0) {
		if (digest_parse(text, &id, err) < 0)
			return -EINVAL;
		snprintf(ret, IMAGE_NAME_MAX, "%s", id.text);
		return 0;
	}
	int r = check(text, &parts, err);
	if (r < 0)
		return r;
	bool docker = is_docker(&parts);
	bool official = docker && !memchr(parts.path, '/', parts.path_length);
	const char *tag = parts.tag ?: parts.digest ? "" : "latest";
	int tag_length = parts.tag ? (int)parts.tag_length : (int)strlen(tag);
	snprintf(ret, IMAGE_NAME_MAX, "%.*s%s%s%.*s%s%.*s%s%s", docker ? 0 : (int)parts.host_length,
	    parts.host ?: "", docker ? DOCKER_HOST : "/", official ? DOCKER_PATH : "",
	    (int)parts.path_length, parts.path, tag_length ? ":" : "", tag_length, tag,
	    parts.digest ? "@" : "", parts.digest ?: "");
	return 0;
}

const char *image_name_short(const char *name)
{
	const size_t host = strlen(DOCKER_HOST), path = strlen(DOCKER_PATH);

	if (strncmp(name, DOCKER_HOST, host) != 0)
		return name;
	name += host;
	return strncmp(name, DOCKER_PATH, path) == 0 && !strchr(name + path, '/') ? name + path
										  : name;
}

int image_name_to_file(const char *name, char file[NAME_MAX + 1], struct err *err)
{
	if (snprintf(file, NAME_MAX + 1, "%s", name) > NAME_MAX)
		return err_say(err, ENAMETOOLONG,
		    "\"%.64s...\" is longer than a file name can be (%d)", name, NAME_MAX);
	for (char *c = file; *c; c++)
		if (*c == '/')
			*c = SLASH;
	return 0;
}

void image_name_of_file(const char *file, char name[IMAGE_NAME_MAX])
{
	snprintf(name, IMAGE_NAME_MAX, "%s", file);
	for (char *c = name; *c; c++)
		if (*c == SLASH)
			*c = '/';
}
