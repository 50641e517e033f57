/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_SHAPER_H
#define CONTAIN_KERNEL_NETLINK_SHAPER_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/kernel/netlink_socket.h"

/*
 * Let out no more than `rate` bits a second through the interface: a token bucket, tc-tbf(8), with
 * a queue of 50 ms. It goes with the interface. 0: leave it as it is. Returns 0 or -errno;
 * -ENOENT where the kernel has no such queue.
 */
int shaper_limit(struct netlink *netlink, const char *name, uint64_t rate, struct err *err);

#endif
