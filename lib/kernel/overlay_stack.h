/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_OVERLAY_STACK_H
#define CONTAIN_KERNEL_OVERLAY_STACK_H

#include <stdbool.h>

#include "lib/base/err.h"

/* What overlayfs can stack (OVL_MAX_STACK of Linux), the writable layer not counted. */
#define OVERLAY_STACK_MAX 500

/*
 * An overlay of what lies in the working directory, which nobody else can change: the directories
 * "0" (the topmost), "1", ... are stacked, and "layer" has upper/ and work/.
 */
struct overlay_stack {
	unsigned count;	  /* 1 to OVERLAY_STACK_MAX; at least 2 if it is not writable */
	bool writable;	  /* with "layer" on top */
	bool is_volatile; /* what is written there is lost in a crash, and may be */
	bool user_xattrs; /* mounted without privileges over the host */
};

/* Mount it in the way that this kernel has. Returns a detached mount or -errno. */
int overlay_stack_mount(const struct overlay_stack *stack, struct err *err);

/* The two ways. One option for each layer, "lowerdir+": Linux 6.7, else -EINVAL. */
int overlay_stack_by_options(const struct overlay_stack *stack, struct err *err);

/* By mount(2), whose options may take a page, where those of fsconfig(2) end after 255 characters.
 * There must be a directory "tree", where it is mounted and stays. */
int overlay_stack_by_text(const struct overlay_stack *stack, struct err *err);

#endif
