/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_DNSMASQ_CONF_H
#define CONTAIN_KERNEL_DNSMASQ_CONF_H

/*
 * What dnsmasq(8) is told. Pure text.
 *
 * Its "nftset" knows only domains with all that is below them, and of several the longest counts.
 * The names of rules are more exact: "example.org" is not what is below it, and "*.example.org" is
 * not it. Its "server" makes that difference. So up to three of them run: the one that the jail
 * asks sends each question on to the one that knows domains themselves, or to the one that knows
 * what is below them, and these ask the name servers. Where a domain and what is below it need not
 * be told apart, because only one of them is answered, or both are in the same sets, the first does
 * it all.
 */

#include "lib/base/err.h"
#include "lib/kernel/host_names.h"

enum dnsmasq_role { DNSMASQ_FRONT, DNSMASQ_SELF, DNSMASQ_BELOW, DNSMASQ_ROLES };

/* The user's name in the files that it sees. */
#define DNSMASQ_USER "dnsmasq"

/*
 * The file for one of them; *ret, which the caller frees, is NULL where that one is not needed. The
 * first always is. Returns 0, -ENOMEM, or -E2BIG with a
 * message for more names than a line can have.
 */
int dnsmasq_conf(
    const struct host_names *hosts, enum dnsmasq_role role, char **ret, struct err *err);

#endif
