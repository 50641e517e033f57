/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_socket.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the answer about one interface, which is about 2 KiB, or a block of a dump. */
#define RECEIVE_BUFFER 32768

/*
 * The explanation follows the header of the refused request (NETLINK_CAP_ACK: without its body) as
 * attributes.
 */
static void keep_reason(struct netlink *netlink, const struct nlmsghdr *header)
{
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse((struct nlmsghdr *)header, sizeof(struct nlmsgerr), attributes,
		NLMSGERR_ATTR_MAX, NULL) < 0 ||
	    !attributes[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(netlink->reason, attributes[NLMSGERR_ATTR_MSG], sizeof(netlink->reason));
}

static int on_refusal(struct sockaddr_nl *from, struct nlmsgerr *refusal, void *data)
{
	struct netlink *netlink = data;
	const struct nlmsghdr *header = (const void *)((const char *)refusal - NLMSG_HDRLEN);

	(void)from;
	netlink->errnum = -refusal->error;
	keep_reason(netlink, header);
	return NL_STOP;
}

int netlink_open(struct netlink *netlink, int protocol, struct err *err)
{
	static const int options[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	const int on = 1;

	*netlink = (struct netlink){ .socket = nl_socket_alloc() };
	if (!netlink->socket)
		return err_sys(err, ENOMEM, "cannot make a netlink socket");
	nl_socket_modify_err_cb(netlink->socket, NL_CB_CUSTOM, on_refusal, netlink);
	/* One receive call for an answer instead of two. */
	nl_socket_disable_msg_peek(netlink->socket);
	int code = nl_socket_set_msg_buf_size(netlink->socket, RECEIVE_BUFFER);
	if (code >= 0)
		code = nl_connect(netlink->socket, protocol);
	if (code < 0) {
		int r = netlink_error(netlink, code, err, "cannot make a netlink socket");
		netlink_close(netlink);
		return r;
	}
	/* Better messages and shorter dumps; a kernel without them does as well. */
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		(void)setsockopt(
		    nl_socket_get_fd(netlink->socket), SOL_NETLINK, options[i], &on, sizeof(on));
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->socket)
		nl_socket_free(netlink->socket);
	netlink->socket = NULL;
}

int netlink_errno(int code)
{
	static const int errnos[NLE_MAX + 1] = {
		[NLE_INTR] = EINTR,
		[NLE_BAD_SOCK] = EBADF,
		[NLE_AGAIN] = EAGAIN,
		[NLE_NOMEM] = ENOMEM,
		[NLE_EXIST] = EEXIST,
		[NLE_INVAL] = EINVAL,
		[NLE_RANGE] = ERANGE,
		[NLE_MSGSIZE] = EMSGSIZE,
		[NLE_OPNOTSUPP] = EOPNOTSUPP,
		[NLE_AF_NOSUPPORT] = EAFNOSUPPORT,
		[NLE_OBJ_NOTFOUND] = ENOENT,
		[NLE_NOADDR] = EADDRNOTAVAIL,
		[NLE_BUSY] = EBUSY,
		[NLE_NOACCESS] = EACCES,
		[NLE_PERM] = EPERM,
		[NLE_NODEV] = ENODEV,
		[NLE_DUMP_INTR] = EAGAIN,
	};
	unsigned index = code < 0 ? (unsigned)-code : (unsigned)code;

	return index <= NLE_MAX && errnos[index] ? errnos[index] : EIO;
}

/* Takes the arguments of a variadic function apart once for both callers. */
static int report(struct netlink *netlink, int code, struct err *err, const char *fmt, va_list args)
{
	char what[256];
	int errnum = netlink->errnum;
	const char *reason = netlink->reason;

	if (!errnum) {
		errnum = netlink_errno(code);
		reason = nl_geterror(code);
	}
	vsnprintf(what, sizeof(what), fmt, args);
	if (!*reason)
		return err_sys(err, errnum, "%s", what);
	return err_sys(err, errnum, "%s (%s)", what, reason);
}

int netlink_error(struct netlink *netlink, int code, struct err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int r = report(netlink, code, err, fmt, args);
	va_end(args);
	return r;
}

static void forget_refusal(struct netlink *netlink)
{
	netlink->errnum = 0;
	netlink->reason[0] = '\0';
}

int netlink_request(struct netlink *netlink, int built, struct nl_msg **message, struct err *err,
    const char *fmt, ...)
{
	va_list args;
	int code = built;

	forget_refusal(netlink);
	if (code >= 0) {
		code = nl_send_sync(netlink->socket, *message); /* frees it */
		*message = NULL;
	}
	if (code >= 0)
		return 0;
	va_start(args, fmt);
	int r = report(netlink, code, err, fmt, args);
	va_end(args);
	return r;
}

int netlink_dump(struct netlink *netlink, int built, struct nl_msg *message,
    nl_recvmsg_msg_cb_t visit, void *data)
{
	struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	int code = callbacks ? built : -NLE_NOMEM;

	forget_refusal(netlink);
	if (code >= 0)
		code = nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, visit, data);
	if (code >= 0)
		code = nl_send_auto(netlink->socket, message);
	if (code >= 0)
		code = nl_recvmsgs(netlink->socket, callbacks);
	if (callbacks)
		nl_cb_put(callbacks);
	nlmsg_free(message);
	return code < 0 ? code : 0;
}

int netlink_get_link(
    struct netlink *netlink, const char *name, struct rtnl_link **ret, struct err *err)
{
	forget_refusal(netlink);
	int code = rtnl_link_get_kernel(netlink->socket, 0, name, ret);
	if (code >= 0)
		return 0;
	if (netlink->errnum == ENODEV)
		return -ENODEV;
	return netlink_error(netlink, code, err, "cannot look up the interface %s", name);
}

int netlink_get_index(struct netlink *netlink, const char *name, struct err *err)
{
	cleanup_link struct rtnl_link *link = NULL;
	int r = netlink_get_link(netlink, name, &link, err);

	if (r == -ENODEV)
		return err_sys(err, ENODEV, "the interface %s went away", name);
	return r < 0 ? r : rtnl_link_get_ifindex(link);
}

void netlink_put_addr(struct nl_addr **address)
{
	if (*address)
		nl_addr_put(*address);
}

void netlink_put_link(struct rtnl_link **link)
{
	if (*link)
		rtnl_link_put(*link);
}
