/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_OCI_PART_H
#define CONTAIN_PULL_OCI_PART_H

/*
 * The loadable part contain-oci.so: the only code of images that links json-c. What it takes apart
 * was written by others, so oci.c loads it into children that have nothing, and believes only what
 * they hand back in forms of ours.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/image/digest.h"

#define OCI_PART_FILE	"contain-oci.so"
#define OCI_PART_REPLY	"contain_oci_reply"
#define OCI_PART_IMAGE	"contain_oci_image"
#define OCI_PART_DOCKER "contain_oci_docker"
#define OCI_DOCUMENT_MAX                                                                           \
	(4U << 20) /* bytes of a manifest or a configuration, as for registries                    \
		    */
#define OCI_BLOB_MAX (UINT64_C(1) << 40)

/* What skopeo's proxy answers: {"success":true,"value":...,"pipeid":0,"error":""}. */
struct oci_reply {
	bool success;
	uint64_t number; /* the value where it is a number, else 0 */
	uint64_t pipe;	 /* 0: none */
	char text[128];	 /* the value where it is a string, else "" */
	char error[400]; /* why there is no success; what does not fit is cut off */
};

/* Take a reply apart: `length` bytes and a NUL. Returns 0 or -errno. */
int contain_oci_reply(const char *text, size_t length, struct oci_reply *ret, struct err *err);

/*
 * Take an image's manifest and configuration apart, of which both are NUL-terminated, and write
 * what is in them: a line "blob DIGEST SIZE" for each layer, the lowest first, and then the record
 * of the image (record.h), without size and time. Refuses what is no image for Linux. Returns 0 or
 * -errno with the document and the member that is wrong.
 */
int contain_oci_image(const char *manifest, size_t manifest_length, const char *config,
    size_t config_length, FILE *out, struct err *err);

/* The digest of the configuration in a manifest that docker wrote (schema 2). Returns 0 or -errno.
 */
int contain_oci_docker(const char *text, size_t length, struct digest *ret, struct err *err);

typedef __typeof__(contain_oci_docker) oci_docker_fn;
typedef __typeof__(contain_oci_reply) oci_reply_fn;
typedef __typeof__(contain_oci_image) oci_image_fn;

#endif
