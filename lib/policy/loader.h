/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_LOADER_H
#define CONTAIN_POLICY_LOADER_H

/* What load.c and check.c share. */

#include <limits.h>

#include "lib/policy/load.h"
#include "lib/policy/safe_open.h"

/* The file for everybody, in each of the places. */
#define POLICY_DEFAULT_FILE "default.conf"

/* safe_open_file(), or the draft that is to be read in place of the file that `path` calls it. */
int policy_open_file(const struct policy_places *places, int parent, const char *name,
    const char *path, enum safe_owner owner, struct err *err);

/* The file of a group or account, "lab.conf". Returns whether one can be called so. */
bool policy_name_file(const char *name, char file[NAME_MAX + 1]);

/* The other way round. Returns whether it is the name of such a file. */
bool policy_file_name(const char *file, char name[NAME_MAX + 1]);

/*
 * Open the directory "groups" or "users" in the policy directory `directory`, or its parent's
 * descriptor -1: `full` gets its path, *ret the descriptor or -1 where it is missing.
 */
int policy_open_part(const struct policy_places *places, int directory, const char *name,
    char full[PATH_MAX], int *ret, struct err *err);

/* policy_load_group() with an account for %u and its like. */
int policy_load_group_as(const struct policy_places *places, const char *group,
    const struct account *account, struct policy *ret, struct err *err);

/* If the account is to be jailed at all: spec_check() for a resident jail. */
int policy_check_whole(const struct policy *policy, struct err *err);

#endif
