/* SPDX-License-Identifier: MIT */
#include "lib/kernel/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/host_mounts.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/overlay.h"
#include "lib/kernel/overlay_stack.h"

/*
 * Where the tree is attached until it becomes "/": a directory that every Linux system has, whose
 * content the jail does not need. Only this mount namespace sees what is mounted there.
 */
#define STAGING "/sys"

void rootfs_as_owner(const struct rootfs *rootfs)
{
	if (rootfs->rootless)
		return;
	(void)setfsgid(idmap_gid(rootfs->map, 0));
	(void)setfsuid(idmap_uid(rootfs->map, 0));
}

void rootfs_as_self(const struct rootfs *rootfs)
{
	if (rootfs->rootless)
		return;
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
}

bool rootfs_can_grow(const struct rootfs *rootfs)
{
	if (spec_overlay(rootfs->spec) != OVERLAY_NONE)
		return true;
	return rootfs->spec->source == ROOT_DIRECTORY && !rootfs->spec->readonly;
}

static int set_root_attributes(const struct rootfs *rootfs, int tree, struct err *err)
{
	bool bare = spec_overlay(rootfs->spec) == OVERLAY_NONE;
	bool carried = bare && rootfs->rootless && rootfs->spec->source == ROOT_HOST;
	uint64_t attributes = MOUNT_ATTR_NODEV | (rootfs->allow_setuid ? 0u : MOUNT_ATTR_NOSUID);

	if (carried || (bare && rootfs->spec->source == ROOT_IMAGE))
		attributes |= MOUNT_ATTR_RDONLY;
	return mount_change(tree, attributes, 0, carried, err);
}

int rootfs_open_source(const struct rootfs *rootfs, const char *path, struct err *err)
{
	return rootfs->account ? path_open_guarded(path, err) : path_open_trusted(path, err);
}

/* The directory that was named, as a detached mount with the jail's ids. */
static int directory_tree(const struct rootfs *rootfs, struct err *err)
{
	struct stat st;
	cleanup_fd int dir = rootfs_open_source(rootfs, rootfs->spec->path, err);

	if (dir < 0)
		return err_prefix(err, "--rootfs");
	if (fstat(dir, &st) < 0)
		return err_sys(err, errno, "--rootfs: %s", rootfs->spec->path);
	if (!S_ISDIR(st.st_mode))
		return err_say(err, ENOTDIR, "--rootfs: %s is not a directory", rootfs->spec->path);
	if (rootfs->account && (st.st_uid != 0 || (st.st_mode & 022)))
		return err_say(err, EPERM,
		    "--rootfs: %s can be changed by others than root: it must belong to root and "
		    "be "
		    "writable by nobody else (chown root, chmod go-w)",
		    rootfs->spec->path);
	cleanup_fd int tree = mount_clone(dir, "", false, err);
	if (tree < 0)
		return err_prefix(err, "--rootfs: %s", rootfs->spec->path);
	if (rootfs->userns >= 0 && mount_idmap(tree, rootfs->userns, err) < 0)
		return err_prefix(
		    err, "--rootfs: %s cannot be used with --userns private", rootfs->spec->path);
	return take_fd(&tree);
}

static int lower_tree(const struct rootfs *rootfs, struct err *err)
{
	/* Without privileges the mounts below are locked to it and come along: mount_namespaces(7).
	 */
	if (rootfs->spec->source == ROOT_HOST)
		return mount_clone(AT_FDCWD, "/", rootfs->rootless, err);
	return directory_tree(rootfs, err);
}

static int attach_at_staging(int tree, struct err *err)
{
	cleanup_fd int staging = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (staging < 0)
		return err_sys(err, errno, "cannot open %s", STAGING);
	return mount_attach(tree, staging, err);
}

/* The directory of a layer becomes a detached mount with the jail's ids. */
static int take_layer(const struct rootfs *rootfs, int *layer, struct err *err)
{
	cleanup_fd int tree = mount_clone(*layer, "", false, err);

	if (tree < 0)
		return err_prefix(err, "--rootfs: a layer of %s", rootfs->spec->image);
	if (rootfs->userns >= 0 && mount_idmap(tree, rootfs->userns, err) < 0)
		return err_prefix(
		    err, "--rootfs: an image cannot be used with --userns private here");
	fd_close(*layer);
	*layer = take_fd(&tree);
	return 0;
}

static int overlay_tree(
    const struct rootfs *rootfs, const int *lowers, unsigned count, struct err *err)
{
	enum overlay_mode mode = spec_overlay(rootfs->spec);
	const struct overlay overlay = { .lowers = lowers,
		.lower_count = count,
		.readonly = mode == OVERLAY_NONE,
		.directory = mode == OVERLAY_DIRECTORY ? rootfs->spec->overlay_path : NULL,
		.userns = rootfs->userns,
		.owner_uid = rootfs->rootless ? 0 : idmap_uid(rootfs->map, 0),
		.owner_gid = rootfs->rootless ? 0 : idmap_gid(rootfs->map, 0),
		.user_xattrs = rootfs->rootless,
		.staging = STAGING };

	return overlay_mount(&overlay, err);
}

/*
 * Images need not have the directories that we mount on, and where nothing is written to it, none
 * can be made: so they are there below the image, in a layer of ours. That is also the second one
 * that overlayfs wants.
 */
static int make_places(const struct rootfs *rootfs, struct err *err)
{
	static const char *const names[] = { "proc", "dev", "sys" };
	cleanup_fd int tree = rootfs_new_tmpfs(rootfs, "0755", "16k", err);
	int r = 0;

	rootfs_as_owner(rootfs);
	for (size_t i = 0; tree >= 0 && i < sizeof(names) / sizeof(names[0]); i++)
		if (mkdirat(tree, names[i], 0755) < 0)
			r = err_sys(err, errno, "cannot make the place of /%s", names[i]);
	rootfs_as_self(rootfs);
	return r < 0 ? r : take_fd(&tree);
}

static int bare_image_tree(const struct rootfs *rootfs, struct err *err)
{
	int lowers[OVERLAY_STACK_MAX];

	if (rootfs->layer_count >= OVERLAY_STACK_MAX)
		return err_say(err, E2BIG, "--overlay: none is for images of less than %d layers",
		    OVERLAY_STACK_MAX);
	cleanup_fd int places = make_places(rootfs, err);
	if (places < 0)
		return places;
	lowers[0] = places;
	memcpy(lowers + 1, rootfs->layers, rootfs->layer_count * sizeof(*lowers));
	return overlay_tree(rootfs, lowers, rootfs->layer_count + 1, err);
}

static int image_tree(const struct rootfs *rootfs, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < rootfs->layer_count; i++)
		r = take_layer(rootfs, &rootfs->layers[i], err);
	if (r < 0)
		return r;
	if (spec_overlay(rootfs->spec) == OVERLAY_NONE)
		return bare_image_tree(rootfs, err);
	return overlay_tree(rootfs, rootfs->layers, rootfs->layer_count, err);
}

/* The tree that the jail will have as "/", detached. */
static int whole_tree(const struct rootfs *rootfs, struct err *err)
{
	if (rootfs->spec->source == ROOT_IMAGE)
		return image_tree(rootfs, err);
	cleanup_fd int lower = lower_tree(rootfs, err);
	if (lower < 0)
		return lower;
	if (spec_overlay(rootfs->spec) == OVERLAY_NONE)
		return take_fd(&lower);
	return overlay_tree(rootfs, &lower, 1, err);
}

int rootfs_attach(struct rootfs *rootfs, struct err *err)
{
	int r = mount_make_private(err);

	if (r < 0)
		return r;
	rootfs->host_sys = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int tree = whole_tree(rootfs, err);
	if (tree < 0)
		return tree;
	r = set_root_attributes(rootfs, tree, err);
	if (r == 0)
		r = attach_at_staging(tree, err);
	if (r == 0 && rootfs->spec->source == ROOT_HOST && !rootfs->rootless)
		r = host_mounts_carry(tree, err);
	if (r < 0)
		return r;
	rootfs->root = take_fd(&tree);
	return 0;
}

int rootfs_mount_point(const struct rootfs *rootfs, const char *name, struct err *err)
{
	int fd = path_open_strict(rootfs->root, name, O_PATH | O_DIRECTORY);

	if (fd == -ENOENT && rootfs_can_grow(rootfs)) {
		rootfs_as_owner(rootfs);
		int r = mkdirat(rootfs->root, name, 0755) < 0 ? -errno : 0;
		rootfs_as_self(rootfs);
		if (r < 0)
			return err_sys(
			    err, -r, "the root has no directory /%s and it cannot be made", name);
		fd = path_open_strict(rootfs->root, name, O_PATH | O_DIRECTORY);
	}
	if (fd == -ELOOP || fd == -ENOTDIR)
		return err_say(
		    err, -fd, "/%s in the root is not a directory, and it must be one", name);
	return fd >= 0 ? fd : err_sys(err, -fd, "the root has no usable directory /%s", name);
}

int rootfs_readonly(const struct rootfs *rootfs, struct err *err)
{
	bool others =
	    rootfs->spec->source != ROOT_DIRECTORY && spec_overlay(rootfs->spec) == OVERLAY_NONE;

	for (unsigned i = 0; i < rootfs->own_count; i++) {
		if (rootfs->own[i].seal < 0)
			continue;
		int r = mount_change(rootfs->own[i].seal, MOUNT_ATTR_RDONLY, 0, false, err);
		if (r < 0)
			return r;
	}
	if (!rootfs->spec->readonly && !others)
		return 0;
	return mount_change(rootfs->root, MOUNT_ATTR_RDONLY, 0, false, err);
}

int rootfs_pivot(const struct rootfs *rootfs, struct err *err)
{
	/* "." for both: the old root ends up on top of the new one, from where it is detached
	 * (pivot_root(2), "pivot_root(".", ".")"). No directory for it is needed in the tree. */
	if (fchdir(rootfs->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return err_sys(err, errno, "cannot pivot into the root");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys(err, errno, "cannot detach the host's root");
	if (chdir("/") < 0)
		return err_sys(err, errno, "cannot enter the root");
	return 0;
}
