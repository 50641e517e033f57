/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image/architecture.h"
#include "lib/pull/oci.h"

#define BLOB "blob "

/* "blob DIGEST SIZE" */
static int read_blob(char *line, struct oci_blob *ret, struct err *err)
{
	char *digest = line + strlen(BLOB);
	char *size = strchr(digest, ' ');

	if (!size)
		return err_say(err, EINVAL, "a layer has no size");
	*size++ = '\0';
	int r = digest_parse(digest, &ret->digest, err);
	if (r == 0 && str_to_u64(size, OCI_BLOB_MAX, &ret->size) < 0)
		return err_say(err, EINVAL, "\"%.32s\" is not the size of a layer", size);
	return r;
}

/* The lines at the beginning; *text moves behind them. Returns how many there are, or -errno. */
static int read_blobs(char **text, struct oci_blob *blobs, struct err *err)
{
	int count = 0;

	while (strncmp(*text, BLOB, strlen(BLOB)) == 0) {
		char *line = strsep(text, "\n");
		if (!*text || count == IMAGE_LAYERS_MAX)
			return err_say(err, EINVAL, "the list of layers is not whole");
		int r = read_blob(line, &blobs[count++], err);
		if (r < 0)
			return r;
	}
	return count;
}

static int parse(char *text, struct oci_image *image, struct err *err)
{
	int count = read_blobs(&text, image->blobs, err);
	int r = count < 0 ? count : image_record_read(text, &image->image, err);

	if (r == 0 && image->image.layer_count != (unsigned)count)
		return err_say(
		    err, EINVAL, "it has %u layers, and %d blobs", image->image.layer_count, count);
	return r;
}

int oci_image_parse(char *text, struct oci_image *ret, struct err *err)
{
	struct oci_image image = { .blobs = calloc(IMAGE_LAYERS_MAX, sizeof(*image.blobs)) };

	if (!image.blobs)
		return err_sys(err, ENOMEM, "cannot keep a list of layers");
	int r = parse(text, &image, err);
	if (r < 0)
		oci_image_done(&image);
	else
		*ret = image;
	return r;
}

int oci_check_architecture(const char *architecture, struct err *err)
{
	const char *own = image_architecture();

	if (strcmp(architecture, own) == 0)
		return 0;
	return err_say(err, ENOEXEC,
	    "the image is for the architecture \"%.32s\", and this machine is \"%.32s\"",
	    architecture, own);
}
