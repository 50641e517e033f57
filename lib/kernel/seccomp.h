/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_H
#define CONTAIN_KERNEL_SECCOMP_H

#include <linux/filter.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/policy/spec.h"

/*
 * A compiled filter (classic BPF, seccomp(2)). Profiles are JSON files in the format of the OCI
 * runtimes and docker; the default one is installed as data (seccomp/default.json). Compiling
 * costs milliseconds and loads libseccomp and a JSON parser, so it happens in a child process, and
 * the result is kept in the cache directory under a name that holds the profile's identity
 * (device, inode, size, mtime, ctime), the capabilities and the format's version.
 */
struct seccomp_filter {
	struct sock_filter *code; /* NULL: no filter */
	unsigned short length;	  /* instructions, 1..BPF_MAXINSNS (4096); 0 without code */
};

/*
 * Get the filter for the spec, from the cache or by compiling it with
 * `libexec_dir`/contain-seccomp.so. data_dir holds seccomp/default.json; both are absolute.
 * cache_dir is a descriptor of a directory that only the caller's uid can write, or -1 for no
 * cache. A cached filter is used only if it is a regular file of mode 0600, the caller's own,
 * whole, and not older than a day, so that a corrected libseccomp takes effect; failing to write
 * one is not an error. Forks; SIGCHLD must not be ignored.
 *
 * Returns 0 or -errno with the profile's path and, for a profile that does not parse, where it is
 * wrong. *ret is written only on success; free it with seccomp_filter_done().
 */
int seccomp_filter_get(const struct spec_identity *identity, int cache_dir, const char *data_dir,
    const char *libexec_dir, struct seccomp_filter *ret, struct err *err);

/*
 * Install it on the calling thread. Needs no_new_privs, or CAP_SYS_ADMIN in the caller's user
 * namespace. From then on the filter's rules hold, for the caller's next system call too. A filter
 * without code is a no-op. Returns 0 or -errno.
 */
int seccomp_filter_install(const struct seccomp_filter *filter, struct err *err);

/* Free the code. Harmless on an empty filter, or twice. */
void seccomp_filter_done(struct seccomp_filter *filter);

#endif
