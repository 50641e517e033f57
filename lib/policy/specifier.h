/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_SPECIFIER_H
#define CONTAIN_POLICY_SPECIFIER_H

#include "lib/base/err.h"
#include "lib/policy/account.h"

/*
 * Write the account into a value: %u is its name, %h its home, %U its uid, %g the name of its
 * primary group, %% a percent sign. Refuses what would make the value mean something else than its
 * writer saw: an account called "../../etc" or "a:/b" chooses no path. Returns 0, or -EINVAL with a
 * message, also for %u and its like where there is no account (NULL). The caller frees *ret.
 */
int specifier_expand(const char *text, const struct account *account, char **ret, struct err *err);

#endif
