/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_shaper.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>

#define QUEUE_US 50000 /* what is late by more is dropped, and TCP slows down */

/* What may go at once: 5 ms of the rate, and at least one packet as large as veths pass on. */
#define BURST_MIN	   (INT64_C(64) << 10)
#define BURSTS_IN_A_SECOND 200

static void put_qdisc(struct rtnl_qdisc **qdisc)
{
	if (*qdisc)
		rtnl_qdisc_put(*qdisc);
}

static int fill(struct rtnl_qdisc *qdisc, int index, uint64_t rate)
{
	int bytes = (int)(rate / 8);
	int burst = bytes / BURSTS_IN_A_SECOND;

	rtnl_tc_set_ifindex(TC_CAST(qdisc), index);
	rtnl_tc_set_parent(TC_CAST(qdisc), TC_H_ROOT);
	int code = rtnl_tc_set_kind(TC_CAST(qdisc), "tbf");
	if (code < 0)
		return code;
	rtnl_qdisc_tbf_set_rate(qdisc, bytes, burst > BURST_MIN ? burst : (int)BURST_MIN, 0);
	return rtnl_qdisc_tbf_set_limit_by_latency(qdisc, QUEUE_US);
}

int shaper_limit(struct netlink *netlink, const char *name, uint64_t rate, struct err *err)
{
	__attribute__((cleanup(put_qdisc))) struct rtnl_qdisc *qdisc = NULL;
	struct nl_msg *message = NULL;
	int built = -NLE_NOMEM;

	if (!rate)
		return 0;
	int index = netlink_get_index(netlink, name, err);
	if (index < 0)
		return index;
	qdisc = rtnl_qdisc_alloc();
	if (qdisc)
		built = fill(qdisc, index, rate);
	if (built >= 0)
		built = rtnl_qdisc_build_add_request(qdisc, NLM_F_CREATE | NLM_F_REPLACE, &message);
	return netlink_request(
	    netlink, built, &message, err, "--bandwidth: cannot limit what goes through %s", name);
}
