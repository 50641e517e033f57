/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_CONFINE_H
#define CONTAIN_LAYER_CONFINE_H

/*
 * Processes that take other people's data apart. Such a process is a child (child.h), which loads
 * what it needs, confines itself, and only then reads a byte:
 *
 *	confine_prepare(data_dir, libexec_dir, err);	in the parent
 *	child_start(...);
 *		part_load(...);				in the child
 *		confine_to_pipes(err);
 *		parse(0, 1, err);
 *
 * What it has then: its memory, its standard error if that is /dev/null, and the pipes that were
 * open, so that a struct err can still come back through the one of child.h. Pipes that it has no
 * business with are the caller's to close before. What it has not: ids of anybody on the host,
 * files, a directory that could be looked into, a network, other processes, new programs,
 * capabilities. It dies with its parent.
 *
 * What comes back from it is not to be believed, the error's text included: confine_clean_error().
 */

#include "lib/base/err.h"

/*
 * Get what confining takes: filters, of seccomp/image.json in data_dir, and namespaces. They are
 * kept for the life of the process and its children, so that only the first call costs something.
 * Forks. Root only. Returns 0 or -errno.
 */
int confine_prepare(const char *data_dir, const char *libexec_dir, struct err *err);

/*
 * Confine the calling process to its pipes, after confine_prepare(). Single-threaded callers only;
 * it must be a child, since after an error it is half confined and is to end. Returns 0 or -errno.
 */
int confine_to_pipes(struct err *err);

/*
 * The same, and besides it the directory *tree, which becomes another descriptor of it (O_PATH):
 * through that, the files of user N on the disk are those of N, from 0 to 65535, for the process,
 * which is user 0 there and may give files any owner, mode and file capabilities. -EOPNOTSUPP
 * where the file system cannot map ids.
 */
int confine_to_tree(int *tree, struct err *err);

/* Leave nothing in the text of an error from a confined process that a terminal would act upon. */
void confine_clean_error(struct err *err);

#endif
