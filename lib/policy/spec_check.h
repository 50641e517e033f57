/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_SPEC_CHECK_H
#define CONTAIN_POLICY_SPEC_CHECK_H

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/* The part of spec_check() that is about the network. Returns 0 or -EINVAL. */
int spec_check_network(const struct jail_spec *spec, struct err *err);

#endif
