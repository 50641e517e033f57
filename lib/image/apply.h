/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_APPLY_H
#define CONTAIN_IMAGE_APPLY_H

#include "lib/base/err.h"
#include "lib/image/record.h"
#include "lib/policy/spec.h"

/*
 * Put what an image says of how it is run below what a spec for a command says already, as docker
 * run does it:
 *
 *	Env		unless the spec has the variable, or starts from no environment
 *	Entrypoint	in front of the command
 *	Cmd		the command, where there is none
 *	WorkingDir	where the spec has none
 *	User		likewise
 *
 * The last two are not an account's, who is themselves and at home. `entrypoint`, if it is not
 *NULL, stands for the image's Entrypoint, "" for none, and there is no Cmd then. The spec is of
 *this image from then on, whatever its name comes to mean: spec->root.image_id. Returns 0, -ENOMEM,
 *or -EINVAL where there is nothing to run.
 */
int image_apply(
    const struct image *image, const char *entrypoint, struct jail_spec *spec, struct err *err);

#endif
