/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/image/architecture.h"
#include "lib/image/oci.h"

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

int oci_image_parse(char *text, struct oci_image *ret, struct err *err)
{
	cleanup_free struct oci_blob *blobs = calloc(IMAGE_LAYERS_MAX, sizeof(*blobs));
	struct image image = { .layers = NULL };

	if (!blobs)
		return err_sys(err, ENOMEM, "cannot keep a list of layers");
	int count = read_blobs(&text, blobs, err);
	int r = count < 0 ? count : image_record_read(text, &image, err);
	if (r == 0 && image.layer_count != (unsigned)count) {
		r = err_say(
		    err, EINVAL, "it has %u layers, and %d blobs", image.layer_count, count);
		image_done(&image);
	}
	if (r < 0)
		return r;
	*ret = (struct oci_image){ .image = image, .blobs = take_ptr(blobs) };
	return 0;
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
