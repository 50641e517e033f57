/* SPDX-License-Identifier: MIT */
#include "lib/kernel/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/overlay_stack.h"

/*
 * overlayfs takes its layers as paths and, before Linux 6.15, only from mounts that are attached
 * in the caller's mount namespace. So all layers are attached on a small tmpfs at the staging
 * place, and named relative to it: nobody else can see or change that tree.
 */
static int make_workplace(const char *staging, struct err *err)
{
	static const struct mount_option options[] = { { "mode", "0700" }, { "size", "16k" },
		{ NULL, NULL } };
	cleanup_fd int target = open(staging, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int tree =
	    mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);

	if (tree < 0)
		return tree;
	if (target < 0)
		return err_sys(err, errno, "cannot open %s", staging);
	int r = mount_attach(tree, target, err);
	if (r < 0)
		return r;
	if (mkdirat(tree, "layer", 0700) < 0 || mkdirat(tree, "tree", 0700) < 0)
		return err_sys(err, errno, "cannot make the places of the layers");
	return take_fd(&tree);
}

static int attach_below(int workplace, const char *name, int tree, struct err *err)
{
	cleanup_fd int target = openat(workplace, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (target < 0)
		return err_sys(err, errno, "cannot open the place of a layer");
	return mount_attach(tree, target, err);
}

/* A directory that is a lower one already. */
struct known {
	dev_t device;
	ino_t inode;
};

/* Look at a lower tree and, if it is not known, remember it. Returns whether it was, or -errno. */
static int is_known(struct known *known, unsigned count, int lower, struct err *err)
{
	struct stat st;

	if (fstat(lower, &st) < 0)
		return err_sys(err, errno, "cannot look at a layer");
	for (unsigned i = 0; i < count; i++)
		if (known[i].device == st.st_dev && known[i].inode == st.st_ino)
			return 1;
	known[count] = (struct known){ st.st_dev, st.st_ino };
	return 0;
}

static int attach_lower(int workplace, unsigned number, int lower, struct err *err)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", number);
	if (mkdirat(workplace, name, 0700) < 0)
		return err_sys(err, errno, "cannot make the place of a layer");
	return attach_below(workplace, name, lower, err);
}

/*
 * As struct overlay_stack wants them: "0" is the topmost one. overlayfs takes none twice, and
 * images have the same layer several times (an empty one is that of many steps of a build). What it
 * says at its topmost place is what counts, so that the others can be left out. Returns how many
 * there are, or -errno.
 */
static int attach_lowers(const struct overlay *overlay, int workplace, struct err *err)
{
	struct known known[OVERLAY_STACK_MAX] = { { 0, 0 } };
	unsigned count = 0;

	for (unsigned i = overlay->lower_count; i-- > 0;) {
		int r = is_known(known, count, overlay->lowers[i], err);
		if (r == 0)
			r = attach_lower(workplace, count++, overlay->lowers[i], err);
		if (r < 0)
			return r;
	}
	return (int)count;
}

/* The owner that "/" of the lower tree has, as it is to be stored in the layer. */
static uid_t stored(const struct overlay *overlay, uid_t seen, uid_t base)
{
	if (!overlay->directory || overlay->userns < 0)
		return seen;
	return seen >= base ? seen - base : 0;
}

/*
 * upper/ becomes the jail's "/", so it gets the owner and mode that "/" of the topmost tree has. It
 * appears under its name only when it is complete.
 */
static int make_layer_dirs(const struct overlay *overlay, int at, struct err *err)
{
	struct stat root;

	if (faccessat(at, "upper", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (fstat(overlay->lowers[overlay->lower_count - 1], &root) < 0)
		return err_sys(err, errno, "cannot look at the root");
	if ((mkdirat(at, "work", 0700) < 0 && errno != EEXIST) ||
	    (mkdirat(at, "upper.new", 0700) < 0 && errno != EEXIST))
		return err_sys(err, errno, "cannot make upper/ and work/");
	uid_t uid = stored(overlay, root.st_uid, overlay->owner_uid);
	gid_t gid = stored(overlay, root.st_gid, overlay->owner_gid);
	/* EINVAL: an owner that a rootless container has no id for; then it is its root's. */
	if (fchownat(at, "upper.new", uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
	    !(overlay->user_xattrs && errno == EINVAL))
		return err_sys(err, errno, "cannot give upper/ its owner");
	if (fchmodat(at, "upper.new", root.st_mode & 07777, 0) < 0 ||
	    renameat(at, "upper.new", at, "upper") < 0)
		return err_sys(err, errno, "cannot make upper/");
	return 0;
}

static int layer_on_tmpfs(const struct overlay *overlay, struct err *err)
{
	static const struct mount_option options[] = { { "mode", "0700" }, { NULL, NULL } };
	cleanup_fd int tree = mount_new("tmpfs", options, MOUNT_ATTR_NODEV, err);

	if (tree < 0 || make_layer_dirs(overlay, tree, err) < 0)
		return err_prefix(err, "--overlay");
	return take_fd(&tree);
}

/* What is missing in the directory is made before its ids are mapped: the host's root, who makes
 * it, has no id in the map. */
static int layer_in_directory(const struct overlay *overlay, struct err *err)
{
	cleanup_fd int dir = path_open_trusted(overlay->directory, err);

	if (dir < 0)
		return err_prefix(err, "--overlay");
	if (make_layer_dirs(overlay, dir, err) < 0)
		return err_prefix(err, "--overlay: %s", overlay->directory);
	cleanup_fd int tree = mount_clone(dir, "", false, err);
	if (tree < 0 || mount_change(tree, MOUNT_ATTR_NODEV, MOUNT_ATTR_RDONLY, false, err) < 0 ||
	    (overlay->userns >= 0 && mount_idmap(tree, overlay->userns, err) < 0))
		return err_prefix(err, "--overlay: %s", overlay->directory);
	return take_fd(&tree);
}

static int attach_layer(const struct overlay *overlay, int workplace, struct err *err)
{
	cleanup_fd int layer =
	    overlay->directory ? layer_in_directory(overlay, err) : layer_on_tmpfs(overlay, err);

	return layer < 0 ? layer : attach_below(workplace, "layer", layer, err);
}

static int mount_layers(const struct overlay *overlay, unsigned count, struct err *err)
{
	/* A tmpfs needs no syncs. */
	const struct overlay_stack stack = { .count = count,
		.writable = !overlay->readonly,
		.is_volatile = !overlay->readonly && !overlay->directory,
		.user_xattrs = overlay->user_xattrs };

	return overlay_stack_mount(&stack, err);
}

/*
 * overlayfs works in its layers as who mounted it: with these ids, which the map of the layers must
 * have, and with all rights over them. Giving up fsuid 0 takes the effective ones (capabilities(7),
 * "Effect of user ID changes"), and they are taken back.
 */
static int mount_as_owner(const struct overlay *overlay, unsigned count, struct err *err)
{
	if (overlay->userns < 0)
		return mount_layers(overlay, count, err);
	(void)setfsgid(overlay->owner_gid);
	(void)setfsuid(overlay->owner_uid);
	int tree = caps_raise_permitted(err);
	if (tree == 0)
		tree = mount_layers(overlay, count, err);
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
	return tree;
}

static int mount_in(const struct overlay *overlay, unsigned count, int workplace, struct err *err)
{
	cleanup_fd int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fchdir(workplace) < 0)
		return err_sys(err, errno, "cannot enter the place of the layers");
	cleanup_fd int tree = mount_as_owner(overlay, count, err);
	/* Relative volume sources are still to be opened from the caller's directory. */
	if (fchdir(here) < 0)
		return err_sys(err, errno, "cannot return to the working directory");
	return take_fd(&tree);
}

int overlay_mount(const struct overlay *overlay, struct err *err)
{
	if (overlay->lower_count > OVERLAY_STACK_MAX)
		return err_say(err, E2BIG,
		    "it has %u layers: overlayfs of Linux can stack %d at most",
		    overlay->lower_count, OVERLAY_STACK_MAX);
	cleanup_fd int workplace = make_workplace(overlay->staging, err);
	if (workplace < 0)
		return workplace;
	int count = attach_lowers(overlay, workplace, err);
	int r = count < 0 ? count : 0;
	if (r == 0 && !overlay->readonly)
		r = attach_layer(overlay, workplace, err);
	return r < 0 ? r : mount_in(overlay, (unsigned)count, workplace, err);
}
