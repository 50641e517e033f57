/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_H
#define CONTAIN_KERNEL_SECCOMP_H

#include <linux/filter.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/*
 * A compiled filter (classic BPF, seccomp(2)). Profiles are JSON files in the format of the OCI
 * runtimes and docker; the default one is installed as data (seccomp/default.json). Compiling costs
 * milliseconds and loads libseccomp and a JSON parser, so it happens in a child process, and the
 * result is kept in the cache directory under a name that holds the profile's identity (device, inode, size,
 * mtime, ctime), the capabilities and the format's version. Installing a cached one costs 0.1 ms.
 */
struct seccomp_filter {
	struct sock_filter *code; /* NULL: no filter */
	unsigned short length;	  /* instructions, at most BPF_MAXINSNS (4096) */
};

/*
 * Get the filter for the spec, from the cache or by compiling it. cache_dir is a directory only
 * the caller's uid can write, or -1 for no cache; a cache file is trusted only if it is regular, of mode 0600 and the caller's
 * own. `data_dir` is a descriptor of the directory that holds seccomp/default.json. Returns 0 or -errno with the profile's name and, for a profile that
 * does not parse, what is wrong in it. *ret is written only on success; free with seccomp_filter_done().
 */
int seccomp_filter_get(const struct spec_identity *identity, int cache_dir, int data_dir,
    struct seccomp_filter *ret, struct err *err);

/*
 * Install it on the calling process. Needs no_new_privs, or CAP_SYS_ADMIN in the caller's user
 * namespace. Afterwards the filter's own rules hold. A filter without code is a no-op.
 */
int seccomp_filter_install(const struct seccomp_filter *filter, struct err *err);

void seccomp_filter_done(struct seccomp_filter *filter);

#endif
