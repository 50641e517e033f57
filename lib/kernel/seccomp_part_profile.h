/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_PART_PROFILE_H
#define CONTAIN_KERNEL_SECCOMP_PART_PROFILE_H

/*
 * A seccomp profile as data: the JSON of the OCI runtime specification ("linux.seccomp"), with what
 * docker and podman add to it (archMap, includes, excludes, name, errno, comment). Part of the
 * loadable part: uses json-c and the constants of libseccomp.
 */

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/kernel/seccomp_part_rule.h"

#define SECCOMP_RULES_MAX  1024
#define SECCOMP_ARCHES_MAX 16

struct seccomp_profile {
	struct json_object *json; /* owns the strings */
	uint32_t default_action;  /* SCMP_ACT_* */
	uint32_t
	    arches[SECCOMP_ARCHES_MAX]; /* SCMP_ARCH_* that this machine can run besides its own */
	unsigned arch_count;
	struct seccomp_rule *rules; /* those that apply to this machine and these capabilities */
	size_t rule_count;
};

/*
 * Parse text (text_len bytes and a NUL) for a command with these capabilities. Everything that is
 * not understood is an error that says where it is, as in "syscalls[12].action": a misspelt key
 * must not become a weaker filter. Returns 0 or -errno; *ret is written only on success, free it
 * with seccomp_profile_done().
 */
int seccomp_profile_parse(const char *text, size_t text_len, uint64_t capabilities,
    struct seccomp_profile *ret, struct err *err);

void seccomp_profile_done(struct seccomp_profile *profile);

#endif
