/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_CHECK_NETWORKS_H
#define CONTAIN_POLICY_CHECK_NETWORKS_H

/* policy_check_*() of the files in networks/. */

#include <limits.h>

#include "lib/policy/check.h"

/* Whether this is the path of a file of a network, "networks/lab.conf"; `name` gets "lab". */
bool checker_is_network(const char *path, char name[NAME_MAX + 1]);

/* Look at the file of a network, as it would be read for some account. */
int checker_network_file(
    struct policy_check *check, const char *path, const char *name, struct err *err);

/* Everything in networks/ of the policy directory, `directory`, also whether they have addresses in
 * common. */
int checker_networks(struct policy_check *check, int directory, struct err *err);

#endif
