/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_LOADER_H
#define CONTAIN_POLICY_LOADER_H

/* What load.c and check.c share. */

#include <limits.h>

#include "lib/policy/file.h"
#include "lib/policy/load.h"
#include "lib/policy/safe_open.h"

/* The file for everybody, in each of the places. */
#define POLICY_DEFAULT_FILE "default.conf"

/* safe_open_file(), or the draft that is to be read in place of the file that `path` calls it. */
int policy_open_file(const struct policy_places *places, int parent, const char *name,
    const char *path, enum safe_owner owner, struct err *err);

/* The file of a group, account or network, "lab.conf". Returns whether one can be called so. */
bool policy_name_file(const char *name, char file[NAME_MAX + 1]);

/* The other way round. Returns whether it is the name of such a file. */
bool policy_file_name(const char *file, char name[NAME_MAX + 1]);

/*
 * Open the directory "groups", "users" or "networks" in the policy directory, whose descriptor is
 * `directory`, or -1 where it is missing. `full` gets its path, *ret the descriptor, or -1 where
 * either is missing.
 */
int policy_open_part(const struct policy_places *places, int directory, const char *name,
    char full[PATH_MAX], int *ret, struct err *err);

/*
 * Read the file of the network `name`; `directory` as for policy_open_part(). `path` gets its path,
 * *ret what it says, which the caller frees with policy_file_done(). Returns 0, -ENOENT where it is
 * missing, or -errno: problems in it are errors.
 */
int policy_read_network(const struct policy_places *places, int directory, const char *name,
    const struct account *account, struct econf *econf, char path[PATH_MAX],
    struct policy_file *ret, struct err *err);

/*
 * Put what it says over what the policy says already, and complete it: spec_complete_network().
 * What was said of another bridge is forgotten. Returns as policy_merge() does.
 */
int policy_merge_network(struct policy *policy, const struct policy_file *file, const char *path,
    const char *name, struct err *err);

/* policy_load_group() with an account for %u and its like. */
int policy_load_group_as(const struct policy_places *places, const char *group,
    const struct account *account, struct policy *ret, struct err *err);

/* If the account is to be jailed at all: spec_check() for a resident jail. */
int policy_check_whole(const struct policy *policy, struct err *err);

#endif
