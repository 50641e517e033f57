/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_POLICY_TREE_H
#define TESTS_UNIT_POLICY_TREE_H

/*
 * A policy directory that a test makes, with the vendor's beside it. It works for an ordinary user
 * too: what is checked then is that the files are the user's own. Include it behind <cmocka.h>.
 */

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/policy/load.h"

struct tree {
	char root[64];
	char directory[96], vendor[96];
	char parts[PATH_MAX]; /* where the build's contain-policy.so is */
	struct policy_places places;
};

static inline void tree_make(struct tree *tree)
{
	const char *scratch = getenv("SCRATCH");

	snprintf(tree->root, sizeof(tree->root), "%s/tree-XXXXXX", scratch ?: "/tmp");
	assert_non_null(mkdtemp(tree->root));
	snprintf(tree->directory, sizeof(tree->directory), "%s/etc", tree->root);
	snprintf(tree->vendor, sizeof(tree->vendor), "%s/share", tree->root);
	assert_int_equal(mkdir(tree->directory, 0700), 0);
	assert_int_equal(mkdir(tree->vendor, 0700), 0);
	ssize_t length = readlink("/proc/self/exe", tree->parts, sizeof(tree->parts) - 1);
	assert_true(length > 0);
	tree->parts[length] = '\0';
	*strrchr(tree->parts, '/') = '\0';
	*strrchr(tree->parts, '/') = '\0';
	tree->places = (struct policy_places){
		.directory = tree->directory, .vendor = tree->vendor, .libexec_dir = tree->parts
	};
}

/* The path of a file in it, "users/bob.conf", whose directory is made. */
static inline const char *tree_path(const struct tree *tree, const char *name)
{
	static char path[PATH_MAX];
	const char *base = strncmp(name, "share/", 6) == 0 ? tree->root : tree->directory;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	(void)mkdir(path, 0700);
	*slash = '/';
	return path;
}

static inline void tree_write_bytes(
    const struct tree *tree, const char *name, const void *bytes, size_t length)
{
	int fd = open(tree_path(tree, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

static inline void tree_write(const struct tree *tree, const char *name, const char *text)
{
	tree_write_bytes(tree, name, text, strlen(text));
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void tree_remove(const struct tree *tree)
{
	assert_int_equal(nftw(tree->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The message without the names of the tree's directories. */
static inline const char *tree_shorten(const struct tree *tree, const char *message)
{
	static char text[sizeof(((struct err *)NULL)->text)];
	size_t used = 0;

	for (; *message && used < sizeof(text) - 1; message++) {
		size_t length = strlen(tree->directory);
		if (strncmp(message, tree->directory, length) == 0)
			message += length + (message[length] == '/');
		else if (strncmp(message, tree->root, strlen(tree->root)) == 0)
			message += strlen(tree->root) + 1;
		if (!*message)
			break;
		text[used++] = *message;
	}
	text[used] = '\0';
	return text;
}

#endif
