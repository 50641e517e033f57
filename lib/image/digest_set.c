/* SPDX-License-Identifier: MIT */
#include "lib/image/digest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int digest_set_add(struct digest_set *set, const struct digest *digest, struct err *err)
{
	/* Room is doubled when it is full: at 0, 1, 2, 4, ... */
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? 2 * set->count : 1;
		struct digest *larger = reallocarray(set->items, room, sizeof(*larger));
		if (!larger)
			return err_sys(err, ENOMEM, "cannot keep a digest");
		set->items = larger;
	}
	set->items[set->count++] = *digest;
	set->sorted = false;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct digest *)a)->text, ((const struct digest *)b)->text);
}

bool digest_set_has(struct digest_set *set, const struct digest *digest)
{
	if (!set->count)
		return false;
	if (!set->sorted)
		qsort(set->items, set->count, sizeof(*set->items), compare);
	set->sorted = true;
	return bsearch(digest, set->items, set->count, sizeof(*set->items), compare) != NULL;
}

void digest_set_done(struct digest_set *set)
{
	free(set->items);
	*set = (struct digest_set){ .items = NULL };
}
