/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_CAPS_H
#define CONTAIN_KERNEL_CAPS_H

#include <stdint.h>

#include "lib/base/err.h"

/*
 * Reduce the calling process to the capabilities in `keep` (bit n = capability n): bounding set,
 * then effective and permitted; inheritable and ambient are emptied. Bits that the kernel does not
 * know are ignored. Securebits stay as they are. The process keeps CAP_SETPCAP until the bounding set is done. Verified by reading
 * everything back. Returns 0 or -errno.
 */
int caps_limit(uint64_t keep, struct err *err);

/* Every capability that this kernel knows, as a mask. */
uint64_t caps_all(void);

#endif
