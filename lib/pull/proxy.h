/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_PULL_PROXY_H
#define CONTAIN_PULL_PROXY_H

/*
 * skopeo as a proxy: it speaks with registries and reads archives, and hands over one thing at a
 * time through a pipe (skopeo-experimental-image-proxy(1); containers/skopeo, cmd/skopeo/proxy.go).
 * Requests and replies are datagrams with JSON; the end of a pipe comes only when FinishPipe was
 * asked for, and its reply, which says whether all of it was right, when the pipe has been read.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/image/digest.h"
#include "lib/pull/oci.h"
#include "lib/pull/skopeo.h"

struct proxy_options {
	struct skopeo_options skopeo;
	const char *libexec_dir; /* of the part that parses what it replies */
	const volatile sig_atomic_t
	    *stop; /* what waits ends with -EINTR when this is not 0; NULL: never */
};

struct proxy {
	const struct proxy_options *options;
	struct skopeo skopeo;
	int socket;
	uint64_t image; /* as it calls the one that is open */
};

#define PROXY_INIT                                                                                 \
	{                                                                                          \
		.skopeo = SKOPEO_INIT, .socket = -1                                                \
	}

/* How a request failed, besides by -errno. */
enum proxy_failure {
	PROXY_FAILED,	 /* for good */
	PROXY_TRY_AGAIN, /* the network, or a server that is not well */
	PROXY_LEFT,	 /* nobody read the pipe to its end: who read it knows more */
};

/*
 * Start skopeo and open the image `transport`, as skopeo calls it. It dies with the calling
 * process. `options` must live as long as the proxy. Returns 0 or -errno with what skopeo said.
 * Relative paths are from the working directory. Close it with proxy_close() in any case.
 */
int proxy_open(
    const struct proxy_options *options, const char *transport, struct proxy *ret, struct err *err);

/* Ends skopeo. Harmless on one that is closed. */
void proxy_close(struct proxy *proxy);

/* The manifest, as OCI has it, and the digest of what the registry has. The caller frees it. */
int proxy_read_manifest(
    struct proxy *proxy, struct oci_document *ret, struct digest *ret_digest, struct err *err);

/* The configuration, as OCI has it. The caller frees it. */
int proxy_read_config(struct proxy *proxy, struct oci_document *ret, struct err *err);

/* Read a pipe to its end, at most OCI_DOCUMENT_MAX bytes, or until it is time to stop. */
int proxy_read_all(
    const struct proxy_options *options, int pipe, struct oci_document *ret, struct err *err);

/* A blob that is on its way. */
struct proxy_blob {
	int pipe; /* to be read to its end, and closed by proxy_end_blob() */
};

/* Ask for a blob. After success nothing else can be asked for before proxy_end_blob(). */
int proxy_begin_blob(struct proxy *proxy, const struct oci_blob *blob, struct proxy_blob *ret,
    enum proxy_failure *ret_failure, struct err *err);

/* Whether all of it came, and was what its digest says. Returns 0 or -errno. */
int proxy_end_blob(
    struct proxy *proxy, struct proxy_blob *blob, enum proxy_failure *ret_failure, struct err *err);

/* What a message of skopeo's means. */
enum proxy_failure proxy_failure_of(const char *message);

#endif
