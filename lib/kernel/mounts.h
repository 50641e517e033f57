/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_MOUNTS_H
#define CONTAIN_KERNEL_MOUNTS_H

/*
 * Mounts as descriptors: made detached, given their attributes where nobody can see them, and then
 * attached at a directory that is a descriptor too. No step takes a path below the jail's root by
 * name. fsopen(2), open_tree(2), mount_setattr(2), move_mount(2); Linux 5.12 and later.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

/* One fsconfig(2) option; value NULL for a flag. A list ends with a NULL key. */
struct mount_option {
	const char *key, *value;
};

/*
 * A new file system, detached. attributes: MOUNT_ATTR_*. Returns its descriptor or -errno with what
 * the file system itself said (fsopen(2), "Message retrieval interface"), where it said something.
 */
int mount_new(
    const char *type, const struct mount_option *options, uint64_t attributes, struct err *err);

/* A detached copy of the mount at `path` relative to `at`, or of `at` itself for "" (as bind
 * mounts are). at must be in the caller's mount namespace. `recursive` takes what is mounted below
 * along. */
int mount_clone(int at, const char *path, bool recursive, struct err *err);

/* Set and clear MOUNT_ATTR_* on a mount, and on all below it if recursive. */
int mount_change(int tree, uint64_t set, uint64_t clear, bool recursive, struct err *err);

/*
 * Let ids on disk appear through `userns`: id N of the jail is N on disk. Only before the tree is
 * attached. -EOPNOTSUPP where the file system cannot (not all do: mount_setattr(2), Linux 5.12).
 */
int mount_idmap(int tree, int userns, struct err *err);

/* Attach a detached mount on top of `target`, a descriptor in the caller's mount namespace. */
int mount_attach(int tree, int target, struct err *err);

/* Make every mount of this mount namespace private: nothing goes to or comes from the host. */
int mount_make_private(struct err *err);

/* An empty, read-only, detached tmpfs for what is to be hidden. */
int mount_empty(struct err *err);

#endif
