/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_SOURCE_H
#define CONTAIN_PULL_SOURCE_H

#include <limits.h>
#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/image/digest.h"
#include "lib/image/name.h"

/* Where an image comes from, and how it is to be called. */
struct image_source {
	char transport[PATH_MAX +
		       IMAGE_NAME_MAX]; /* in skopeo's words: "docker://...", "oci:DIR:TAG" */
	char name[IMAGE_NAME_MAX];	/* whole */
	bool registry;			/* the transport is a registry's */
};

/*
 * Take apart what people write: the name of an image, with or without "docker://" before it, or
 *
 *	oci:DIR[:TAG]		a folder in the layout of OCI
 *	oci-archive:FILE[:TAG]	the same in a tar archive
 *	docker-archive:FILE[:NAME[:TAG]]	of docker save
 *
 * which get the name `name`; if that is NULL, the one that they say themselves (docker-archive), or
 * localhost/FILE:TAG, with the end of FILE (".tar") taken off: a file is nobody's on a registry.
 * Returns 0 or -EINVAL with what is right.
 */
int image_source_parse(
    const char *text, const char *name, struct image_source *ret, struct err *err);

/* The same source, for the image that has this manifest, whatever its tag comes to mean. */
void image_source_pin(struct image_source *source, const struct digest *manifest);

#endif
