/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include "containctl/draft.h"
#include "tests/unit/policy_tree.h"

static unsigned complaints;

/* The program's own is beside its main(). */
void complain(const char *fmt, ...)
{
	(void)fmt;
	complaints++;
}

/* What somebody else does between the opening of the draft's directory and its locking. */
static void (*meanwhile)(void);

int flock(int fd, int operation)
{
	void (*now)(void) = meanwhile;

	meanwhile = NULL;
	if (now)
		now();
	return (int)syscall(SYS_flock, fd, operation);
}

static struct tree tree;
static char path[PATH_MAX], draft_directory[PATH_MAX];

static int make(void **state)
{
	(void)state;
	complaints = 0;
	tree_make(&tree);
	snprintf(path, sizeof(path), "%s", tree_path(&tree, "users/bob.conf"));
	snprintf(draft_directory, sizeof(draft_directory), "%s",
	    tree_path(&tree, "users/.bob.conf.edit"));
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static void put(const char *file, const char *text)
{
	FILE *out = fopen(file, "we");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void assert_holds(const char *file, const char *text)
{
	char buffer[64] = "";
	FILE *in = fopen(file, "re");

	assert_non_null(in);
	assert_true(fread(buffer, 1, sizeof(buffer) - 1, in) <= sizeof(buffer));
	fclose(in);
	assert_string_equal(buffer, text);
}

static void edited_and_saved(void **state)
{
	struct draft draft = DRAFT_INIT;
	char edited[PATH_MAX], taken[PATH_MAX];
	bool changed = true;

	(void)state;
	assert_int_equal(draft_open(&draft, path, 2, "template\n", NULL), 0);
	draft_edited_path(&draft, edited);
	assert_holds(edited, "template\n");
	assert_int_equal(draft_take(&draft, taken, &changed, NULL), 0);
	assert_false(changed);
	put(edited, "new\n");
	assert_int_equal(draft_take(&draft, taken, &changed, NULL), 0);
	assert_true(changed);
	/* What the editor does after that is not what was looked at. */
	put(edited, "something else\n");
	assert_holds(taken, "new\n");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(draft_save(&draft, NULL), 0);
	draft_close(&draft);
	draft_close(&draft);
	assert_holds(path, "new\n");
	assert_int_equal(access(draft_directory, F_OK), -1);
	assert_int_equal(complaints, 0);

	/* The next one begins with it, and not with the template. */
	assert_int_equal(draft_open(&draft, path, 2, "template\n", NULL), 0);
	assert_holds(edited, "new\n");
	draft_close(&draft);
	assert_holds(path, "new\n");
}

static void one_at_a_time(void **state)
{
	struct draft first = DRAFT_INIT, second = DRAFT_INIT;
	struct err err = ERR_INIT;
	char expected[64];

	(void)state;
	assert_int_equal(draft_open(&first, path, 2, "", NULL), 0);
	assert_int_equal(draft_open(&second, path, 2, "", &err), -EBUSY);
	snprintf(expected, sizeof(expected), "is being edited already, by process %d", getpid());
	assert_non_null(strstr(err.text, expected));
	draft_close(&second);
	assert_int_equal(access(draft_directory, F_OK), 0);
	draft_close(&first);
	assert_int_equal(draft_open(&second, path, 2, "", &err), 0);
	draft_close(&second);
}

/* Without a lock it is what a killed one has left. */
static void left_by_a_killed_one(void **state)
{
	struct draft draft = DRAFT_INIT;
	char file[PATH_MAX + 16];

	(void)state;
	assert_int_equal(mkdir(draft_directory, 0700), 0);
	snprintf(file, sizeof(file), "%s/checked", draft_directory);
	put(file, "left");
	snprintf(file, sizeof(file), "%s/swap", draft_directory);
	put(file, "left");
	assert_int_equal(draft_open(&draft, path, 2, "", NULL), 0);
	assert_int_equal(complaints, 1);
	assert_int_equal(access(file, F_OK), -1);
	draft_close(&draft);
}

static void remove_draft(void)
{
	assert_int_equal(rmdir(draft_directory), 0);
}

static void replace_draft(void)
{
	assert_int_equal(rmdir(draft_directory), 0);
	assert_int_equal(mkdir(draft_directory, 0700), 0);
}

/* Locked, but another one's by then: what is made in it would be nowhere. */
static void removed_before_it_was_locked(void **state)
{
	static void (*const events[])(void) = { remove_draft, replace_draft };
	char edited[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct draft draft = DRAFT_INIT;
		meanwhile = events[i];
		assert_int_equal(draft_open(&draft, path, 2, "mine", NULL), 0);
		assert_null(meanwhile);
		draft_edited_path(&draft, edited);
		assert_holds(edited, "mine");
		draft_close(&draft);
		assert_int_equal(access(draft_directory, F_OK), -1);
	}
}

static void the_mode_is_kept(void **state)
{
	struct draft draft = DRAFT_INIT;
	char taken[PATH_MAX];
	struct stat st;
	bool changed;

	(void)state;
	put(path, "old");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(draft_open(&draft, path, 2, "", NULL), 0);
	assert_int_equal(draft_take(&draft, taken, &changed, NULL), 0);
	assert_int_equal(draft_save(&draft, NULL), 0);
	draft_close(&draft);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void what_cannot_be_edited(void **state)
{
	struct draft draft = DRAFT_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_true(draft_open(&draft, path, 2, "", &err) < 0);
	assert_non_null(strstr(err.text, "is a symbolic link"));
	draft_close(&draft);
	assert_int_equal(unlink(path), 0);
	put(path, "");
	assert_int_equal(chmod(path, 0666), 0);
	assert_true(draft_open(&draft, path, 2, "", &err) < 0);
	assert_non_null(strstr(err.text, "can be written by everybody"));
	draft_close(&draft);
	assert_int_equal(access(draft_directory, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(edited_and_saved, make, destroy),
		cmocka_unit_test_setup_teardown(one_at_a_time, make, destroy),
		cmocka_unit_test_setup_teardown(left_by_a_killed_one, make, destroy),
		cmocka_unit_test_setup_teardown(removed_before_it_was_locked, make, destroy),
		cmocka_unit_test_setup_teardown(the_mode_is_kept, make, destroy),
		cmocka_unit_test_setup_teardown(what_cannot_be_edited, make, destroy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
