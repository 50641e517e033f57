/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NFTABLES_PART_H
#define CONTAIN_KERNEL_NFTABLES_PART_H

/*
 * The loadable part contain-nftables.so: the only code that links libnftables. netlink_firewall.c
 * loads it into the child that connects a jail, which ends soon after: the library ends the process
 * where it runs out of memory.
 */

#include "lib/base/err.h"

#define NFTABLES_PART_FILE   "contain-nftables.so"
#define NFTABLES_PART_SYMBOL "contain_nftables_load"

/*
 * Carry out commands, in the language of nft(8), in the network namespace of the thread: all of
 * them or none. Needs CAP_NET_ADMIN over it. Returns 0, or -EIO with the first thing that nft has
 * to say, -ENOMEM.
 */
int contain_nftables_load(const char *commands, struct err *err);

typedef __typeof__(contain_nftables_load) nftables_load_fn;

#endif
