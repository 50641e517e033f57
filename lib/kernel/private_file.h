/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PRIVATE_FILE_H
#define CONTAIN_KERNEL_PRIVATE_FILE_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * A file of the jail's own in the place of one of its root: in memory, without a name, mounted on
 * top. So the root, which others may share, is not changed. It belongs to the jail's root, mode
 * 0644. After devices_mount(), whose tmpfs holds the data.
 */

/* Make the file. Returns a descriptor, open for writing, that private_file_attach() takes. */
int private_file_new(const struct rootfs *rootfs, struct err *err);

/*
 * Put it on `path`, read-only for everybody or writable for its owner. Returns 0, or -ENOENT where
 * the root does not have that place and it cannot be made without changing the root.
 */
int private_file_attach(
    const struct rootfs *rootfs, int file, const char *path, bool writable, struct err *err);

/*
 * All of that: a file with this text on `path`, read-only for everybody. A root that does not have
 * that place keeps none. Returns 0 or -errno.
 */
int private_file_put(
    const struct rootfs *rootfs, const char *text, const char *path, struct err *err);

#endif
