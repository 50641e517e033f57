/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"

/* Raise it whenever the compiler changes what it makes of a profile. */
#define FORMAT_VERSION 1

#define AGE_MAX_SECONDS 86400

/* File systems keep times in steps of up to 2 s: within one, a file can change unseen. */
#define SETTLED_SECONDS 2

static const char magic[8] = "CTNBPF\r\n";

struct header {
	char magic[8];
	uint32_t version;
	uint32_t length; /* instructions that follow */
	uint64_t checksum;
};

struct seccomp_cache_key seccomp_cache_key(const struct stat *profile, uint64_t capabilities)
{
	struct seccomp_cache_key key = {
		.capabilities = capabilities,
		.changed = profile->st_ctim.tv_sec,
	};

	snprintf(key.name, sizeof(key.name),
	    "seccomp-v%d-%llx-%llx-%llx-%llx.%lx-%llx.%lx-%llx.bpf", FORMAT_VERSION,
	    (unsigned long long)profile->st_dev, (unsigned long long)profile->st_ino,
	    (unsigned long long)profile->st_size, (unsigned long long)profile->st_mtim.tv_sec,
	    (unsigned long)profile->st_mtim.tv_nsec, (unsigned long long)profile->st_ctim.tv_sec,
	    (unsigned long)profile->st_ctim.tv_nsec, (unsigned long long)capabilities);
	return key;
}

/* Against damage, not against forgery, which ownership and mode are for. The name is part of it: a
 * whole file under another name is another profile's filter. */
static uint64_t checksum(const struct seccomp_cache_key *key, const struct seccomp_filter *filter)
{
	uint64_t sum = hash_text(key->name);

	return hash_mix(sum, filter->code, filter->length * sizeof(*filter->code));
}

static bool is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && (st->st_mode & 07777) == 0600 && st->st_nlink == 1 &&
	       st->st_uid == geteuid();
}

/* Not by time(2), which is some milliseconds behind what Linux has given files since 6.13. */
static time_t now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

static bool is_fresh(const struct stat *st)
{
	time_t age = now() - st->st_mtim.tv_sec;

	return age >= 0 && age < AGE_MAX_SECONDS;
}

static bool header_is_valid(const struct header *header)
{
	return memcmp(header->magic, magic, sizeof(magic)) == 0 &&
	       header->version == FORMAT_VERSION && header->length >= 1 &&
	       header->length <= BPF_MAXINSNS;
}

int seccomp_cache_read(int dir, const struct seccomp_cache_key *key, struct seccomp_filter *ret)
{
	struct stat st;
	struct header header;
	struct seccomp_filter filter = { .code = NULL };
	cleanup_fd int fd =
	    openat(dir, key->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_ours(&st) || !is_fresh(&st))
		return -ESTALE;
	if (read(fd, &header, sizeof(header)) != sizeof(header) || !header_is_valid(&header))
		return -EBADMSG;
	size_t bytes = header.length * sizeof(*filter.code);
	if ((uint64_t)st.st_size != sizeof(header) + bytes)
		return -EBADMSG;
	cleanup_free struct sock_filter *code = malloc(bytes);
	if (!code)
		return -ENOMEM;
	filter.code = code;
	filter.length = (unsigned short)header.length;
	if (read(fd, code, bytes) != (ssize_t)bytes || checksum(key, &filter) != header.checksum)
		return -EBADMSG;
	*ret = (struct seccomp_filter){ .code = take_ptr(code), .length = filter.length };
	return 0;
}

/* Whether the profile that was compiled is the one that the key names. */
static bool is_settled(const struct seccomp_cache_key *key, int profile)
{
	struct stat st;

	if (fstat(profile, &st) < 0 || now() - key->changed < SETTLED_SECONDS)
		return false;
	struct seccomp_cache_key now = seccomp_cache_key(&st, key->capabilities);
	return strcmp(now.name, key->name) == 0;
}

/* Gives the nameless file its name. O_TMPFILE leaves nothing behind if we are killed before. */
static int publish(int dir, int file, const char *name)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	for (int tries = 0; tries < 2; tries++) {
		if (linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return -EEXIST;
}

int seccomp_cache_write(
    int dir, const struct seccomp_cache_key *key, int profile, const struct seccomp_filter *filter)
{
	struct header header = { .version = FORMAT_VERSION,
		.length = filter->length,
		.checksum = checksum(key, filter) };

	if (!is_settled(key, profile))
		return -EAGAIN;
	cleanup_fd int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	/* the umask may have taken more away */
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return -errno;
	memcpy(header.magic, magic, sizeof(magic));
	int r = fd_write_all(fd, &header, sizeof(header));
	if (r == 0)
		r = fd_write_all(fd, filter->code, filter->length * sizeof(*filter->code));
	return r < 0 ? r : publish(dir, fd, key->name);
}
