/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_H
#define CONTAIN_LAYER_ARCHIVE_PART_H

/*
 * The loadable part contain-archive.so: the only code that links libarchive and nettle. What takes
 * data of others apart in it (decompress, unpack) runs in processes that are confined before; the
 * part is loaded before that, since there is nothing to load it from afterwards.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define ARCHIVE_PART_FILE   "contain-archive.so"
#define ARCHIVE_PART_SYMBOL "contain_archive_part"

#define ARCHIVE_HASH_SIZE 32

/* Ids that a layer can have. */
#define ARCHIVE_ID_MAX 65535

struct archive_hash; /* SHA-256 of what was added until now */

struct archive_unpacking {
	int in;			   /* the archive, a pipe; read to its end */
	int tree;		   /* the empty directory that it becomes; O_PATH will do */
	uint64_t entries_max;	   /* of the archive, and of directories made for want of them */
	bool need_end;		   /* refuse an archive without the mark at its end */
	_Atomic uint64_t *entries; /* counts up; NULL: nobody looks */
};

struct archive_part {
	/* NULL without memory. hash_end() writes the sum, if `ret` is not NULL, and frees it. */
	struct archive_hash *(*hash_new)(void);
	void (*hash_add)(struct archive_hash *hash, const void *data, size_t size);
	void (*hash_end)(struct archive_hash *hash, uint8_t ret[ARCHIVE_HASH_SIZE]);

	/*
	 * To be called before the process is confined: what the C library loads from files. The
	 * locale is C from then on in this process, so that names are bytes.
	 */
	int (*prepare)(struct err *err);

	/*
	 * Write what `in` is, decompressed, to `out`: gzip (any number of members), zstd or as it
	 * is. Reads `in` to its end. Returns 0 or -errno with what is wrong.
	 */
	int (*decompress)(int in, int out, struct err *err);

	/*
	 * Unpack a tar archive as a layer (layer.h). The umask is to be 0, the file system ids 0.
	 * Whiteouts become character devices 0:0; a directory that hides what is below it in lower
	 * layers gets the attribute ARCHIVE_OPAQUE, since only the host's root can set the one that
	 * overlayfs looks at. Returns 0 or -errno with the entry's name in front.
	 */
	int (*unpack)(const struct archive_unpacking *task, struct err *err);
};

#define ARCHIVE_OPAQUE "user.overlay.opaque" /* "y" */

extern const struct archive_part contain_archive_part;

#endif
