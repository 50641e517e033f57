/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_connections.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/kernel/netlink_socket.h"
#include "lib/kernel/netlink_subnet.h"

/* There where the table is. */
#define COUNT_FILE "/proc/sys/net/netfilter/nf_conntrack_count"

/* Of the kernel's filter: the source alone (CTA_FILTER_F_CTA_IP_SRC, Linux 5.8). */
#define FILTER_SOURCE 1u

/* The two directions of a connection: it is from the address if that is the first one's source, and
 * to it if it is that of the answers, whatever the address was translated to. */
static const struct direction {
	uint16_t tuple, filter;
} directions[] = { { CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS },
	{ CTA_TUPLE_REPLY, CTA_FILTER_REPLY_FLAGS } };

/* What the kernel tells one connection from others by: attributes, as they came. */
#define CONNECTION_MAX 256
struct connection {
	size_t size;
	char attributes[CONNECTION_MAX];
};

struct connections {
	struct connection *items; /* owned */
	size_t count;
	int error;
};

static bool keep_attribute(struct connection *connection, struct nlattr *attribute)
{
	size_t size = (size_t)nla_total_size(nla_len(attribute));

	if (connection->size + size > CONNECTION_MAX)
		return false;
	memset(connection->attributes + connection->size, 0, size);
	memcpy(connection->attributes + connection->size, attribute, attribute->nla_len);
	connection->size += size;
	return true;
}

static int on_connection(struct nl_msg *message, void *data)
{
	static const uint16_t kept[] = { CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE };
	struct connections *connections = data;
	struct nlattr *attributes[CTA_MAX + 1];
	struct connection *items =
	    reallocarray(connections->items, connections->count + 1, sizeof(*connections->items));

	if (!items) {
		connections->error = -NLE_NOMEM;
		return NL_STOP;
	}
	connections->items = items;
	struct connection *connection = &items[connections->count];
	*connection = (struct connection){ .size = 0 };
	if (nlmsg_parse(nlmsg_hdr(message), sizeof(struct nfgenmsg), attributes, CTA_MAX, NULL) < 0)
		return NL_SKIP;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (attributes[kept[i]] && !keep_attribute(connection, attributes[kept[i]]))
			return NL_SKIP;
	connections->count++;
	return NL_OK;
}

static struct nl_msg *start_message(int family, int type, int flags)
{
	const struct nfgenmsg header = {
		.nfgen_family = (uint8_t)(family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6),
		.version = NFNETLINK_V0
	};
	struct nl_msg *message = nlmsg_alloc_simple((NFNL_SUBSYS_CTNETLINK << 8) | type, flags);

	if (message && nlmsg_append(message, (void *)&header, sizeof(header), NLMSG_ALIGNTO) >= 0)
		return message;
	nlmsg_free(message);
	return NULL;
}

/* Only those whose source in this direction is the address: the kernel passes over all others. */
static int put_filter(
    struct nl_msg *message, const struct direction *direction, const struct spec_address *address)
{
	bool v4 = address->family == AF_INET;
	struct nlattr *tuple = nla_nest_start(message, direction->tuple);
	struct nlattr *ip = tuple ? nla_nest_start(message, CTA_TUPLE_IP) : NULL;

	if (!ip || nla_put(message, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC,
		       v4 ? sizeof(address->ip.v4) : sizeof(address->ip.v6), &address->ip) < 0)
		return -NLE_NOMEM;
	nla_nest_end(message, ip);
	nla_nest_end(message, tuple);
	struct nlattr *filter = nla_nest_start(message, CTA_FILTER);
	if (!filter || nla_put_u32(message, direction->filter, FILTER_SOURCE) < 0)
		return -NLE_NOMEM;
	nla_nest_end(message, filter);
	return 0;
}

static int list(struct netlink *netlink, const struct direction *direction,
    const struct spec_address *address, struct connections *ret)
{
	struct nl_msg *message = start_message(address->family, IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	int built = message ? put_filter(message, direction, address) : -NLE_NOMEM;
	int code = netlink_dump(netlink, built, message, on_connection, ret);

	return code < 0 ? code : ret->error;
}

/* One that has ended meanwhile is no error. */
static int forget(
    struct netlink *netlink, int family, struct connection *connection, struct err *err)
{
	struct nl_msg *message = start_message(family, IPCTNL_MSG_CT_DELETE, 0);
	int built = message ? nlmsg_append(message, connection->attributes, connection->size, 0)
			    : -NLE_NOMEM;
	int r = netlink_request(netlink, built, &message, err, "cannot forget a connection");

	nlmsg_free(message);
	if (r == -ENOENT)
		err_clear(err);
	return r == -ENOENT ? 0 : r;
}

static int forget_all(struct netlink *netlink, const struct spec_address *address,
    struct connections *connections, struct err *err)
{
	char text[SUBNET_TEXT_MAX];
	int code = 0, r = 0;

	for (size_t i = 0; code >= 0 && i < sizeof(directions) / sizeof(directions[0]); i++)
		code = list(netlink, &directions[i], address, connections);
	if (code < 0)
		return netlink_error(netlink, code, err, "cannot list the connections of %s",
		    subnet_print_ip(address, text));
	for (size_t i = 0; r == 0 && i < connections->count; i++)
		r = forget(netlink, address->family, &connections->items[i], err);
	return r < 0 ? r : (int)connections->count;
}

int connections_forget(const struct spec_address *address, struct err *err)
{
	cleanup_netlink struct netlink netlink = NETLINK_INIT;
	struct connections connections = { .items = NULL };

	if (access(COUNT_FILE, F_OK) < 0)
		return 0;
	int r = netlink_open(&netlink, NETLINK_NETFILTER, err);
	if (r == 0)
		r = forget_all(&netlink, address, &connections, err);
	free(connections.items);
	return r;
}
