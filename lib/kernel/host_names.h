/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_HOST_NAMES_H
#define CONTAIN_KERNEL_HOST_NAMES_H

/*
 * Names of hosts in a jail's rules. Who looks them up is a dnsmasq(8) of the jail's own
 * (dnsmasq.h), which puts the addresses that it answers with into sets of the jail's firewall
 * (netlink_rules.h); what its rules say of a name is about what is in the sets of that name.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/policy/spec.h"

/*
 * Where it is asked: addresses of the jail's lo, port 53. The first is what resolv.conf says; the
 * others are for itself (dnsmasq_conf.h), and nobody but it may send to them.
 */
#define HOST_NAMES_SERVER "127.0.0.97"
#define HOST_NAMES_SELF	  "127.0.0.98"
#define HOST_NAMES_BELOW  "127.0.0.99"
#define HOST_NAMES_OWN	  HOST_NAMES_SERVER "-" HOST_NAMES_BELOW
#define HOST_NAMES_INNER  HOST_NAMES_SELF "-" HOST_NAMES_BELOW

/*
 * For how many seconds an answer may be used at the most. What it puts into the sets stays there as
 * long at least, and twice as long at the most: host_sets.h.
 */
#define HOST_NAMES_TTL 300

/*
 * Each name has four sets, of IPv4 and IPv6 twice: half ('a' or 'b'), family ('4' or '6') and the
 * number of the name. More addresses than fit are not allowed: who answers for names below one
 * could fill the kernel's memory otherwise.
 */
#define HOST_SET_FORMAT	  "%c%c_%u"
#define HOST_SET_NAME_MAX sizeof("a4_63")
#define HOST_SET_SIZE	  4096
#define HOST_SET_HALVES	  "ab"
#define HOST_SET_FAMILIES "46"

struct host_names {
	const char *names[SPEC_EGRESS_MAX]; /* as in struct spec_egress, each once; borrowed */
	unsigned count;
	uint64_t allowed; /* bit n: a rule allows name n */
	bool only; /* nothing else is allowed: no other names are answered, so that the DNS is
		      no way out either */
	struct spec_address servers[SPEC_DNS_MAX]; /* who is asked in the end */
	unsigned server_count;
	uid_t uid; /* of the host, which no process of the jail has: who looks names up */
	gid_t gid;
};

/* The names that are in the rules. Who is asked, and who asks, are the caller's to fill in. */
void host_names_of(const struct spec_egress *rules, unsigned count, struct host_names *ret);

/*
 * The names, bit n for name n, that fit `domain` itself or, with `below`, what is below it and
 * below no longer domain of the names.
 */
uint64_t host_names_match(const struct host_names *hosts, const char *domain, bool below);

/* The name without "*.". */
const char *host_names_domain(const char *name);

#endif
