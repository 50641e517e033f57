/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_OCI_H
#define CONTAIN_PULL_OCI_H

/*
 * What a registry and skopeo say about images, taken apart in processes that have nothing but a
 * pipe. What comes out of that is read strictly: a parser that has been taken over can say
 * something false about an image, which digests show, and nothing else.
 */

#include "lib/base/err.h"
#include "lib/pull/oci_part.h"
#include "lib/image/record.h"

/* A layer as it lies in a registry. */
struct oci_blob {
	struct digest digest;
	uint64_t size; /* bytes */
};

struct oci_image {
	struct image image;	/* without manifest, created and size */
	struct oci_blob *blobs; /* one for each of image.layers */
};

/* A document: bytes, and a NUL behind them. */
struct oci_document {
	char *text;
	size_t length;
};

/*
 * These fork, as root only, single-threaded, and SIGCHLD must not be ignored. confine_prepare()
 * must have been called (confine.h). libexec_dir is an absolute path.
 */

/* Take a reply of skopeo's proxy apart. Returns 0 or -errno. */
int oci_read_reply(const char *libexec_dir, const struct oci_document *text, struct oci_reply *ret,
    struct err *err);

/*
 * Take an image apart. *ret is written on success only; free it with oci_image_done(). Returns 0 or
 * -errno.
 */
int oci_read_image(const char *libexec_dir, const struct oci_document *manifest,
    const struct oci_document *config, struct oci_image *ret, struct err *err);

/* The digest of the configuration in a manifest that docker wrote. Returns 0 or -errno. */
int oci_read_docker(const char *libexec_dir, const struct oci_document *manifest,
    struct digest *ret, struct err *err);

void oci_image_done(struct oci_image *image);

/*
 * Read what contain_oci_image() writes; `text` is changed. *ret is written on success only. Returns
 * 0 or -EINVAL.
 */
int oci_image_parse(char *text, struct oci_image *ret, struct err *err);

/* Whether programs for this architecture, in Go's words, run here. Returns 0 or -ENOEXEC. */
int oci_check_architecture(const char *architecture, struct err *err);

#endif
