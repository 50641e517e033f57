/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_CHECK_H
#define CONTAIN_POLICY_CHECK_H

#include <stdbool.h>

#include "lib/policy/load.h"

/*
 * Looks at policy files for somebody who wants to know all that is wrong with them, before a login
 * does. Only what a login would be refused for is an error; a warning is what probably was not
 * meant so.
 */
typedef void policy_report_fn(void *data, bool warning, const char *text);

/* An image that the line of a file names; whether it is there is not known here. */
typedef void policy_image_fn(void *data, const char *image, const char *file, unsigned line);

struct policy_check {
	const struct policy_places *places;
	policy_report_fn *report; /* gets one line for each finding, and its data */
	policy_image_fn *image;	  /* gets each image, and the data; NULL: nobody asks */
	void *data;
	unsigned errors; /* what was found until now */
	unsigned warnings;
	struct strv said;
};

/*
 * Look at the file `path`, as it would be read for some account: one in a directory "networks" as
 * that of a network. Needs no account and no
 * privileges. If it is `alone`, what contradicts itself in it is a warning: something before it may
 * say more. Returns 0, also where there are errors, or -errno where it could not be looked at for
 * a reason that lies not in the file.
 */
int policy_check_file(struct policy_check *check, const char *path, bool alone, struct err *err);

/* What the files say together about an account, or about the members of a group. */
int policy_check_account(struct policy_check *check, const char *user, struct err *err);
int policy_check_group(struct policy_check *check, const char *group, struct err *err);

/*
 * All of the above for everything in the policy directory, and the vendor's defaults: each file
 * alone, and together with what it is read with. Names that are no account's and no group's, and
 * files that are never read, are warnings. Networks may have no address in common.
 */
int policy_check_all(struct policy_check *check, struct err *err);

/* Free what it owns: `said`. */
void policy_check_done(struct policy_check *check);

#endif
