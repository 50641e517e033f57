/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_DRAFT_H
#define CONTAINCTL_DRAFT_H

#include "containctl/ctl.h"

/*
 * The copy of a policy file that an editor works on. It lies in a directory of its own beside the
 * file, ".bob.conf.edit", which only its owner can enter: whatever the editor puts beside what it
 * edits is gone with it. The directory is locked, and that is the lock against a second editor: it
 * goes with its holder, however that ends. One without a lock was left by an editor that was
 * killed.
 */
struct draft {
	const char *path; /* of the policy file; the caller's */
	char name[NAME_MAX + 1];
	int parent; /* the directory in which the file lies */
	int fd;	    /* the directory of the draft */
	char directory[PATH_MAX];
	char *text; /* what is in the file, or what a new one begins with */
	size_t length;
	mode_t mode; /* that the file has or gets */
};

#define DRAFT_INIT                                                                                 \
	{                                                                                          \
		.parent = -1, .fd = -1                                                             \
	}

/*
 * Make the draft of the policy file `path`, and the last `directories` of its directories if they
 * are missing. A new file begins with `template`. Returns 0, -EBUSY where somebody else edits the
 * file, or another -errno. Closed by draft_close() also after an error.
 */
int draft_open(struct draft *draft, const char *path, unsigned directories, const char *template,
    struct err *err);

/* The path of the copy to be edited. */
void draft_edited_path(const struct draft *draft, char path[PATH_MAX]);

/*
 * Take what the editor has left: a copy of it that the editor does not know is made, and its path
 * put into `path`. *ret_changed says whether it is something else than the file has. Returns 0 or
 * -errno.
 */
int draft_take(const struct draft *draft, char path[PATH_MAX], bool *ret_changed, struct err *err);

/* Put the copy of draft_take() in place of the file, at once and for good. Returns 0 or -errno. */
int draft_save(const struct draft *draft, struct err *err);

/* Remove the draft with all that is in it. */
void draft_close(struct draft *draft);

#endif
