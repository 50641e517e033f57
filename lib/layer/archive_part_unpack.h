/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_UNPACK_H
#define CONTAIN_LAYER_ARCHIVE_PART_UNPACK_H

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/layer/archive_part.h"

/* What an entry says about what it makes, besides its type and content. */
struct attributes {
	uid_t uid;
	gid_t gid;
	mode_t mode; /* 07777 */
	struct timespec changed;
};

/* A directory, whose own attributes are given at the end: what is made in it would change them. */
struct unpacked_directory {
	char *path; /* from the tree; "" is the tree itself */
	struct attributes attributes;
};

struct unpack {
	const struct archive_unpacking *task;
	struct archive *archive;
	uint64_t entries;
	const char *shown; /* what is being looked for, for messages */
	/* The directory of the entry before: the next one's mostly too. */
	char parent_path[PATH_MAX];
	int parent; /* -1: none yet */
	/* In the order of the archive, the last word about one of them counts. */
	struct unpacked_directory *directories;
	size_t directory_count, directory_room;
};

/* Where an entry goes. */
struct place {
	int parent;	  /* stays the unpack's, until the next entry */
	const char *name; /* in it, one component; NULL: the tree itself */
	char shown[256];  /* its path for messages */
	char path[PATH_MAX];
};

/* Count one more; -E2BIG where that are more than may be. */
int unpack_count(struct unpack *unpack, struct err *err);

/* struct archive_part says what it does. */
int archive_unpack(const struct archive_unpacking *task, struct err *err);

#endif
