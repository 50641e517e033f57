/* SPDX-License-Identifier: MIT */
/*
 * Both ways in which layers are stacked, the one for kernels that are older than this one as well:
 * they show the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/kernel/mounts.h"
#include "lib/kernel/overlay_stack.h"

#define PLACE "/mnt"

typedef int way(const struct overlay_stack *stack, struct err *err);

static way *const ways[] = { overlay_stack_mount, overlay_stack_by_options, overlay_stack_by_text };

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void make_file(const char *path, unsigned number)
{
	char text[16];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int length = snprintf(text, sizeof(text), "%u", number);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)length), length);
	close(fd);
}

/* Layer "0" is the topmost; each has a file of its own, and one that all have. */
static void make_layers(unsigned count)
{
	char path[64];

	assert_int_equal(mount("tmpfs", PLACE, "tmpfs", 0, "mode=0700"), 0);
	assert_int_equal(chdir(PLACE), 0);
	assert_int_equal(mkdir("tree", 0700), 0);
	assert_int_equal(mkdir("layer", 0700), 0);
	assert_int_equal(mkdir("layer/upper", 0755), 0);
	assert_int_equal(mkdir("layer/work", 0700), 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%u", i);
		assert_int_equal(mkdir(path, 0755), 0);
		snprintf(path, sizeof(path), "%u/of-%u", i, i);
		make_file(path, i);
		snprintf(path, sizeof(path), "%u/of-all", i);
		make_file(path, i);
	}
}

static void remove_layers(void)
{
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(umount2(PLACE, MNT_DETACH), 0);
}

/* The number in a file, or -errno. */
static int number_in(int tree, const char *path)
{
	char text[16] = "";
	int fd = openat(tree, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return (int)strtol(text, NULL, 10);
}

static int mount_by(way *mount_it, const struct overlay_stack *stack)
{
	struct err err = ERR_INIT;
	int tree = mount_it(stack, &err);

	if (tree == -EINVAL && mount_it == overlay_stack_by_options && stack->count > 1)
		return tree; /* an older kernel */
	if (tree < 0)
		fail_msg("%s", err.text);
	return tree;
}

static void assert_shown(int tree, unsigned count)
{
	char path[64];

	assert_int_equal(number_in(tree, "of-all"), 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "of-%u", i);
		assert_int_equal(number_in(tree, path), i);
	}
}

static void all_are_seen(void **state)
{
	static const unsigned counts[] = { 1, 2, 30, 128, OVERLAY_STACK_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) * WAYS; i++) {
		struct overlay_stack stack = {
			.count = counts[i / WAYS], .writable = true, .is_volatile = true
		};
		make_layers(stack.count);
		int tree = mount_by(ways[i % WAYS], &stack);
		if (tree >= 0) {
			assert_shown(tree, stack.count);
			assert_int_equal(unlinkat(tree, "of-all", 0), 0);
			assert_int_equal(number_in(tree, "of-all"), -ENOENT);
			assert_int_equal(access("0/of-all", F_OK), 0);
			close(tree);
		}
		remove_layers();
	}
}

static void nothing_to_write_to(void **state)
{
	const struct overlay_stack stack = { .count = 2 };

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		make_layers(stack.count);
		int tree = mount_by(ways[i], &stack);
		if (tree >= 0) {
			assert_shown(tree, stack.count);
			assert_int_equal(unlinkat(tree, "of-all", 0), -1);
			assert_int_equal(errno, EROFS);
			close(tree);
		}
		remove_layers();
	}
}

static void what_layers_hide(void **state)
{
	const struct overlay_stack stack = { .count = 3 };

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		make_layers(stack.count);
		assert_int_equal(mknod("1/of-2", S_IFCHR, makedev(0, 0)), 0);
		assert_int_equal(mkdir("2/d", 0755), 0);
		make_file("2/d/below", 2);
		assert_int_equal(mkdir("0/d", 0755), 0);
		make_file("0/d/above", 0);
		assert_int_equal(setxattr("0/d", "trusted.overlay.opaque", "y", 1, 0), 0);
		int tree = mount_by(ways[i], &stack);
		if (tree >= 0) {
			assert_int_equal(number_in(tree, "of-1"), 1);
			assert_int_equal(number_in(tree, "of-2"), -ENOENT);
			assert_int_equal(number_in(tree, "d/above"), 0);
			assert_int_equal(number_in(tree, "d/below"), -ENOENT);
			close(tree);
		}
		remove_layers();
	}
}

/* A directory that says it is another one below: an attribute that a layer must not be believed. */
static void make_redirect(void)
{
	make_layers(2);
	assert_int_equal(mkdir("1/hidden", 0700), 0);
	make_file("1/hidden/file", 1);
	assert_int_equal(mkdir("0/open", 0755), 0);
	assert_int_equal(setxattr("0/open", "trusted.overlay.redirect", "/hidden", 7, 0), 0);
}

static void redirects(void **state)
{
	static const struct mount_option follows[] = { { "lowerdir", "0:1" },
		{ "redirect_dir", "follow" }, { NULL, NULL } };
	const struct overlay_stack stack = { .count = 2 };

	(void)state;
	make_redirect();
	int control = mount_new("overlay", follows, 0, NULL);
	assert_true(control >= 0);
	assert_int_equal(number_in(control, "open/file"), 1);
	close(control);
	for (size_t i = 0; i < WAYS; i++) {
		int tree = mount_by(ways[i], &stack);
		if (tree < 0)
			continue;
		assert_true(number_in(tree, "open/file") < 0);
		assert_int_equal(number_in(tree, "hidden/file"), 1);
		close(tree);
	}
	remove_layers();
}

/* The message is the kernel's, whichever way was tried last. */
static void missing_layers(void **state)
{
	const struct overlay_stack stack = { .count = 3, .writable = true };

	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct err err = ERR_INIT;
		make_layers(2);
		assert_true(ways[i](&stack, &err) < 0);
		assert_non_null(strstr(err.text, "cannot mount overlay"));
		remove_layers();
	}
}

static int set_up(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNS) < 0 || mount_make_private(NULL) < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_seen),
		cmocka_unit_test(nothing_to_write_to),
		cmocka_unit_test(what_layers_hide),
		cmocka_unit_test(redirects),
		cmocka_unit_test(missing_layers),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
