/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_MERGE_H
#define CONTAIN_POLICY_MERGE_H

#include "lib/policy/file.h"
#include "lib/policy/load.h"

/* Nothing said yet about the account, which may be NULL. */
void policy_init(struct policy *policy, const struct account *account);

/*
 * Put what a file without problems says over what the policy says already. `path` is the file's,
 * and the next one of those that were read.
 * Returns 0 or -errno; the policy is then good for policy_done() only.
 */
int policy_merge(
    struct policy *policy, const struct policy_file *file, const char *path, struct err *err);

#endif
