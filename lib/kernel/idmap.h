/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_IDMAP_H
#define CONTAIN_KERNEL_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

/*
 * Which ids of a jail are which ids of the host.
 *
 * A jail of root's gets a block of 65536 ids of its own. The blocks lie in a range that
 * systemd's UIDS-GIDS document leaves unused (1879048192 to 2147352575): above every id that
 * people, services, DynamicUser= and systemd-nspawn use, below the ids that some programs take for
 * negative.
 */
#define IDMAP_BLOCK_FIRST UINT32_C(0x70000000)
#define IDMAP_BLOCK_SIZE  UINT32_C(0x10000)
#define IDMAP_BLOCKS	  4093u

/* One block more, which no jail gets: the ids of the processes that take images apart. They own
 * nothing on any disk. */
#define IDMAP_BLOCK_OF_IMAGES IDMAP_BLOCKS

/* How many ids all of these are. */
#define IDMAP_IDS ((IDMAP_BLOCKS + 1) * IDMAP_BLOCK_SIZE)

/* UID_GID_MAP_MAX_EXTENTS of Linux (4.15): what a map may have. user_namespaces(7) */
#define IDMAP_EXTENTS_MAX 340

struct idmap_extent {
	uint32_t inside;  /* first id in the jail */
	uint32_t outside; /* first id on the host */
	uint32_t count;
};

struct idmap {
	struct idmap_extent uids[IDMAP_EXTENTS_MAX], gids[IDMAP_EXTENTS_MAX];
	unsigned uid_count, gid_count;
	bool setgroups; /* whether setgroups(2) may be allowed */
};

/* No map at all: ids of the jail are the host's. */
struct idmap idmap_identity(void);

/* The map of block n, 0 <= n < IDMAP_BLOCKS, or IDMAP_BLOCK_OF_IMAGES. */
struct idmap idmap_block(unsigned n);

/*
 * The map of an account's jail: block n, but the account's own uid and its groups are the host's
 * themselves, also above 65535. Group 0 is not: it would be the host's root's. Where that takes
 * more extents than the kernel has, ids from 1000 to 65533 that are nobody's are left out of the
 * map.
 *
 * Returns 0, -E2BIG for more groups than a map can hold (340, or as many as fit into a page of
 * text), or -ERANGE for an id in the range of the blocks, which is some jail's.
 */
int idmap_of_account(unsigned n, uid_t uid, const gid_t *groups, size_t group_count,
    struct idmap *ret, struct err *err);

/*
 * The map of an ordinary user: their own ids become root's, and the ranges that /etc/subuid and
 * /etc/subgid give them (as `getsubids` tells, so that NSS sources count) become 1 and following.
 * Without ranges, or without newuidmap(1) to write them, only the own ids are mapped and
 * setgroups is off. Never fails.
 */
struct idmap idmap_of_user(uid_t uid, gid_t gid);

/* The host's id for an id of the jail; UINT32_MAX (nobody at all) if it is not mapped. */
uint32_t idmap_uid(const struct idmap *map, uint32_t inside);
uint32_t idmap_gid(const struct idmap *map, uint32_t inside);

/* How many ids from 0 on are mapped without a gap. */
uint32_t idmap_limit(const struct idmap *map);

/*
 * One side of a map as the kernel reads it, in one write(2) of less than a page. Returns the length
 * that it has; what does not fit into size is left out.
 */
#define IDMAP_TEXT_MAX 4096
size_t idmap_format(const struct idmap_extent *extents, unsigned count, char *text, size_t size);

/*
 * Write the map of the user namespace that process `pid` is in, directly as root, else through
 * newuidmap(1) and newgidmap(1) where more than the own id is mapped. Once only:
 * user_namespaces(7).
 */
int idmap_write(const struct idmap *map, pid_t pid, struct err *err);

/*
 * Make a user namespace with this map and, belonging to it, a namespace for each CLONE_NEW* flag of
 * `with` (of NEWNET, NEWUTS, NEWIPC). ret_fds gets a descriptor for the user namespace first and
 * then one for each in the order NET, UTS, IPC; -1 where not asked for. The caller closes them.
 * Root only.
 *
 * *ret_holder is a child process that was needed for it and is dying: the caller reaps it with
 * waitpid(2) whenever it suits, since waiting for it at once takes a millisecond where its CPU
 * sleeps.
 */
enum { IDMAP_USERNS, IDMAP_NETNS, IDMAP_UTSNS, IDMAP_IPCNS, IDMAP_NAMESPACES };
int idmap_namespaces(const struct idmap *map, int with, int ret_fds[IDMAP_NAMESPACES],
    pid_t *ret_holder, struct err *err);

#endif
