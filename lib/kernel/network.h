/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETWORK_H
#define CONTAIN_KERNEL_NETWORK_H

#include "lib/base/child.h"
#include "lib/base/err.h"
#include "lib/kernel/host_names.h"
#include "lib/policy/spec.h"

/*
 * Name and addresses of the bridge that is made where the spec names none, and no network with
 * pools of its own. It stays when the last jail ends. One of this name that exists already is used
 * as it is.
 */
#define NETWORK_BRIDGE_DEFAULT "contain0"
#define NETWORK_BRIDGE_IPV4    "10.97.0.1/16"
#define NETWORK_BRIDGE_IPV6    "fd97:c0a1::1/64"

/*
 * Bring up lo in the network namespace of the caller: 127.0.0.1 and, where the kernel has IPv6,
 * ::1. Needs CAP_NET_ADMIN over it. Returns 0 or -errno.
 */
int network_loopback_up(struct err *err);

/*
 * Claims an address for as long as the jail lives. network_connect_start()'s worker calls it for
 * every address before it is used: in a child process, so that descriptors and locks which it takes
 * are gone when the worker ends, and what it claims must be kept by what it writes. An address that
 * was claimed stays so when connecting fails later; the failed jail's end frees it. Returns 0, or 1
 * where another jail has only just had it, whose connections the host is to forget; if it is to be
 * `fresh`, that is refused. -EADDRINUSE with a message when another jail holds it; any other error
 * ends the connecting. `address` is the printed address without prefix, e.g. "10.97.0.5".
 */
typedef int (*network_claim_fn)(
    void *data, const char *bridge, const char *address, bool fresh, struct err *err);

struct network_result {
	struct spec_address addresses[SPEC_ADDRESSES_MAX]; /* what eth0 got */
	unsigned address_count;
	bool had_others[SPEC_ADDRESSES_MAX]; /* just before this jail */
	char host_interface[IFNAMSIZ];	     /* the veth's end in the bridge */
	bool loaded; /* the host's rules were not there: it is the first jail, or somebody has
			flushed them, published ports too */
};

struct network_request {
	const struct spec_network *network;
	int netns;			  /* the jail's network namespace, stays the caller's */
	bool isolate;			  /* from other isolated ports of the bridge */
	enum host_access host_access;	  /* spec_host_access() */
	const struct spec_egress *egress; /* what may be sent; 0 of them: anything */
	unsigned egress_count;
	const struct host_names *hosts; /* the names that are in them; NULL: none are. Then only who
					   looks them up may ask name servers */
	bool owned; /* the jail's root can do with its network what it likes: it is watched from
		       outside */
	bool hide_metadata;				/* of clouds */
	struct spec_address name_servers[SPEC_DNS_MAX]; /* may be asked in any case */
	unsigned name_server_count;
	const char *name;	 /* the jail's: where the search for a free address starts */
	pid_t init;		 /* its first process: names the host end of the veth */
	const char *libexec_dir; /* absolute; holds contain-netlink.so */
	network_claim_fn claim;	 /* and its data */
	void *claim_data;
};

/* Whether the host's services are closed to it, but for ports perhaps: then there are rules. */
static inline bool network_closes_host(const struct network_request *request)
{
	return request->host_access == HOST_ACCESS_NONE ||
	       request->host_access == HOST_ACCESS_PORTS;
}

struct network_work {
	struct child child;
	int result; /* read end of a pipe with the struct network_result */
};

#define NETWORK_WORK_INIT                                                                          \
	{                                                                                          \
		.child = CHILD_INIT, .result = -1                                                  \
	}

/*
 * Connect the jail's network namespace to its bridge: bridge (found, or contain0 made), veth with
 * the peer created directly in the jail's namespace as eth0, addresses, default routes, all up and
 * forwarding. eth0 has the addresses of the result and no other, not even a link-local one, and
 * takes nothing from router advertisements.
 *
 * Runs in a child process that loads the netlink part and ends when it is done, so that neither
 * libnl's code nor its memory stays. network_connect_start() returns at once; what the request
 * points to need not outlive it. Each start is closed by one network_connect_wait(). Needs
 * CAP_NET_ADMIN and CAP_SYS_ADMIN over both namespaces.
 *
 * Without addresses in the spec, one is leased of each family that the bridge has. Leases know of
 * jails only: where something else gives out addresses of the same subnet (docker, DHCP), name one
 * that it does not give out.
 *
 * Refused by _wait() with -errno and a message: a bridge that does not exist, is no bridge, is
 * down, or has no address where one must be leased; an address outside of the bridge's subnets; a
 * network, broadcast or gateway address; an address that is taken; a subnet that is used up.
 * Nothing is left behind then: the veth, if it came so far, goes with the jail's namespace.
 */
int network_connect_start(
    struct network_work *work, const struct network_request *request, struct err *err);

/*
 * Wait for the work to end and release it; *ret is what was made. Work that was not started
 * (NETWORK_WORK_INIT), or was waited for already, is -EINVAL.
 */
int network_connect_wait(struct network_work *work, struct network_result *ret, struct err *err);

/*
 * Keep a port of the host from everybody else for as long as the descriptor that is returned is
 * open: it is bound, and nothing listens on it. `again`: only to see whether it could be had by
 * somebody who listens there, even when connections of who did so before are not yet forgotten;
 * it is not kept from others who say so as well. Privileges: those that the port needs.
 * Returns -errno with a message: -EADDRINUSE where somebody has the port, -EADDRNOTAVAIL where the
 * host has no such address.
 */
int network_reserve(const struct spec_publish *publish, bool again, struct err *err);

/* A port of the host, and the jail's address that it leads to. */
struct network_published {
	struct spec_publish publish;
	struct spec_address to;
};

/*
 * Make these the published ports of the host, and no others, in one transaction with a table of
 * the host's firewall. What came by others goes nowhere from then on. Who comes to an
 * address of the host from anywhere but loopback and contain0 is sent on to the jail, with the
 * address that they have. Works in a child process as network_connect_start() does, and waits for
 * its end. Needs CAP_NET_ADMIN. Returns 0 or -errno; the ports are as they were then.
 */
int network_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err);

#endif
