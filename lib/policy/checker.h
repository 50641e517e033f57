/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_CHECKER_H
#define CONTAIN_POLICY_CHECKER_H

/* What check.c and check_networks.c share. */

#include "lib/policy/account.h"
#include "lib/policy/check.h"
#include "lib/policy/problems.h"

/* Whom %u and its like stand for in files that are for more than one account. */
extern const struct account checker_somebody;

/* Report something once, however often it is found. */
void checker_say(struct policy_check *check, bool warning, const char *text);
void checker_warn(struct policy_check *check, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void checker_say_problems(struct policy_check *check, const struct problems *problems);

/* Errors that lie in the files become findings, and 0 is returned; those of the machine are handed
 * up. */
int checker_found(struct policy_check *check, struct err *err);

/* All names in the directory `fd`, whose path this is, but those that begin with a dot, sorted. The
 * caller frees *ret. */
int checker_list(int fd, const char *path, struct strv *ret, struct err *err);

/* Warns of an entry that is none of "NAME.conf"; `name` gets NAME. Returns whether it is one. */
bool checker_entry_name(
    struct policy_check *check, const char *directory, const char *file, char *name);

#endif
