/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_CHECK_IMAGES_H
#define CONTAIN_POLICY_CHECK_IMAGES_H

/* For check.c: tells policy_check.image of the images that are named. */

#include "lib/policy/check.h"
#include "lib/policy/file.h"

/* By a file; but for names that depend on the account. */
void checker_images_of_file(
    struct policy_check *check, const struct policy_file *file, const char *path);

/* By what is said about an account, where it depends on that. */
void checker_image_of_account(struct policy_check *check, const struct policy *policy);

#endif
