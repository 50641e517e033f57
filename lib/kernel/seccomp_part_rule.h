/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_PART_RULE_H
#define CONTAIN_KERNEL_SECCOMP_PART_RULE_H

/* One member of a profile's "syscalls", and actions, which the profile's default is too. */

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/kernel/seccomp_part_json.h"

#define SECCOMP_NAMES_MAX 1024

struct seccomp_rule {
	struct json_place place;     /* "syscalls[12]" */
	struct json_object *names;   /* an array of strings, or one string; the profile's */
	uint32_t action;	     /* SCMP_ACT_* */
	struct scmp_arg_cmp args[6]; /* all must match */
	unsigned arg_count;
};

/*
 * Read one rule. *ret_applies tells whether its includes and excludes let it apply to this machine
 * and a command with these capabilities (bit n = capability n).
 */
int seccomp_rule_read(const struct json_place *place, struct json_object *value,
    uint64_t capabilities, struct seccomp_rule *ret, bool *ret_applies, struct err *err);

/* The rule's i-th system call, NULL after the last. It stays the profile's. */
const char *seccomp_rule_name(const struct seccomp_rule *rule, size_t i);

/* Whether a call that gets this action is carried out: ALLOW and LOG. */
bool seccomp_action_permits(uint32_t action);

/* An action as it is read: its name and its number are keys of their own, in any order. */
struct seccomp_action {
	bool given;
	uint32_t value;
	uint64_t number; /* 0: not given */
};

/* Readers of the three keys; target is a struct seccomp_action. */
json_reader seccomp_action_read, seccomp_action_read_errno, seccomp_action_read_errno_name;

/* Put name and number together, EPERM where an error has no number. place is the name's. */
int seccomp_action_finish(const struct json_place *place, const struct seccomp_action *action,
    uint32_t *ret, struct err *err);

#endif
