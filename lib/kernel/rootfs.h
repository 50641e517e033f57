/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_ROOTFS_H
#define CONTAIN_KERNEL_ROOTFS_H

/*
 * The root file system of a jail, built by the jail's first process in its own, still private,
 * mount namespace. In this order:
 *
 *	rootfs_attach()	  the tree (host, directory, image, overlay) attached at a staging place
 *	rootfs_*()	  /proc, /dev, /sys, what is hidden, the home, volumes, tmpfs on top of it
 *	rootfs_readonly() nothing is made in it any more
 *	rootfs_pivot()	  it becomes "/", the host's tree is gone
 *
 * "Nothing is written to the tree" holds for a host root always, and for a directory unless it is
 * writable and lacks a mount point.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "lib/policy/spec.h"

/* A tmpfs that we have mounted in the tree, in which mount points can be made. */
struct rootfs_own {
	dev_t device;
	int seal; /* the mount, to be made read-only at the end; -1: it stays writable */
};

/* More than a spec can ask for: SPEC_TMPFS_MAX, SPEC_HIDE_MAX and what a host root hides. */
#define ROOTFS_OWN_MAX 160

struct rootfs {
	const struct spec_root *spec;
	const struct account *account; /* whose jail it is; sources must then be guarded */
	const char *home; /* place of the account's home in the tree, normalised; NULL: none */
	/* ROOT_IMAGE: the directories of its layers, the lowest first, in this mount namespace.
	 * rootfs_attach() puts mounts in their place, so that there are never twice as many
	 * descriptors; they stay the caller's to close. */
	int *layers;
	unsigned layer_count;
	const struct idmap *map;
	int userns;    /* maps the ids of a directory or image; -1: they stay as they are */
	bool rootless; /* no device nodes, overlay through user xattrs */
	bool allow_setuid;
	int host_sys; /* the host's /sys, taken before it is covered; -1 until then */
	int root;     /* the attached tree; -1 until rootfs_attach() */
	struct rootfs_own own[ROOTFS_OWN_MAX];
	unsigned own_count;
};

/* Make every mount private, build the tree and attach it: rootfs->root. The caller closes it. */
int rootfs_attach(struct rootfs *rootfs, struct err *err);

/*
 * Open a path of the host from which something is shown in the jail: path_open_trusted(), and for
 * an account path_open_guarded(). Returns an O_PATH descriptor.
 */
int rootfs_open_source(const struct rootfs *rootfs, const char *path, struct err *err);

/* Whether missing mount points may be made: not in the host's own root or an image, nor in a
 * read-only one, unless an overlay is on top. */
bool rootfs_can_grow(const struct rootfs *rootfs);

/*
 * Open the place `path` in the tree for something to be mounted on: a directory, or a file. It is
 * made where it is missing and the tree can grow, or it would lie in a tmpfs of ours or in a
 * directory that is empty. Returns an O_PATH descriptor.
 */
int rootfs_open_target(struct rootfs *rootfs, const char *path, bool directory, struct err *err);

/*
 * The same for a file, where the tree itself shall not grow: -ENOENT, with a message, where the
 * file is missing and does not lie in a tmpfs of ours.
 */
int rootfs_open_own_target(const struct rootfs *rootfs, const char *path, struct err *err);

/*
 * Attach a tmpfs at `target` and remember that mount points can be made in it. `seal` makes it
 * read-only in rootfs_readonly().
 */
int rootfs_attach_own(struct rootfs *rootfs, int tree, int target, bool seal, struct err *err);

/* Cover `target` with a tmpfs of ours that has room for mount points and nothing else. */
int rootfs_cover(struct rootfs *rootfs, int target, struct err *err);

/* Whether the deepest directory of `path` that exists is in such a tmpfs. */
bool rootfs_is_in_own(const struct rootfs *rootfs, const char *path);

/* A new tmpfs that belongs to the jail's root, detached. size: NULL for the kernel's default. */
int rootfs_new_tmpfs(
    const struct rootfs *rootfs, const char *mode, const char *size, struct err *err);

/*
 * Open, or make where the root can be written and lacks it, the directory of one of the kernel's
 * own file systems ("proc", "dev", "sys"). Anything but a real directory there is refused: a
 * symlink would put the mount somewhere else (CVE-2026-41579). Returns an O_PATH descriptor.
 */
int rootfs_mount_point(const struct rootfs *rootfs, const char *name, struct err *err);

/*
 * What a host root hides or replaces: /tmp, /var/tmp, /run, /root fresh; /home, /mnt, /media empty,
 * and for an account a fresh /var/log. And what the spec hides.
 */
int rootfs_hide(struct rootfs *rootfs, struct err *err);

/* The account's home, at its place, as the spec says where from. A home that does not exist on the
 * host is missing in the jail, too. */
int rootfs_home(struct rootfs *rootfs, struct err *err);

/* Volumes and tmpfs of the spec, in the order given. */
int rootfs_volumes(struct rootfs *rootfs, struct err *err);

/* Where the spec says so, and for a host root or image without overlay, make the root read-only;
 * and what was only open for mount points to be made. */
int rootfs_readonly(const struct rootfs *rootfs, struct err *err);

/* Make the tree "/" and detach the host's. The working directory is "/" afterwards. */
int rootfs_pivot(const struct rootfs *rootfs, struct err *err);

/*
 * Act with the file system ids of the jail's root while something is created in the tree, so that
 * it belongs to it; then rootfs_as_self(). Nothing else changes, and only root of the host needs
 * it.
 */
void rootfs_as_owner(const struct rootfs *rootfs);
void rootfs_as_self(const struct rootfs *rootfs);

#endif
