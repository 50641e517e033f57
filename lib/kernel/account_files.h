/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_ACCOUNT_FILES_H
#define CONTAIN_KERNEL_ACCOUNT_FILES_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * /etc/passwd and /etc/group of an account's jail, in place of those of its root: the account and
 * all of its groups as the host's name service has them, so that a jail needs none, and the root's
 * own accounts. Of a host root only those of the system are kept: other people's names are nothing
 * that the account needs, and their ids mean nobody in the jail.
 *
 * A root that has no such file, and is not to be changed, keeps none. account->group_names must
 * have been asked for. Returns 0 or -errno.
 */
int account_files_mount(const struct rootfs *rootfs, struct err *err);

/*
 * What goes into them: `text` is the root's file, or NULL. The caller frees *ret. Returns 0 or
 * -ENOMEM.
 */
int account_files_passwd(
    const struct account *account, const char *text, bool system_only, char **ret);
int account_files_group(
    const struct account *account, const char *text, bool system_only, char **ret);

#endif
