/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SECCOMP_CACHE_H
#define CONTAIN_KERNEL_SECCOMP_CACHE_H

/*
 * Compiled filters as files, one per profile and set of capabilities. What is read back is the
 * confinement of a jail, so that a file counts only if nobody but the caller can have written it
 * and it is whole; everything else is a miss.
 */

#include <stdint.h>
#include <sys/stat.h>

#include "lib/kernel/seccomp.h"

/* Names what a filter was made from; also the file's name. */
struct seccomp_cache_key {
	char name[160];
	uint64_t capabilities;
	int64_t changed; /* seconds; when the profile was last changed */
};

/* The key of a profile with this identity, for a command with these capabilities. */
struct seccomp_cache_key seccomp_cache_key(const struct stat *profile, uint64_t capabilities);

/*
 * Read a filter back. dir is a directory that only the caller's uid can write. Returns 0 with *ret
 * set (to be freed with seccomp_filter_done()), or -errno for a miss.
 */
int seccomp_cache_read(int dir, const struct seccomp_cache_key *key, struct seccomp_filter *ret);

/*
 * Keep a filter that was made from the open file `profile`, in place of an older one. The file
 * appears whole or not at all, also when the caller is killed. -EAGAIN: the profile is so new, or
 * changed meanwhile, that its times do not tell one content from the next. Returns 0 or -errno.
 */
int seccomp_cache_write(
    int dir, const struct seccomp_cache_key *key, int profile, const struct seccomp_filter *filter);

#endif
