/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_NAME_H
#define CONTAIN_IMAGE_NAME_H

#include <limits.h>

#include "lib/base/err.h"

/*
 * How images are called, as docker does it: [HOST[:PORT]/]PATH[:TAG][@DIGEST]. What comes before
 * the first slash is a host if it has a dot or a colon in it or is "localhost"; else docker.io is
 * meant, and there library/ where the path has no slash. Without tag and digest, "latest" is meant.
 * So "debian:12" and "docker.io/library/debian:12" are one image. distribution's reference grammar;
 * docker's reference.ParseNormalizedNamed().
 *
 * An image can also be called by its id: "sha256:" and its digits. Where images are looked up, the
 * first 12 digits or more are enough, unless they are a name.
 */
#define IMAGE_NAME_MAX 512 /* with its end; the grammar gives the path 255, a tag 128 */

/* The whole name of what was written. Returns 0, or -EINVAL with what is wrong with it. */
int image_name_complete(const char *text, char ret[IMAGE_NAME_MAX], struct err *err);

/* The short form of a whole name, for people: "debian:12". It points into `name`. */
const char *image_name_short(const char *name);

/*
 * A whole name as one file name, and back: "/" is written "%", which no name has. `file` holds
 * NAME_MAX + 1 bytes. Returns 0 or -ENAMETOOLONG.
 */
int image_name_to_file(const char *name, char file[NAME_MAX + 1], struct err *err);
void image_name_of_file(const char *file, char name[IMAGE_NAME_MAX]);

#endif
