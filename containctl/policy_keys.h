/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_POLICY_KEYS_H
#define CONTAINCTL_POLICY_KEYS_H

#include <stdio.h>

/*
 * What a new policy file begins with: every section, and in comments every key with its default and
 * what it means; `use` says which ones, as for policy_key_find(). `whose` begins the first line:
 * "Policy of the account bob".
 */
void policy_keys_template(FILE *out, unsigned use, const char *whose);

#endif
