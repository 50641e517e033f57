/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_POLICY_KEYS_H
#define CONTAINCTL_POLICY_KEYS_H

#include <stdio.h>

/*
 * What a new policy file begins with: every section, and in comments every key with its default and
 * what it means. `whose` ends the first line: "the account bob".
 */
void policy_keys_template(FILE *out, const char *whose);

#endif
