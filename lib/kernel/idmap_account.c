/* SPDX-License-Identifier: MIT */
/* The map of an account's jail: a block of ids with the account's own ones let into it. */
#include "lib/kernel/idmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One of the two maps while it is put together. */
struct table {
	struct idmap_extent *extents;
	unsigned count;
	bool full;
};

static bool continues(const struct idmap_extent *last, uint32_t inside, uint32_t outside)
{
	return last->inside + last->count == inside && last->outside + last->count == outside;
}

static void append(struct table *table, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (count == 0)
		return;
	if (table->count && continues(&table->extents[table->count - 1], inside, outside))
		table->extents[table->count - 1].count += count;
	else if (table->count == IDMAP_EXTENTS_MAX)
		table->full = true;
	else
		table->extents[table->count++] = (struct idmap_extent){ inside, outside, count };
}

/* The ids of the block in first..end-1. */
static void append_block(struct table *table, uint32_t base, uint32_t first, uint32_t end)
{
	if (first < end)
		append(table, first, base + first, end - first);
}

#define SYSTEM_IDS 1000u  /* accounts below are the system's, everywhere */
#define NOBODY	   65534u /* and this one: what is not mapped looks as if it were its */

/*
 * The block with the ids in `own` (ascending, each once, none of them 0) mapped to themselves.
 * `sparse` leaves out what lies between system ids and nobody.
 */
static void fill(
    struct table *table, uint32_t base, const uint32_t *own, size_t own_count, bool sparse)
{
	const uint32_t ends[] = { sparse ? SYSTEM_IDS : IDMAP_BLOCK_SIZE, IDMAP_BLOCK_SIZE };
	const uint32_t starts[] = { 0, sparse ? NOBODY : IDMAP_BLOCK_SIZE };
	size_t i = 0;

	for (size_t part = 0; part < 2; part++) {
		uint32_t next = starts[part];
		for (; i < own_count && own[i] < ends[part]; i++) {
			append_block(table, base, next, own[i]);
			append(table, own[i], own[i], 1);
			next = own[i] + 1 > next ? own[i] + 1 : next;
		}
		append_block(table, base, next, ends[part]);
	}
	for (; i < own_count; i++)
		append(table, own[i], own[i], 1);
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sort them and drop what comes twice and 0. Returns how many are left. */
static size_t unique(uint32_t *ids, size_t count)
{
	size_t used = 0;

	qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < count; i++)
		if (ids[i] != 0 && (used == 0 || ids[used - 1] != ids[i]))
			ids[used++] = ids[i];
	return used;
}

static int check_own(const uint32_t *own, size_t count, const char *what, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (own[i] >= IDMAP_BLOCK_FIRST && own[i] - IDMAP_BLOCK_FIRST < IDMAP_IDS)
			return err_say(err, ERANGE,
			    "%s %u is one of those that containers use (%u to %u): it cannot be an "
			    "account's",
			    what, own[i], IDMAP_BLOCK_FIRST, IDMAP_BLOCK_FIRST + IDMAP_IDS - 1);
	return 0;
}

static bool fits(const struct table *table)
{
	char text[IDMAP_TEXT_MAX];

	return !table->full &&
	       idmap_format(table->extents, table->count, text, sizeof(text)) < sizeof(text);
}

static int fill_table(uint32_t base, uint32_t *own, size_t own_count, const char *what,
    struct idmap_extent *extents, unsigned *ret_count, struct err *err)
{
	size_t count = unique(own, own_count);
	int r = check_own(own, count, what, err);

	if (r < 0)
		return r;
	for (int sparse = 0; sparse < 2; sparse++) {
		struct table table = { .extents = extents };
		fill(&table, base, own, count, sparse);
		*ret_count = table.count;
		if (fits(&table))
			return 0;
	}
	return err_say(err, E2BIG,
	    "the account has %zu groups, which are more than a user namespace can map: at most %d "
	    "ranges, in %d bytes of text",
	    count, IDMAP_EXTENTS_MAX, IDMAP_TEXT_MAX - 1);
}

static int map_groups(
    uint32_t base, const gid_t *groups, size_t group_count, struct idmap *ret, struct err *err)
{
	uint32_t *gids = calloc(group_count + 1, sizeof(*gids));

	if (!gids)
		return err_sys(err, ENOMEM, "cannot map the account's groups");
	memcpy(gids, groups, group_count * sizeof(*gids));
	int r = fill_table(base, gids, group_count, "group id", ret->gids, &ret->gid_count, err);
	free(gids);
	return r;
}

int idmap_of_account(unsigned n, uid_t uid, const gid_t *groups, size_t group_count,
    struct idmap *ret, struct err *err)
{
	uint32_t base = IDMAP_BLOCK_FIRST + n * IDMAP_BLOCK_SIZE, own_uid = uid;

	*ret = (struct idmap){ .setgroups = true };
	int r = fill_table(base, &own_uid, 1, "user id", ret->uids, &ret->uid_count, err);
	return r < 0 ? r : map_groups(base, groups, group_count, ret, err);
}
