/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_LAYER_H
#define CONTAIN_LAYER_LAYER_H

/*
 * From a stream to a layer: a tar archive, compressed or not, as registries and `docker save` have
 * them (OCI image specification, "Image Layer Filesystem Changeset"), becomes a directory that
 * overlayfs takes as a lower one.
 *
 * Four processes, because libraries that take other people's data apart are not trusted:
 *
 *	blob -> pump -> decompressor -> pump -> unpacker -> tree
 *
 * The pump only moves bytes, computes both digests and holds the limits. The decompressor has no
 * file system at all. The unpacker has the tree and nothing else of it, as a mount whose ids are
 * mapped: with ids of its own that mean nothing on the host it writes files of user 0, 1, ... as
 * they are to lie on the disk. What they have made is looked at by the caller before it is used.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/image/digest.h"
#include "lib/image/store.h"

/* What a layer may be at most. What is more is refused, with the name of the limit. */
struct layer_limits {
	uint64_t tar_bytes;  /* of the archive, not compressed */
	uint64_t entries;    /* in the archive */
	uint64_t free_bytes; /* so much may come out whatever goes in; beyond it, */
	unsigned ratio;	     /* so many times what goes in */
};

#define LAYER_LIMITS_DEFAULT                                                                       \
	{                                                                                          \
		.tar_bytes = UINT64_C(32) << 30, .entries = 500000,                                \
		.free_bytes = UINT64_C(2) << 30, .ratio = 100                                      \
	}

/* How far it is; in memory that processes share. */
struct layer_progress {
	_Atomic uint64_t blob_bytes, tar_bytes, entries;
};

struct layer_request {
	int blob;			  /* read to its end; stays the caller's */
	const struct digest *blob_digest; /* what the blob must be; NULL: anything */
	const struct digest *diff_id;	  /* what the archive in it must be; NULL: anything */
	int directory;			  /* "tree" is made in it */
	const struct layer_limits *limits;
	struct layer_progress *progress;    /* NULL: nobody looks */
	const char *libexec_dir, *data_dir; /* where the loadable parts and profiles are */
};

struct layer_result {
	struct digest blob, diff_id;
	struct layer_facts facts;
};

/*
 * Unpack a layer. Returns 0, or -errno with what is wrong, and the name of the entry where it is
 * one: then there may be a part of the tree, which the caller removes. Root only; forks; the
 * calling process must be single-threaded, and SIGCHLD not ignored.
 */
int layer_unpack(const struct layer_request *request, struct layer_result *ret, struct err *err);

/*
 * Compute the digest of a tree: of names, types, modes, owners, sizes, times of modification,
 * targets, extended attributes and contents, in an order that does not depend on the disk.
 * -EUCLEAN: there is something in it that no layer has, as a device. Root only.
 */
int layer_digest_tree(const char *libexec_dir, int tree, struct layer_facts *ret, struct err *err);

#endif
