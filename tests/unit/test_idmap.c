/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/kernel/idmap.h"

static void blocks_do_not_overlap(void **state)
{
	(void)state;
	for (unsigned n = 0; n + 1 < IDMAP_BLOCKS; n++) {
		struct idmap map = idmap_block(n), next = idmap_block(n + 1);
		assert_true(idmap_uid(&map, IDMAP_BLOCK_SIZE - 1) < idmap_uid(&next, 0));
	}
}

static void blocks_stay_in_their_range(void **state)
{
	struct idmap first = idmap_block(0), last = idmap_block(IDMAP_BLOCKS - 1);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(blocks_stay_in_their_range),
		cmocka_unit_test(only_mapped_ids_translate),
		cmocka_unit_test(extents_add_up_without_gaps),
		cmocka_unit_test(identity_is_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
