/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_PUBLISH_H
#define CONTAIN_JAIL_PUBLISH_H

#include "lib/base/err.h"
#include "lib/jail/registry.h"
#include "lib/kernel/network.h"
#include "lib/policy/spec.h"

/*
 * Ports of the host that lead into jails. What the host's firewall says of them is made of the
 * records of the jails that live, the whole of it each time that there is one more or less. So
 * whoever is killed in between leaves nothing that the next does not put right.
 */

/*
 * Write down where the ports of a jail with these addresses lead. Once publish_load() has been
 * called they do. Returns 0 or -errno: -EADDRNOTAVAIL where a port is of an address of the host
 * whose family the jail has no address of.
 */
int publish_note(struct registry *registry, const struct spec_network *network,
    const struct network_result *result, struct err *err);

/* Make the published ports of the host those of all records. Root only. Nothing to do where there
 * never was one. Returns 0 or -errno. */
int publish_load(const struct registry *registry, struct err *err);

#endif
