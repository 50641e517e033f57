/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_ROOTFS_H
#define CONTAIN_KERNEL_ROOTFS_H

/*
 * The root file system of a jail, built by the jail's first process in its own, still private,
 *mount namespace. In this order:
 *
 *	rootfs_attach()	  the tree (host, directory, overlay) attached at a staging place
 *	rootfs_*()	  /proc, /dev, /sys, volumes, tmpfs on top of it
 *	rootfs_pivot()	  it becomes "/", the host's tree is gone
 *
 * "Nothing is written to the tree" holds for a host root always, and for a directory unless it is
 * writable and lacks a mount point.
 */

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/kernel/idmap.h"
#include "lib/policy/spec.h"

struct rootfs {
	const struct spec_root *spec;
	const struct idmap *map;
	int userns;    /* maps the ids of a directory root; -1: its ids stay as they are */
	bool rootless; /* no device nodes, overlay through user xattrs */
	bool allow_setuid;
	int host_sys; /* the host's /sys, taken before it is covered; -1 until then */
	int root;     /* the attached tree; -1 until rootfs_attach() */
};

/* Make every mount private, build the tree and attach it: rootfs->root. The caller closes it. */
int rootfs_attach(struct rootfs *rootfs, struct err *err);

/* Whether missing mount points may be made: not in the host's own root, nor in a read-only one. */
bool rootfs_can_grow(const struct rootfs *rootfs);

/*
 * Open, or make where the root can be written and lacks it, the directory of one of the kernel's
 * own file systems ("proc", "dev", "sys"). Anything but a real directory there is refused: a
 * symlink would put the mount somewhere else (CVE-2026-41579). Returns an O_PATH descriptor.
 */
int rootfs_mount_point(const struct rootfs *rootfs, const char *name, struct err *err);

/* What a host root hides or replaces: /tmp, /var/tmp, /run, /root fresh; /home, /mnt, /media empty.
 */
int rootfs_hide_host(const struct rootfs *rootfs, struct err *err);

/* Volumes and tmpfs of the spec, in the order given. */
int rootfs_volumes(const struct rootfs *rootfs, struct err *err);

/* Where the spec says so, and for a host root without overlay, make the root read-only. */
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
