/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_HOST_SETS_H
#define CONTAIN_KERNEL_HOST_SETS_H

/*
 * How addresses go out of the sets of names again. An element's own timeout begins when it is
 * added, and adding it once more does not lengthen it. So an answer goes into two sets, the rules
 * accept what is in either, and every HOST_NAMES_TTL seconds one of them, each in turn, is emptied:
 * an address is gone after one to two such times without an answer that has it.
 */

/* A socket for it, of the network namespace of the caller; -errno. */
int host_sets_open(void);

/*
 * Empty the sets of one half, 'a' or 'b', of names 0 to count - 1: all of them or none. Needs
 * CAP_NET_ADMIN over the network namespace. Returns 0 or -errno.
 */
int host_sets_flush(int socket, char half, unsigned count);

#endif
