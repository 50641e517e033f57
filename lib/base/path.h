/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_PATH_H
#define CONTAIN_BASE_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

/*
 * Paths below a tree that somebody else can write. They are resolved by the kernel, in one call
 * that cannot leave the tree (openat2(2), Linux 5.6), and used by descriptor from then on: a path
 * that is checked and then used again by name is a race (CVE-2021-30465, CVE-2025-6020).
 */

/*
 * Open path as a process whose root is the directory `root` would: absolute symlinks and ".." stay
 * inside, magic links such as /proc/self/fd/N are refused (RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS).
 * flags as for open(2); O_CLOEXEC is added. Returns a descriptor that the caller closes, or -errno.
 */
int path_open_in_root(int root, const char *path, int flags);

/*
 * As path_open_in_root(), but no component may be a symlink and the result stays beneath root
 * (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). For the places that must be what they seem to be: /proc,
 * /dev and /sys of a root. A leading "/" is taken off. -ELOOP tells of a symlink.
 */
int path_open_strict(int root, const char *path, int flags);

/*
 * Open the directory `path` in root as path_open_in_root() does and create the missing part of it,
 * mode 0755, owned by the caller's file system ids. Returns an O_PATH descriptor or -errno with
 * a message.
 */
int path_make_dir(int root, const char *path, struct err *err);

/*
 * As path_make_dir() for an empty regular file, mode 0644, in a directory that is made if missing.
 * Whatever is there already is taken as it is. Returns an O_PATH descriptor or -errno.
 */
int path_make_file(int root, const char *path, struct err *err);

/* As path_open_strict(), and what is mounted there is not entered (RESOLVE_NO_XDEV): -EXDEV. */
int path_open_unmounted(int root, const char *path, int flags);

/*
 * Open a host path that an administrator named: every symlink that is followed must be owned by
 * root or by the caller's own uid and lie in a directory that no other user can write, so that
 * nobody else chooses what is opened (CVE-2024-1753). Returns an O_PATH descriptor or
 * -errno; -ELOOP names the symlink that was refused.
 */
int path_open_trusted(const char *path, struct err *err);

/*
 * As path_open_trusted(), and every directory on the way must belong to root or the caller's own
 * uid and be writable by nobody else, sticky or not. That is not asked of what the path leads to
 * itself. -EPERM names the directory.
 */
int path_open_guarded(const char *path, struct err *err);

/* Whether a directory (O_PATH will do) can be read and has nothing in it. */
bool path_is_empty(int directory);

#endif
