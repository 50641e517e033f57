/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_ORIGINAL_H
#define CONTAIN_PULL_ORIGINAL_H

#include "lib/pull/proxy.h"

/*
 * The id of an image. The proxy makes an OCI manifest of what docker wrote, and with it a
 * configuration with another digest than everybody else calls the image by. Where that is so,
 * `skopeo inspect
 * --raw` has the manifest as it is.
 *
 * `manifest` and `digest` are what proxy_read_manifest() gave; *id, from that manifest, is replaced
 * if need be. Returns 0 or -errno.
 */
int original_id(const struct proxy_options *options, const char *transport,
    const struct oci_document *manifest, const struct digest *digest, struct digest *id,
    struct err *err);

#endif
