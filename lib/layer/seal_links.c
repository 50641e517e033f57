/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/layer/seal_internal.h"

struct seen {
	ino_t inode;
	nlink_t names, left; /* all of them; those that have not come yet */
	char first[];
};

static int compare(const void *a, const void *b)
{
	const struct seen *one = a, *other = b;

	return (one->inode > other->inode) - (one->inode < other->inode);
}

static int remember(struct seal *seal, const struct stat *st, struct err *err)
{
	size_t size = strlen(seal->path) + 1;
	struct seen *seen = malloc(sizeof(*seen) + size);

	if (!seen)
		return seal_failed(seal, ENOMEM, err);
	*seen = (struct seen){ st->st_ino, st->st_nlink, st->st_nlink - 1 };
	memcpy(seen->first, seal->path, size);
	if (tsearch(seen, &seal->links, compare))
		return 0;
	free(seen);
	return seal_failed(seal, ENOMEM, err);
}

int seal_link(struct seal *seal, const struct stat *st, struct err *err)
{
	const struct seen key = { .inode = st->st_ino };
	struct seen *const *found = tfind(&key, &seal->links, compare);

	if (!found)
		return remember(seal, st, err);
	if ((*found)->left == 0)
		return seal_refuse(seal, err, "it has more names than the disk says");
	(*found)->left--;
	seal_add(seal, (*found)->first, strlen((*found)->first));
	return 1;
}

int seal_links_end(struct seal *seal, struct err *err)
{
	int r = 0;

	while (seal->links) {
		struct seen *seen = *(struct seen **)seal->links;
		if (seen->left && r == 0) {
			strcpy(seal->path, seen->first); // NOLINT: of a path as long
			r = seal_refuse(seal, err, "it has another name, outside of the layer");
		}
		tdelete(seen, &seal->links, compare);
		free(seen);
	}
	return r;
}
