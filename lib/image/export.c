/* SPDX-License-Identifier: MIT */
#include "lib/image/export.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/overlay.h"

#define CP	  "/usr/bin/cp"
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define STAGING	  "/sys" /* a directory that every system has, and nobody looks at meanwhile */

/* Where it goes: a name in a directory. */
struct place {
	int parent;
	char name[NAME_MAX + 1], partial[NAME_MAX + 1];
};

struct copying {
	const struct image *image;
	int target, complaints;
};

/* ---------------------------------------------------------------------------- in the child process
 */

/* The kernel copies no mounts of another mount namespace, so that all is opened in this one. An
 * empty one below a single layer, so that what hides something is not taken for a file. Returns how
 * many there are. */
static int clone_layers(const struct image *image, int *lowers, struct err *err)
{
	struct store store = STORE_INIT;
	int r = store_open(STORE_DIRECTORY, false, &store, err), count = 0;

	if (r == 0 && image->layer_count == 1) {
		lowers[count++] = mount_empty(err);
		r = lowers[0] < 0 ? lowers[0] : 0;
	}
	for (unsigned i = 0; r == 0 && i < image->layer_count; i++) {
		cleanup_fd int tree = store_open_layer(&store, &image->layers[i], err);
		int lower = tree < 0 ? tree : mount_clone(tree, "", false, err);
		r = lower < 0 ? lower : 0;
		lowers[count++] = lower;
	}
	store_close(&store);
	return r < 0 ? r : count;
}

static int show(const struct image *image, struct err *err)
{
	int lowers[IMAGE_LAYERS_MAX + 1];
	struct overlay overlay = {
		.lowers = lowers, .readonly = true, .userns = -1, .staging = STAGING
	};

	int r = clone_layers(image, lowers, err);
	overlay.lower_count = r < 0 ? 0 : (unsigned)r;
	cleanup_fd int tree = r < 0 ? r : overlay_mount(&overlay, err);
	cleanup_fd int staging = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0 || staging < 0)
		return tree < 0 ? tree : err_sys(err, errno, "cannot open " STAGING);
	r = mount_attach(tree, staging, err);
	return r == 0 && fchdir(tree) < 0 ? err_sys(err, errno, "cannot enter the image") : r;
}

static int copy(void *argument, struct err *err)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		NULL };
	const struct copying *copying = argument;
	char target[32];
	char *const argv[] = { "cp", "--archive", "--no-target-directory", "--", ".", target,
		NULL };

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, errno, "cannot make a mount namespace");
	int r = mount_make_private(err);
	if (r == 0)
		r = show(copying->image, err);
	if (r < 0)
		return r;
	int fd = dup(copying->target);
	snprintf(target, sizeof(target), "/proc/self/fd/%d/.", fd);
	if (fd < 0 || dup2(copying->complaints, 2) < 0)
		return err_sys(err, errno, "cannot prepare to run " CP);
	execve(CP, argv, environment);
	return err_sys(err, errno, "cannot run " CP);
}

/* ------------------------------------------------------------------------------------- the caller
 */

static int find_place(const char *path, struct place *ret, struct err *err)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return err_sys(err, ENAMETOOLONG, "%.64s...", path);
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	char *slash = strrchr(copy, '/');
	const char *name = slash ? slash + 1 : copy;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_say(
		    err, EINVAL, "%s: the name of a directory is missing at the end", path);
	if (snprintf(ret->name, sizeof(ret->name), "%s", name) > NAME_MAX ||
	    snprintf(ret->partial, sizeof(ret->partial), ".%s.partial", name) > NAME_MAX)
		return err_sys(err, ENAMETOOLONG, "%s", path);
	if (slash)
		*slash = '\0';
	/* Nobody else chooses where it goes. */
	ret->parent = path_open_trusted(!slash ? "." : *copy ? copy : "/", err);
	return ret->parent < 0 ? err_prefix(err, "cannot export to %s", path) : 0;
}

static int check_free(const struct place *place, const char *path, struct err *err)
{
	cleanup_fd int there = openat(place->parent, place->name, DIRECTORY);

	if (there < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "%s", path);
	/* rename(2) refuses that in any case; this only says it sooner. */
	return path_is_empty(there) ? 0 : err_sys(err, ENOTEMPTY, "%s", path);
}

/* Whoever can write the parent can put anything into the place of what is made there; but nothing
 * that is root's, that nobody else can enter, and that they could change later. */
static bool is_ours(int fd, mode_t refused)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & refused);
}

/* What somebody has left who was killed. Whoever is at work on it holds a lock on it. */
static int remove_partial(const struct place *place, struct err *err)
{
	cleanup_fd int old = openat(place->parent, place->partial, DIRECTORY);

	if (old < 0 && errno == ENOENT)
		return 0;
	/* It has the mode of the image's "/" when it is nearly complete. */
	if (old < 0 || !is_ours(old, 0))
		return err_say(err, EEXIST,
		    "%s is needed while %s is made, and is somebody else's: remove it",
		    place->partial, place->name);
	if (flock(old, LOCK_EX | LOCK_NB) < 0)
		return err_say(
		    err, EBUSY, "somebody else exports to %s at the same time", place->name);
	return store_remove_tree(place->parent, place->partial, err);
}

static int make_partial(const struct place *place, struct err *err)
{
	int r = remove_partial(place, err);

	if (r < 0)
		return r;
	if (mkdirat(place->parent, place->partial, 0700) < 0)
		return err_sys(err, errno, "cannot make %s", place->partial);
	cleanup_fd int fd = openat(place->parent, place->partial, DIRECTORY);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_sys(err, errno, "cannot use %s", place->partial);
	if (!is_ours(fd, 077) || !path_is_empty(fd))
		return err_say(err, EPERM,
		    "somebody changes %s meanwhile: export to a directory below one that only root "
		    "can write",
		    place->partial);
	return take_fd(&fd);
}

static int run_copy(const struct image *image, int target, struct err *err)
{
	struct child child = CHILD_INIT;
	int complaints[2];

	if (pipe2(complaints, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int complaints_read = complaints[0];
	struct copying copying = { image, target, complaints[1] };
	int r = child_start(&child, copy, &copying, err);
	fd_close(complaints[1]);
	if (r == 0)
		r = child_wait(&child, err);
	return r < 0 ? child_explain(CP, complaints_read, r, err) : 0;
}

static int export_to(
    const struct place *place, const struct image *image, const char *path, struct err *err)
{
	cleanup_fd int target = make_partial(place, err);
	int r = target < 0 ? target : run_copy(image, target, err);

	if (r == 0 && syncfs(target) < 0)
		r = err_sys(err, errno, "cannot write %s to the disk", path);
	if (r == 0 && renameat(place->parent, place->partial, place->parent, place->name) < 0)
		r = err_sys(err, errno, "%s", path);
	if (r < 0 && target >= 0)
		(void)store_remove_tree(place->parent, place->partial, NULL);
	return r;
}

int image_export(const struct image *image, const char *path, struct err *err)
{
	struct place place = { .parent = -1 };
	int r = find_place(path, &place, err);

	if (r == 0)
		r = check_free(&place, path, err);
	if (r == 0)
		r = export_to(&place, image, path, err);
	fd_close(place.parent);
	return r;
}
