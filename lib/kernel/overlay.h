/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_OVERLAY_H
#define CONTAIN_KERNEL_OVERLAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

/* Trees that stay as they are, stacked, and a writable layer on top of them: overlayfs. */
struct overlay {
	/* Detached mounts, the lowest first, their ids mapped already; one that is there several
	 * times counts where it is topmost. They stay the caller's. */
	const int *lowers;
	unsigned lower_count;  /* OVERLAY_STACK_MAX is the most */
	bool readonly;	       /* no such layer: there must be two lowers at least */
	const char *directory; /* keeps what is written, in upper/ and work/; NULL: a tmpfs does */
	int userns;	       /* maps the ids of `directory`; -1: none */
	uid_t owner_uid;       /* of the layer's root directory on a tmpfs */
	gid_t owner_gid;
	bool user_xattrs;    /* mounted without privileges over the host */
	const char *staging; /* a directory that this mount namespace can cover with a mount */
};

/*
 * Returns the overlay, detached. Layers with mapped ids need Linux 5.19. The directory is opened as
 * path_open_trusted() does and its upper/ and work/ are made if missing.
 */
int overlay_mount(const struct overlay *overlay, struct err *err);

#endif
