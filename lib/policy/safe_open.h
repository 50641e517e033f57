/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_SAFE_OPEN_H
#define CONTAIN_POLICY_SAFE_OPEN_H

#include "lib/base/err.h"

/*
 * Files that only root can have written: what is checked is what has been opened, not a name.
 *
 * "Root" is root or the caller's own effective uid. For root both are the same; an ordinary user
 * may check files of their own, which decide nothing.
 */

/* More than any policy needs. */
#define SAFE_FILE_MAX ((size_t)1024 * 1024)

/*
 * Open the directory `path`, which is absolute. Neither it nor anything above it may be somebody
 * else's, writable by others (above it, unless it is sticky as /tmp is) or a symbolic link. Returns
 * a descriptor, -ENOENT where it or something above it is missing, or another -errno; the message
 * names the directory that is to blame.
 */
int safe_open_directory(const char *path, struct err *err);

/* The same for the directory `name` in `parent`; `path` is what messages call it. */
int safe_open_subdirectory(int parent, const char *name, const char *path, struct err *err);

enum safe_owner {
	SAFE_OWNER_ROOT, /* see above; and nobody else may write to it */
	SAFE_OWNER_ANY,	 /* whoever the program belongs to */
};

/*
 * Open the regular file `name` in the directory `parent` (AT_FDCWD: name is a path). Never waits
 * for the other end of a FIFO, follows no symbolic link, becomes nobody's terminal. Returns a
 * descriptor to read from, -ENOENT, or another -errno with a message that `path` begins.
 */
int safe_open_file(
    int parent, const char *name, const char *path, enum safe_owner owner, struct err *err);

#endif
