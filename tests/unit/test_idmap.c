/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/kernel/idmap.h"

static void blocks_do_not_overlap(void **state)
{
	(void)state;
	for (unsigned n = 0; n < IDMAP_BLOCK_OF_IMAGES; n++) {
		struct idmap map = idmap_block(n), next = idmap_block(n + 1);
		assert_true(idmap_uid(&map, IDMAP_BLOCK_SIZE - 1) < idmap_uid(&next, 0));
	}
}

static void blocks_stay_in_their_range(void **state)
{
	struct idmap first = idmap_block(0), last = idmap_block(IDMAP_BLOCK_OF_IMAGES);

	(void)state;
	/* systemd's UIDS-GIDS: containers up to 1879048191, foreign images from 2147352576 on. */
	assert_true(idmap_uid(&first, 0) > 1879048191u);
	assert_true(idmap_uid(&last, IDMAP_BLOCK_SIZE - 1) < 2147352576u);
}

static void only_mapped_ids_translate(void **state)
{
	struct idmap map = idmap_block(3);

	(void)state;
	assert_int_equal(idmap_uid(&map, 0), IDMAP_BLOCK_FIRST + 3 * IDMAP_BLOCK_SIZE);
	assert_int_equal(idmap_gid(&map, 5), IDMAP_BLOCK_FIRST + 3 * IDMAP_BLOCK_SIZE + 5);
	assert_int_equal(idmap_uid(&map, IDMAP_BLOCK_SIZE), UINT32_MAX);
	assert_int_equal(idmap_limit(&map), IDMAP_BLOCK_SIZE);
}

static void extents_add_up_without_gaps(void **state)
{
	struct idmap map = {
		.uids = { { 0, 1000, 1 }, { 1, 100000, 10 }, { 20, 200000, 10 } },
		.gids = { { 0, 1000, 1 }, { 1, 100000, 5 } },
		.uid_count = 3,
		.gid_count = 2,
	};

	(void)state;
	assert_int_equal(idmap_limit(&map), 6);
	assert_int_equal(idmap_uid(&map, 0), 1000);
	assert_int_equal(idmap_uid(&map, 10), 100009);
	assert_int_equal(idmap_uid(&map, 11), UINT32_MAX);
	assert_int_equal(idmap_uid(&map, 25), 200005);
}

static void identity_is_identity(void **state)
{
	struct idmap map = idmap_identity();

	(void)state;
	assert_int_equal(idmap_uid(&map, 0), 0);
	assert_int_equal(idmap_uid(&map, 65534), 65534);
	assert_int_equal(idmap_uid(&map, UINT32_MAX), UINT32_MAX);
}

#define BASE (IDMAP_BLOCK_FIRST + 7 * IDMAP_BLOCK_SIZE)

/* What user_namespaces(7) asks of a map: no id twice, on either side. */
static void assert_proper(const struct idmap_extent *extents, unsigned count)
{
	assert_true(count > 0 && count <= IDMAP_EXTENTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		const struct idmap_extent *a = &extents[i];
		assert_true(a->count > 0);
		for (unsigned j = 0; j < i; j++) {
			const struct idmap_extent *b = &extents[j];
			assert_true(
			    a->inside + a->count <= b->inside || b->inside + b->count <= a->inside);
			assert_true(a->outside + a->count <= b->outside ||
				    b->outside + b->count <= a->outside);
		}
	}
}

static void own_ids_of_an_account_are_the_hosts(void **state)
{
	const gid_t groups[] = { 1001, 27, 70001, 4, 27, 2001 };
	struct idmap map;

	(void)state;
	assert_int_equal(idmap_of_account(7, 1001, groups, 6, &map, NULL), 0);
	assert_proper(map.uids, map.uid_count);
	assert_proper(map.gids, map.gid_count);
	assert_int_equal(idmap_uid(&map, 1001), 1001);
	assert_int_equal(idmap_uid(&map, 1000), BASE + 1000);
	assert_int_equal(idmap_uid(&map, 1002), BASE + 1002);
	assert_int_equal(idmap_uid(&map, 65535), BASE + 65535);
	assert_int_equal(idmap_uid(&map, 70001), UINT32_MAX);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(idmap_gid(&map, groups[i]), groups[i]);
	assert_int_equal(idmap_gid(&map, 5), BASE + 5);
	assert_int_equal(idmap_limit(&map), 65536);
	assert_true(map.setgroups);
}

static void root_is_never_the_hosts(void **state)
{
	const gid_t groups[] = { 0, 1001 };
	struct idmap map;

	(void)state;
	assert_int_equal(idmap_of_account(7, 1001, groups, 2, &map, NULL), 0);
	assert_int_equal(idmap_uid(&map, 0), BASE);
	assert_int_equal(idmap_gid(&map, 0), BASE);
	/* Not even where somebody asks for it. */
	assert_int_equal(idmap_of_account(7, 0, groups, 2, &map, NULL), 0);
	assert_int_equal(idmap_uid(&map, 0), BASE);
}

static void an_account_above_the_block(void **state)
{
	const gid_t groups[] = { 4294967294u, 65535, 65536 };
	struct idmap map;

	(void)state;
	assert_int_equal(idmap_of_account(7, 70001, groups, 3, &map, NULL), 0);
	assert_proper(map.gids, map.gid_count);
	assert_int_equal(idmap_uid(&map, 70001), 70001);
	assert_int_equal(idmap_uid(&map, 70000), UINT32_MAX);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(idmap_gid(&map, groups[i]), groups[i]);
}

/* Groups first, first + step, ... */
static int many_groups(unsigned count, gid_t first, gid_t step, struct idmap *ret, struct err *err)
{
	gid_t groups[400];

	for (unsigned i = 0; i < count; i++)
		groups[i] = first + i * step;
	int r = idmap_of_account(7, 1001, groups, count, ret, err);
	for (unsigned i = 0; r == 0 && i < count; i++)
		assert_int_equal(idmap_gid(ret, groups[i]), groups[i]);
	return r;
}

static void many_groups_leave_gaps(void **state)
{
	struct idmap map;
	struct err err = ERR_INIT;

	(void)state;
	/* In a row they are one extent, and nothing is left out. */
	assert_int_equal(many_groups(300, 2000, 1, &map, NULL), 0);
	assert_proper(map.gids, map.gid_count);
	assert_int_equal(idmap_limit(&map), 65536);
	/* Scattered they would be 401: then ids that are nobody's are not mapped. */
	assert_int_equal(many_groups(200, 2000, 7, &map, NULL), 0);
	assert_proper(map.gids, map.gid_count);
	assert_int_equal(idmap_gid(&map, 999), BASE + 999);
	assert_int_equal(idmap_gid(&map, 2001), UINT32_MAX);
	assert_int_equal(idmap_gid(&map, 65534), BASE + 65534);
	assert_int_equal(idmap_gid(&map, 65535), BASE + 65535);
	/* No kernel takes these. */
	assert_int_equal(many_groups(350, 2000, 7, &map, &err), -E2BIG);
	assert_non_null(strstr(err.text, "350 groups"));
	/* Each of them is a line of 24 bytes. */
	assert_int_equal(many_groups(160, 1000000001, 7, &map, NULL), 0);
	assert_int_equal(many_groups(200, 1000000001, 7, &map, NULL), -E2BIG);
}

static void ids_of_other_jails_are_refused(void **state)
{
	const gid_t fine[] = { 1001 }, not_fine[] = { 1001, IDMAP_BLOCK_FIRST };
	struct idmap map;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(idmap_of_account(7, IDMAP_BLOCK_FIRST - 1, fine, 1, &map, NULL), 0);
	assert_int_equal(idmap_of_account(7, IDMAP_BLOCK_FIRST, fine, 1, &map, &err), -ERANGE);
	assert_non_null(strstr(err.text, "user id 1879048192"));
	assert_int_equal(idmap_of_account(7, 1001, not_fine, 2, &map, &err), -ERANGE);
	assert_non_null(strstr(err.text, "group id 1879048192"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(blocks_stay_in_their_range),
		cmocka_unit_test(only_mapped_ids_translate),
		cmocka_unit_test(extents_add_up_without_gaps),
		cmocka_unit_test(identity_is_identity),
		cmocka_unit_test(own_ids_of_an_account_are_the_hosts),
		cmocka_unit_test(root_is_never_the_hosts),
		cmocka_unit_test(an_account_above_the_block),
		cmocka_unit_test(many_groups_leave_gaps),
		cmocka_unit_test(ids_of_other_jails_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
