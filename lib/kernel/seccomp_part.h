/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_PART_H
#define CONTAIN_KERNEL_SECCOMP_PART_H

/*
 * The loadable part contain-seccomp.so: the only code that links libseccomp and json-c. It is
 * loaded with dlopen(3) into a short-lived child, so that no program pays for it at every start and
 * no parser runs in a process that lives on.
 */

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SECCOMP_PART_FILE   "contain-seccomp.so"
#define SECCOMP_PART_SYMBOL "contain_seccomp_compile"

/*
 * Compile the profile (JSON, text_len bytes and a NUL) for a command with these capabilities
 * (bit n = capability n) into code, which has room for BPF_MAXINSNS instructions. Returns 0, or
 * -errno with a message that says where in the profile what is wrong, without the profile's name.
 * Single-threaded callers only.
 */
int contain_seccomp_compile(const char *text, size_t text_len, uint64_t capabilities,
    struct sock_filter *code, size_t *ret_length, struct err *err);

typedef __typeof__(contain_seccomp_compile) seccomp_compile_fn;

#endif
