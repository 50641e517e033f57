/* SPDX-License-Identifier: MIT */
#include "lib/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

int clock_left(uint64_t deadline_us)
{
	uint64_t now = clock_now();

	if (now >= deadline_us)
		return 0;
	uint64_t left = (deadline_us - now + 999) / 1000;
	return left > 3600000 ? 3600000 : (int)left;
}

int clock_poll(int fd, uint64_t deadline_us)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&poll_fd, 1, clock_left(deadline_us));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n > 0 ? 0 : -ETIMEDOUT;
}
