/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"

/* A tree in a directory of its own, with the ways out of it that people have tried. */
static char top[] = "/tmp/contain-path-XXXXXX";
static int root;

static int same_place(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static int make_tree(void **state)
{
	(void)state;
	if (!mkdtemp(top) || (root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	int fd = openat(root, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	fd_close(fd);
	return fd < 0 || mkdirat(root, "dir", 0755) < 0 || mkdirat(root, "etc", 0755) < 0 ||
	       symlinkat("/etc", root, "absolute") < 0 ||
	       symlinkat("../../../etc", root, "up") < 0 ||
	       symlinkat("/proc/self/fd/0", root, "magic") < 0 ||
	       symlinkat("nowhere", root, "dangling") < 0;
}

static int remove_tree(void **state)
{
	static const char *const files[] = { "file", "absolute", "up", "magic", "dangling",
		"dir/new/file" };
	static const char *const dirs[] = { "dir/new/deep", "dir/new", "etc/new", "dir", "etc" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlinkat(root, files[i], 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)unlinkat(root, dirs[i], AT_REMOVEDIR);
	fd_close(root);
	return rmdir(top);
}

static void links_stay_in_the_root(void **state)
{
	cleanup_fd int inside = openat(root, "etc", O_PATH | O_CLOEXEC);
	cleanup_fd int outside = open("/etc", O_PATH | O_CLOEXEC);
	static const char *const ways[] = { "absolute", "up", "/absolute", "dir/../up",
		"../../../../etc", "/../etc" };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		cleanup_fd int fd = path_open_in_root(root, ways[i], O_PATH);
		assert_true(fd >= 0);
		assert_true(same_place(fd, inside));
		assert_false(same_place(fd, outside));
	}
}

static void descriptors_are_no_way_out(void **state)
{
	cleanup_fd int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[32];

	(void)state;
	snprintf(path, sizeof(path), "fd/%d", root);
	cleanup_fd int control = openat(proc, path, O_PATH | O_CLOEXEC);
	assert_true(control >= 0); /* the kernel itself would follow it */
	assert_int_equal(path_open_in_root(proc, path, O_PATH), -ELOOP);
}

static void strict_takes_no_links(void **state)
{
	(void)state;
	cleanup_fd int plain = path_open_strict(root, "/etc", O_PATH);
	assert_true(plain >= 0);
	assert_int_equal(path_open_strict(root, "absolute", O_PATH), -ELOOP);
	assert_int_equal(path_open_strict(root, "dangling", O_PATH), -ELOOP);
	assert_int_equal(path_open_strict(root, "../etc", O_PATH), -EXDEV);
	assert_int_equal(path_open_strict(root, "missing", O_PATH), -ENOENT);
}

static void directories_are_made_inside(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	cleanup_fd int deep = path_make_dir(root, "/dir/new/deep", &err);
	assert_true(deep >= 0);
	/* Through a link that is absolute: below the root's own etc. */
	cleanup_fd int linked = path_make_dir(root, "/absolute/new", &err);
	assert_true(linked >= 0);
	assert_int_equal(faccessat(root, "etc/new", F_OK, 0), 0);
	assert_int_equal(access("/etc/new", F_OK), -1);
}

static void files_are_made_and_kept(void **state)
{
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	cleanup_fd int made = path_make_file(root, "/dir/new/file", &err);
	assert_true(made >= 0);
	assert_int_equal(fstat(made, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	cleanup_fd int again = path_make_file(root, "/dir/new/file", &err);
	assert_true(same_place(made, again));
}

static void what_is_in_the_way_is_an_error(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(path_make_dir(root, "/file/below", &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/file"));
	assert_true(path_make_dir(root, "/dangling/below", &err) < 0);
	assert_int_equal(faccessat(root, "nowhere", F_OK, 0), -1);
}

static void our_own_links_are_trusted(void **state)
{
	struct err err = ERR_INIT;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/up", top);
	cleanup_fd int fd = path_open_trusted(path, &err);
	assert_true(fd >= 0 || err.code == ENOENT); /* wherever "../../../etc" leads from there */
	snprintf(path, sizeof(path), "%s/dir", top);
	cleanup_fd int plain = path_open_trusted(path, &err);
	assert_true(plain >= 0);
	snprintf(path, sizeof(path), "%s/dangling", top);
	assert_int_equal(path_open_trusted(path, &err), -ENOENT);
	assert_int_equal(path_open_trusted("", &err), -ENOENT);
}

static void links_of_others_are_refused(void **state)
{
	struct err err = ERR_INIT;
	char path[64];

	(void)state;
	if (geteuid() != 0) {
		print_message(
		    "SKIP - links of others: needs root to make a link of another user\n");
		skip();
	}
	snprintf(path, sizeof(path), "%s/absolute", top);
	cleanup_fd int control = path_open_trusted(path, &err);
	assert_true(control >= 0);
	assert_int_equal(lchown(path, 65534, 65534), 0);
	assert_int_equal(path_open_trusted(path, &err), -ELOOP);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(lchown(path, 0, 0), 0);
}

static void endless_links_end(void **state)
{
	struct err err = ERR_INIT;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/loop", top);
	assert_int_equal(symlink("loop", path), 0);
	assert_int_equal(path_open_trusted(path, &err), -ELOOP);
	assert_int_equal(unlink(path), 0);
}

/* Below a directory that everybody can write nothing is guarded, sticky or not. */
static void directories_on_the_way_are_guarded(void **state)
{
	char path[64];
	struct err err = ERR_INIT;

	(void)state;
	cleanup_fd int control = path_open_guarded("/usr/bin", &err);
	assert_true(control >= 0);
	cleanup_fd int itself = path_open_guarded("/tmp", &err);
	assert_true(itself >= 0); /* only what leads there is asked */
	snprintf(path, sizeof(path), "%s/dir", top);
	cleanup_fd int trusted = path_open_trusted(path, &err);
	assert_true(trusted >= 0);
	assert_int_equal(path_open_guarded(path, &err), -EPERM);
	assert_non_null(strstr(err.text, "/tmp can be changed by others than root"));
	assert_int_equal(path_open_guarded("/tmp/../usr/bin", &err), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_stay_in_the_root),
		cmocka_unit_test(descriptors_are_no_way_out),
		cmocka_unit_test(strict_takes_no_links),
		cmocka_unit_test(directories_are_made_inside),
		cmocka_unit_test(files_are_made_and_kept),
		cmocka_unit_test(what_is_in_the_way_is_an_error),
		cmocka_unit_test(our_own_links_are_trusted),
		cmocka_unit_test(links_of_others_are_refused),
		cmocka_unit_test(endless_links_end),
		cmocka_unit_test(directories_on_the_way_are_guarded),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
