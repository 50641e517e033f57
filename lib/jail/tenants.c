/* SPDX-License-Identifier: MIT */
#include "lib/jail/tenants.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/hash.h"

/* Addresses that share a place take each other for somebody else. */
#define PLACES UINT64_C(65536)

/* 0, 0: nobody yet. */
struct tenant {
	uint32_t who;	  /* a hash of the lease and of the jail's name */
	uint32_t since_s; /* when it was last written, in seconds since the host was started */
};

static off_t place_of(const char *lease)
{
	return (off_t)((hash_text(lease) % PLACES) * sizeof(struct tenant));
}

/* With the lease, so that who has another one of the same place is somebody else. */
static struct tenant tenant_now(const char *lease, const char *name)
{
	uint64_t sum = hash_mix(HASH_INIT, lease, strlen(lease) + 1);

	return (struct tenant){ .who = (uint32_t)hash_mix(sum, name, strlen(name)),
		.since_s = (uint32_t)(clock_now() / 1000000) + 1 };
}

static int open_file(int directory)
{
	return openat(directory, TENANTS_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool tenants_linger(int directory, const char *lease, const char *name)
{
	const struct tenant now = tenant_now(lease, name);
	struct tenant last = { 0, 0 };
	cleanup_fd int fd = open_file(directory);

	if (fd < 0 || pread(fd, &last, sizeof(last), place_of(lease)) < 0)
		return true;
	return last.since_s && last.who != now.who && now.since_s - last.since_s < TENANTS_LINGER_S;
}

int tenants_move_in(int directory, const char *lease, const char *name, struct err *err)
{
	const struct tenant now = tenant_now(lease, name);
	cleanup_fd int fd = open_file(directory);

	if (fd < 0 || pwrite(fd, &now, sizeof(now), place_of(lease)) != sizeof(now))
		return err_sys(err, errno, "registry: cannot note who has an address");
	return 0;
}

void tenants_move_out(int directory, const char *lease)
{
	struct tenant last;
	cleanup_fd int fd = open_file(directory);

	if (fd < 0 || pread(fd, &last, sizeof(last), place_of(lease)) != sizeof(last))
		return;
	last.since_s = tenant_now(lease, "").since_s;
	(void)!pwrite(fd, &last, sizeof(last), place_of(lease));
}
