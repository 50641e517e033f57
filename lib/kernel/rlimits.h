/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_RLIMITS_H
#define CONTAIN_KERNEL_RLIMITS_H

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/*
 * Set every resource limit of `limits`, which has RLIM_NLIMITS items, on the calling process.
 * Lowering needs nothing; raising a hard limit needs CAP_SYS_RESOURCE in the initial user
 * namespace. Returns 0 or -errno: -EPERM names the limit and the highest value allowed.
 */
int rlimits_apply(const struct spec_rlimit *limits, struct err *err);

#endif
