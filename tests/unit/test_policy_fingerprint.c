/* SPDX-License-Identifier: MIT */
/* Whether it is seen that policy files may say something else than before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "tests/unit/policy_tree.h"

static uint64_t settled(const struct tree *tree)
{
	const struct timespec longer_than_files_are_new = { 1, 100000000 };

	nanosleep(&longer_than_files_are_new, NULL);
	return policy_fingerprint(&tree->places, "alice");
}

static void what_has_only_just_changed_is_not_relied_on(void **state)
{
	struct tree tree;
	unsigned unsure = 0;

	(void)state;
	tree_make(&tree);
	/* Where a machine is so busy that a second goes by, once more. */
	for (int i = 0; i < 10 && !unsure; i++) {
		tree_write(&tree, "users/alice.conf", "[jail]\n");
		unsure += policy_fingerprint(&tree.places, "alice") == 0;
	}
	assert_int_equal(unsure, 1);
	uint64_t print = settled(&tree);
	assert_true(print != 0);
	assert_true(policy_fingerprint(&tree.places, "alice") == print);
	tree_remove(&tree);
}

static void it_is_of_this_account(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/alice.conf", "[jail]\n");
	tree_write(&tree, "users/bob.conf", "[jail]\n");
	uint64_t print = settled(&tree);
	assert_true(policy_fingerprint(&tree.places, "bob") != print);
	tree_write(&tree, "users/bob.conf", "[limits]\n");
	assert_true(settled(&tree) == print);
	tree_write(&tree, "users/alice.conf", "[jail]\n");
	assert_true(settled(&tree) != print);
	tree_remove(&tree);
}

static void every_place_is_looked_at(void **state)
{
	static const char *const places[] = { "share/default.conf", "default.conf",
		"groups/lab.conf", "networks/lab.conf", "users/alice.conf" };
	struct tree tree;

	(void)state;
	tree_make(&tree);
	uint64_t print = settled(&tree);
	assert_true(print != 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		tree_write(&tree, places[i], "[jail]\n");
		uint64_t with = settled(&tree);
		assert_true(with != print);
		assert_int_equal(chmod(tree_path(&tree, places[i]), 0640), 0);
		print = settled(&tree);
		assert_true(print != with);
	}
	assert_int_equal(unlink(tree_path(&tree, "groups/lab.conf")), 0);
	assert_true(settled(&tree) != print);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_only_just_changed_is_not_relied_on),
		cmocka_unit_test(it_is_of_this_account),
		cmocka_unit_test(every_place_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
