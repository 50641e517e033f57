/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_CLOCK_H
#define CONTAIN_BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in microseconds. */
uint64_t clock_now(void);

/* Milliseconds until deadline_us, rounded up, for poll(2); 0 when it has passed; at most an hour.
 */
int clock_left(uint64_t deadline_us);

/* Wait until fd can be read or its other side is gone. Returns 0, -ETIMEDOUT, or -errno. */
int clock_poll(int fd, uint64_t deadline_us);

#endif
