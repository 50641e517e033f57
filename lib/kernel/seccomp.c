/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/kernel/seccomp_cache.h"
#include "lib/kernel/seccomp_part.h"

#define DEFAULT_PROFILE "seccomp/default.json"
#define PROFILE_MAX	1048576

/* A profile that keeps the compiler busy for longer ends it by SIGALRM: the default one takes some
 * milliseconds. */
#define COMPILE_SECONDS 20

struct profile {
	char path[PATH_MAX];
	int fd;
	struct stat st;
};

/* Lies in memory that the compiling child shares with us. */
struct compiled {
	size_t length;
	struct sock_filter code[BPF_MAXINSNS];
};

struct compilation {
	const struct profile *profile;
	const char *libexec_dir;
	uint64_t capabilities;
	struct compiled *result;
};

static int open_profile(const struct spec_identity *identity, const char *data_dir,
    struct profile *profile, struct err *err)
{
	bool own = identity->seccomp == SECCOMP_PROFILE_FILE;
	int n = own ? snprintf(profile->path, PATH_MAX, "%s", identity->seccomp_path)
		    : snprintf(profile->path, PATH_MAX, "%s/" DEFAULT_PROFILE, data_dir);

	if (n >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "seccomp profile: the path is too long");
	/* O_NONBLOCK: a FIFO must not hold us up. */
	profile->fd = open(profile->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (profile->fd < 0)
		return err_sys(err, errno, "seccomp profile %s", profile->path);
	if (fstat(profile->fd, &profile->st) < 0)
		return err_sys(err, errno, "seccomp profile %s", profile->path);
	if (!S_ISREG(profile->st.st_mode))
		return err_say(
		    err, EINVAL, "seccomp profile %s: is not a regular file", profile->path);
	if (profile->st.st_size > PROFILE_MAX)
		return err_say(err, EFBIG, "seccomp profile %s: is larger than %d bytes",
		    profile->path, PROFILE_MAX);
	return 0;
}

/* Runs in a child, so that the libraries and what they allocate go with it. */
static int compile(void *argument, struct err *err)
{
	const struct compilation *task = argument;
	char *text = NULL; /* the child ends soon */
	size_t text_length;

	alarm(COMPILE_SECONDS);
	if (fd_read_all(task->profile->fd, PROFILE_MAX, &text, &text_length, err) < 0)
		return -err->code;
	seccomp_compile_fn *compile_profile = (seccomp_compile_fn *)part_load(
	    task->libexec_dir, SECCOMP_PART_FILE, SECCOMP_PART_SYMBOL, NULL, err);
	if (!compile_profile)
		return -err->code;
	return compile_profile(
	    text, text_length, task->capabilities, task->result->code, &task->result->length, err);
}

static int copy_filter(
    const struct sock_filter *code, size_t length, struct seccomp_filter *ret, struct err *err)
{
	if (length < 1 || length > BPF_MAXINSNS)
		return err_say(err, EINVAL, "compiled to %zu instructions, and not 1-%d", length,
		    BPF_MAXINSNS);
	struct sock_filter *copy = calloc(length, sizeof(*copy));
	if (!copy)
		return err_sys(err, ENOMEM, "cannot keep the filter");
	memcpy(copy, code, length * sizeof(*copy));
	*ret = (struct seccomp_filter){ .code = copy, .length = (unsigned short)length };
	return 0;
}

static int run_compiler(const struct profile *profile, const char *libexec_dir,
    uint64_t capabilities, struct seccomp_filter *ret, struct err *err)
{
	struct compiled *shared =
	    mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return err_sys(err, errno, "cannot compile the filter");
	struct compilation task = { profile, libexec_dir, capabilities, shared };
	int r = child_run(compile, &task, err);
	if (r == 0)
		r = copy_filter(shared->code, shared->length, ret, err);
	munmap(shared, sizeof(*shared));
	return r;
}

/*
 * What the rules of a profile look at. Nested user namespaces take what CAP_SYS_ADMIN opens: the
 * command has that capability in the namespaces that it makes.
 */
static uint64_t capabilities_for_rules(const struct spec_identity *identity)
{
	return identity->capabilities |
	       (identity->nested_userns ? UINT64_C(1) << CAP_SYS_ADMIN : 0u);
}

static int get(const struct spec_identity *identity, int cache_dir, struct profile *profile,
    const char *libexec_dir, struct seccomp_filter *ret, struct err *err)
{
	uint64_t capabilities = capabilities_for_rules(identity);
	struct seccomp_cache_key key = seccomp_cache_key(&profile->st, capabilities);

	if (cache_dir >= 0 && seccomp_cache_read(cache_dir, &key, ret) == 0)
		return 0;
	int r = run_compiler(profile, libexec_dir, capabilities, ret, err);
	if (r < 0) {
		err_prefix(err, "seccomp profile %s", profile->path);
		return r;
	}
	/* The cache only saves time: without room for it things still work. */
	if (cache_dir >= 0)
		(void)seccomp_cache_write(cache_dir, &key, profile->fd, ret);
	return 0;
}

int seccomp_filter_get(const struct spec_identity *identity, int cache_dir, const char *data_dir,
    const char *libexec_dir, struct seccomp_filter *ret, struct err *err)
{
	struct profile profile = { .fd = -1 };

	if (identity->seccomp == SECCOMP_PROFILE_NONE) {
		*ret = (struct seccomp_filter){ .code = NULL };
		return 0;
	}
	int r = open_profile(identity, data_dir, &profile, err);
	if (r == 0)
		r = get(identity, cache_dir, &profile, libexec_dir, ret, err);
	fd_close(profile.fd);
	return r;
}
