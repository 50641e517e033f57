/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_NETLINK_SOCKET_H
#define CONTAIN_KERNEL_NETLINK_SOCKET_H

#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "lib/base/err.h"

/*
 * A netlink socket. It speaks to the network namespace in which it was opened, wherever the
 * thread goes later. libnl turns errno into codes of its own, of which several are the same: this
 * keeps the kernel's errno, and the sentence with which newer kernels explain it.
 */
struct netlink {
	struct nl_sock *socket;
	int errnum;	  /* of the kernel's last refusal, positive; 0: it came from libnl */
	char reason[128]; /* the kernel's own words about it, or "" */
};

#define NETLINK_INIT                                                                               \
	{                                                                                          \
		.socket = NULL                                                                     \
	}
#define cleanup_netlink __attribute__((cleanup(netlink_close)))

/*
 * Open a socket of a protocol such as NETLINK_ROUTE in the thread's network namespace; close it
 * with netlink_close(). Returns 0 or -errno.
 */
int netlink_open(struct netlink *netlink, int protocol, struct err *err);
void netlink_close(struct netlink *netlink);

/*
 * Send the message that a libnl builder made, wait for the kernel's acknowledgement and free it.
 * `built` is what the builder returned; a failed one is reported as if the kernel had refused.
 * The rest says what could not be done: "cannot make the bridge contain0". Returns 0 or -errno.
 */
int netlink_request(struct netlink *netlink, int built, struct nl_msg **message, struct err *err,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Send a message that asks for a list, free it, and call visit() for each answer as libnl does with
 * NL_CB_VALID. `built` is what the builder returned. Returns what libnl did: 0, or a negative code
 * for netlink_error(); -NLE_DUMP_INTR if the list may lack something that has changed meanwhile.
 */
int netlink_dump(struct netlink *netlink, int built, struct nl_msg *message,
    nl_recvmsg_msg_cb_t visit, void *data);

/* Report a failed libnl call, `code` being what it returned. Returns -errno. */
int netlink_error(struct netlink *netlink, int code, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The errno that libnl's negative result most likely stood for; EIO if none. */
int netlink_errno(int code);

/*
 * Ask for one interface by its name. Returns 0; -ENODEV, without a message, if there is none;
 * another -errno. *ret is the caller's: rtnl_link_put().
 */
int netlink_get_link(
    struct netlink *netlink, const char *name, struct rtnl_link **ret, struct err *err);

/* The number of an interface, or -errno: -ENODEV, with a message, if it went away. */
int netlink_get_index(struct netlink *netlink, const char *name, struct err *err);

/* libnl's objects are counted references; these drop one at the end of the scope. */
void netlink_put_link(struct rtnl_link **link);
#define cleanup_link __attribute__((cleanup(netlink_put_link)))
void netlink_put_addr(struct nl_addr **address);
#define cleanup_nl_addr __attribute__((cleanup(netlink_put_addr)))

#endif
