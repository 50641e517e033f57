/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETWORK_H
#define CONTAIN_KERNEL_NETWORK_H

#include "lib/base/child.h"
#include "lib/base/err.h"
#include "lib/policy/spec.h"

/* Name and addresses of the bridge that is made where the spec names none. */
#define NETWORK_BRIDGE_DEFAULT "contain0"
#define NETWORK_BRIDGE_IPV4    "10.97.0.1/16"
#define NETWORK_BRIDGE_IPV6    "fd97:c0a1::1/64"

/* Bring up lo in the network namespace of the caller. */
int network_loopback_up(struct err *err);

/*
 * Claims an address for as long as the jail lives. Called by network_connect() for every address
 * before it is used. Returns 0, or -EADDRINUSE with a message when another jail holds it.
 * `address` is the printed address without prefix, e.g. "10.97.0.5".
 */
typedef int (*network_claim_fn)(
    void *data, const char *bridge, const char *address, struct err *err);

struct network_result {
	struct spec_address addresses[SPEC_ADDRESSES_MAX]; /* what eth0 got */
	unsigned address_count;
	char host_interface[IFNAMSIZ]; /* the veth's end in the bridge */
};

struct network_request {
	const struct spec_network *network;
	int netns;		/* the jail's network namespace, stays the caller's */
	pid_t init;		/* its first process: names the host end of the veth */
	network_claim_fn claim; /* and its data */
	void *claim_data;
};

/*
 * Connect the jail's network namespace to its bridge: bridge (found or made), veth with the peer
 * created directly in the jail's namespace as eth0, addresses, default routes, all up.
 *
 * Runs in a child process that loads the netlink part (contain-netlink.so beside contain-init) and ends when it is
 * done, so that neither libnl's code nor its memory stays: close with network_wait(). Needs CAP_NET_ADMIN over both namespaces.
 * Refused with -errno and a message: a bridge that does not exist or is no bridge, an address outside the
 * bridge's subnets, a network, broadcast or gateway address, an address that is taken.
 */
struct network_work {
	struct child child;
	int result; /* read end of a pipe with the struct network_result */
};
int network_connect_start(
    struct network_work *work, const struct network_request *request, struct err *err);
int network_connect_wait(struct network_work *work, struct network_result *ret, struct err *err);

#endif
