/* SPDX-License-Identifier: MIT */
/* One transaction, by hand: who does this lives on, and shall not have the libraries for it. */
#include "lib/kernel/host_sets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/host_names.h"

#define TABLE "contain"

/* Of every set: a message with two short strings. */
struct batch {
	char data[(2 * SPEC_EGRESS_MAX + 2) * 64] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t used;
};

static struct nlmsghdr *add_message(
    struct batch *batch, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(batch->data + batch->used);
	struct nfgenmsg *general = NLMSG_DATA(message);

	*message = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(sizeof(*general)),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags };
	*general = (struct nfgenmsg){
		.nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource)
	};
	batch->used += NLMSG_ALIGN(message->nlmsg_len);
	return message;
}

static void add_string(
    struct batch *batch, struct nlmsghdr *message, uint16_t type, const char *text)
{
	struct nlattr *attribute = (struct nlattr *)(batch->data + batch->used);
	size_t length = strlen(text) + 1;

	*attribute =
	    (struct nlattr){ .nla_len = (uint16_t)(NLA_HDRLEN + length), .nla_type = type };
	memcpy((char *)attribute + NLA_HDRLEN, text, length);
	batch->used += NLA_ALIGN(attribute->nla_len);
	message->nlmsg_len = (uint32_t)(batch->data + batch->used - (char *)message);
}

/* Elements are removed by name; without any it is all of them. */
static void add_flush(struct batch *batch, char half, char family, unsigned number, bool last)
{
	char set[HOST_SET_NAME_MAX];

	snprintf(set, sizeof(set), HOST_SET_FORMAT, half, family, number % SPEC_EGRESS_MAX);
	struct nlmsghdr *message = add_message(batch,
	    NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM, last ? NLM_F_ACK : 0, NFPROTO_INET, 0);
	add_string(batch, message, NFTA_SET_ELEM_LIST_TABLE, TABLE);
	add_string(batch, message, NFTA_SET_ELEM_LIST_SET, set);
}

/* The kernel has carried it out, or not, before send(2) returns: an error, or what was to be
 * acknowledged. */
static int read_answer(int socket)
{
	char data[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n = recv(socket, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	const struct nlmsghdr *message = (const struct nlmsghdr *)data;
	if (!NLMSG_OK(message, (size_t)n) || message->nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
}

int host_sets_open(void)
{
	cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	return fd < 0 ? -errno : take_fd(&fd);
}

/* What an earlier one still had to say is not about this one. */
static void forget_answers(int socket)
{
	char data[64];

	while (recv(socket, data, sizeof(data), MSG_DONTWAIT) >= 0)
		;
}

int host_sets_flush(int socket, char half, unsigned count)
{
	struct batch batch = { .used = 0 };

	forget_answers(socket);
	add_message(&batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	for (unsigned i = 0; i < count && i < SPEC_EGRESS_MAX; i++) {
		add_flush(&batch, half, '4', i, false);
		add_flush(&batch, half, '6', i, i + 1 == count);
	}
	add_message(&batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	if (send(socket, batch.data, batch.used, 0) < 0)
		return -errno;
	return read_answer(socket);
}
