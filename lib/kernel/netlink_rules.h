/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_RULES_H
#define CONTAIN_KERNEL_NETLINK_RULES_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/kernel/netlink_address.h"
#include "lib/kernel/network.h"

/*
 * The rules of both firewalls, in the language of nft(8). No netlink in it.
 */

/* Tables of the family inet: the bridge's and each jail's own, and the guard of the host. */
#define RULES_TABLE	  "contain" /* contain0's; that of ct-lab is "contain-lab" */
#define RULES_GUARD_TABLE "contain_guard"

/* The table of a bridge of ours. */
#define RULES_TABLE_NAME_MAX (sizeof(RULES_TABLE "-") + IFNAMSIZ)
void rules_table_of(const char *bridge, char table[static RULES_TABLE_NAME_MAX]);

/* `mark` is the name of a chain in the text, which another text does not have. */
struct rules {
	char mark[20];
	char *text; /* owned: cleanup_rules */
};

#define RULES_INIT                                                                                 \
	{                                                                                          \
		.text = NULL                                                                       \
	}
#define cleanup_rules __attribute__((cleanup(rules_done)))
void rules_done(struct rules *rules);

/*
 * A table of the family inet with this body, and a chain that is called after it. It is deleted in
 * the transaction that makes it, and made before that, so that there is one to delete. Returns 0 or
 * -ENOMEM.
 */
int rules_of_table(const char *table, const char *body, struct rules *ret);

/*
 * The host's, for a bridge and all that is on it; nothing in them is a single jail's. Addresses of
 * its networks are translated to the host's own where they leave it, and nobody out there reaches a
 * jail unasked. They replace what is there of before. Returns 0 or -ENOMEM.
 */
int rules_of_bridge(const struct bridge_addresses *bridge, struct rules *ret);

/*
 * The host's, for all bridges: who is closed (address_hardware()) does not reach the host itself.
 * Returns 0 or -ENOMEM.
 */
int rules_of_guard(struct rules *ret);

/*
 * The host's, for one port of a bridge whose jail owns its network: a chain of the device, with
 * which it goes. What does not come from the jail's own addresses is dropped, in ARP and ND too,
 * and so is what only routers and DHCP servers send. Returns 0 or -ENOMEM.
 */
int rules_of_port(const struct network_result *result, char **ret);

/*
 * What both the rules of a jail and those of its port are made of: `match` and the addresses of one
 * family, as in "ip saddr { 10.97.0.5, 10.97.0.6", nothing and false where there are none; and that
 * what is from none of its addresses, nor of IPv6 from `but`, goes nowhere.
 */
bool rules_print_own(FILE *out, const struct network_result *result, int family, const char *match);
void rules_print_sources(FILE *out, const struct network_result *result, const char *but);

/* The networks of EGRESS_METADATA, as "IP/PREFIX"; NULL ends them. */
extern const char *const rules_metadata[];

/*
 * The jail's own, in its network namespace, for what it sends: *ret is NULL where it may send
 * anything. What is an answer passes; only the first packet of a TCP connection is looked at, so
 * that no table of connections has to be kept. What is not from an address of eth0's is dropped:
 * with IPV6_FREEBIND no right is needed to send it. Returns 0 or -ENOMEM.
 */
int rules_of_jail(const struct network_request *request, const struct bridge_addresses *bridge,
    const struct network_result *result, char **ret);

#endif
