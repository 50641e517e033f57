/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_SEAL_INTERNAL_H
#define CONTAIN_LAYER_SEAL_INTERNAL_H

#include <limits.h>
#include <sys/stat.h>

#include "lib/layer/seal.h"

/* What is kept during a walk. */
struct seal {
	const struct archive_part *part;
	struct archive_hash *hash;
	enum seal_what what;
	char path[PATH_MAX]; /* of what is looked at, from the tree; "" is the tree itself */
	void *links;	     /* files with several names: seal_links.c */
	uint64_t size, entries;
	char *buffer; /* SEAL_BUFFER bytes */
};

#define SEAL_BUFFER (256 << 10)

/* Record that what is at seal->path is not possible in a layer. Returns -EUCLEAN. */
int seal_refuse(const struct seal *seal, struct err *err, const char *what);

/* Record a failed call about seal->path. Returns -errnum. */
int seal_failed(const struct seal *seal, int errnum, struct err *err);

/* What goes into the digest: each piece with its length before it, so that no two trees can have
 * the same bytes. */
void seal_add(struct seal *seal, const void *data, size_t size);
void seal_add_number(struct seal *seal, uint64_t number);

/* Check and add the extended attributes of the open file or directory. */
int seal_attributes(struct seal *seal, int fd, bool directory, struct err *err);

/* Add the content of a regular file. */
int seal_content(struct seal *seal, int fd, const struct stat *st, struct err *err);

/* A file with several names. Returns 1 if it has been seen, and adds its first name; 0 if this is
 * the first. */
int seal_link(struct seal *seal, const struct stat *st, struct err *err);

/* Whether all names of all such files have been seen. Frees what seal_link() kept. */
int seal_links_end(struct seal *seal, struct err *err);

#endif
