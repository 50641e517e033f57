/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_CAPS_H
#define CONTAIN_KERNEL_CAPS_H

#include <stdint.h>

#include "lib/base/err.h"

/*
 * Reduce the calling process to the capabilities in `keep` (bit n = capability n); bits that the
 * kernel does not know are ignored. The bounding set becomes what it has in common with keep.
 * Inheritable and ambient are emptied. With uid 0, effective and permitted become keep; with any
 * other uid they become empty. Securebits stay as they are, but for PR_SET_KEEPCAPS, which is
 * taken back. To be called after privs_become(); the process must still have CAP_SETPCAP permitted
 * if the bounding set is to shrink. All sets are read back and compared.
 *
 * Returns 0 or -errno: -EPERM says the number of the one that uid 0 should keep and does not have.
 */
int caps_limit(uint64_t keep, struct err *err);

/*
 * The same where the two differ: `own` becomes effective and permitted, whatever the uid, and must
 * be permitted now; `bounding` is all that a program can gain that is executed later.
 */
int caps_reduce(uint64_t bounding, uint64_t own, struct err *err);

/*
 * Let programs that are executed have `caps`, which must be permitted, whatever the uid: they
 * become inheritable and ambient, and nothing else is. Read back. Returns 0 or -errno.
 */
int caps_pass_on(uint64_t caps, struct err *err);

/* The capabilities that the calling process can keep or give: permitted, and in the bounding set.
 */
uint64_t caps_available(void);

/* Make all permitted capabilities effective. Returns 0 or -errno. */
int caps_raise_permitted(struct err *err);

/* Every capability that this kernel knows, as a mask. */
uint64_t caps_all(void);

#endif
