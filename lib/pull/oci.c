/* SPDX-License-Identifier: MIT */
#include "lib/pull/oci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/layer/confine.h"

#define SECONDS_MAX 20 /* that a parser may take, of a loaded machine */

/* Blob lines and a record. */
#define OUTPUT_MAX (IMAGE_RECORD_MAX + IMAGE_LAYERS_MAX * (DIGEST_TEXT_MAX + 32))

/* What a child is to do, and where it says what came of it. */
struct parse {
	const char *libexec_dir;
	const struct oci_document *first, *second;
	int out;
};

/*
 * The part is loaded first: afterwards nothing can be opened any more. What the child says in the
 * end goes through pipes that are there already.
 */
static void *enter(const struct parse *parse, const char *symbol, struct err *err)
{
	alarm(SECONDS_MAX);
	void *function = part_load(parse->libexec_dir, OCI_PART_FILE, symbol, NULL, err);

	return function && confine_to_pipes(err) == 0 ? function : NULL;
}

static int parse_reply(void *argument, struct err *err)
{
	const struct parse *parse = argument;
	oci_reply_fn *read_reply = (oci_reply_fn *)enter(parse, OCI_PART_REPLY, err);
	struct oci_reply reply = { .success = false };

	if (!read_reply)
		return -err->code;
	int r = read_reply(parse->first->text, parse->first->length, &reply, err);
	if (r < 0)
		return r;
	r = fd_write_all(parse->out, &reply, sizeof(reply));
	return r < 0 ? err_sys(err, -r, "cannot hand on a reply") : 0;
}

static int parse_image(void *argument, struct err *err)
{
	const struct parse *parse = argument;
	oci_image_fn *read_image = (oci_image_fn *)enter(parse, OCI_PART_IMAGE, err);
	cleanup_free char *text = NULL;
	size_t length = 0;

	if (!read_image)
		return -err->code;
	FILE *stream = open_memstream(&text, &length);
	if (!stream)
		return err_sys(err, errno, "cannot hand on an image");
	int r = read_image(parse->first->text, parse->first->length, parse->second->text,
	    parse->second->length, stream, err);
	if (fclose(stream) != 0 && r == 0)
		r = err_sys(err, errno, "cannot hand on an image");
	if (r < 0)
		return r;
	r = fd_write_all(parse->out, text, length);
	return r < 0 ? err_sys(err, -r, "cannot hand on an image") : 0;
}

static int parse_docker(void *argument, struct err *err)
{
	const struct parse *parse = argument;
	oci_docker_fn *read_docker = (oci_docker_fn *)enter(parse, OCI_PART_DOCKER, err);
	struct digest digest = { "" };

	if (!read_docker)
		return -err->code;
	int r = read_docker(parse->first->text, parse->first->length, &digest, err);
	if (r < 0)
		return r;
	r = fd_write_all(parse->out, digest.text, strlen(digest.text));
	return r < 0 ? err_sys(err, -r, "cannot hand on a digest") : 0;
}

/* What a child writes, at most `max` bytes. */
static int run_parse(int (*work)(void *argument, struct err *err), struct parse *parse, size_t max,
    struct oci_document *ret, struct err *err)
{
	struct child child = CHILD_INIT;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int from = ends[0];
	parse->out = ends[1];
	int r = child_start(&child, work, parse, err);
	fd_close(ends[1]);
	if (r < 0)
		return r;
	struct err reading = ERR_INIT;
	int read_result = fd_read_all(from, max, &ret->text, &ret->length, &reading);
	from = fd_close(from);
	struct err theirs = ERR_INIT;
	r = child_wait(&child, &theirs);
	confine_clean_error(&theirs);
	if (r < 0)
		return err_say(err, -r, "%s", theirs.text);
	if (read_result < 0)
		return err_say(err, reading.code, "what was made of it %s", reading.text);
	return 0;
}

int oci_read_reply(const char *libexec_dir, const struct oci_document *text, struct oci_reply *ret,
    struct err *err)
{
	struct parse parse = { .libexec_dir = libexec_dir, .first = text };
	struct oci_document output = { NULL, 0 };
	struct err own = ERR_INIT;
	int r = run_parse(parse_reply, &parse, sizeof(*ret), &output, &own);
	cleanup_free char *bytes = output.text;

	if (r == 0 && (!bytes || output.length != sizeof(*ret)))
		r = err_say(&own, EPROTO, "it is not whole");
	if (r < 0 || !bytes)
		return err_say(err, -r, "cannot understand skopeo: %s", own.text);
	memcpy(ret, bytes, sizeof(*ret));
	ret->text[sizeof(ret->text) - 1] = '\0';
	ret->error[sizeof(ret->error) - 1] = '\0';
	return 0;
}

int oci_read_image(const char *libexec_dir, const struct oci_document *manifest,
    const struct oci_document *config, struct oci_image *ret, struct err *err)
{
	struct parse parse = { .libexec_dir = libexec_dir, .first = manifest, .second = config };
	struct oci_document output = { NULL, 0 };
	struct err own = ERR_INIT;
	int r = run_parse(parse_image, &parse, OUTPUT_MAX, &output, &own);
	cleanup_free char *text = output.text;

	if (r == 0 && (!text || strlen(text) != output.length))
		r = err_say(&own, EINVAL, "what was made of it has a NUL character");
	if (r == 0)
		r = oci_image_parse(text, ret, &own);
	return r < 0 ? err_say(err, -r, "%s", own.text) : 0;
}

int oci_read_docker(const char *libexec_dir, const struct oci_document *manifest,
    struct digest *ret, struct err *err)
{
	struct parse parse = { .libexec_dir = libexec_dir, .first = manifest };
	struct oci_document output = { NULL, 0 };
	struct err own = ERR_INIT;
	int r = run_parse(parse_docker, &parse, sizeof(*ret), &output, &own);
	cleanup_free char *text = output.text;

	if (r == 0)
		r = digest_parse(text ?: "", ret, &own);
	return r < 0 ? err_say(err, -r, "%s", own.text) : 0;
}

void oci_image_done(struct oci_image *image)
{
	image_done(&image->image);
	free(image->blobs);
	image->blobs = NULL;
}
