/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_DNSMASQ_H
#define CONTAIN_KERNEL_DNSMASQ_H

/*
 * The look-up of the names in a jail's rules: dnsmasq(8), up to three of it (dnsmasq_conf.h), in
 * the network namespace of the jail and outside of all its others. It parses what strangers send,
 * and may change the jail's rules. So all that it is and has is:
 *
 * - a user of the host that no process of the jail has, without groups, with CAP_NET_ADMIN and
 *   CAP_NET_BIND_SERVICE alone, which mean the jail's network, with no_new_privs and the default
 *   system call filter;
 * - a root without anything but programs and libraries, read-only; no /proc, no /sys;
 * - a PID namespace, whose PID 1 is the keeper, a process of ours. It is killed with the
 *   supervisor, however that ends, and with it all that dnsmasq has forked.
 *
 * The keeper ends when one of them does, and names are then not found any more: who waits in the
 * place of one that is gone could tell the others what it likes.
 */

#include <linux/capability.h>

#include "lib/base/err.h"
#include "lib/kernel/host_names.h"
#include "lib/kernel/seccomp.h"

struct dnsmasq {
	pid_t keeper;
	int ready; /* read end of a pipe: a struct err, whose code is 0 when names can be asked for;
		      end of file when the keeper is dead */
};

#define DNSMASQ_INIT                                                                               \
	{                                                                                          \
		.keeper = -1, .ready = -1                                                          \
	}

#define DNSMASQ_CAPABILITIES (UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_BIND_SERVICE)

struct dnsmasq_request {
	int netns; /* the jail's; stays the caller's */
	const struct host_names *hosts;
	const struct seccomp_filter *filter; /* for DNSMASQ_CAPABILITIES */
};

/*
 * The user that it runs as, into *ret. To be called first: refuses, with the name of the package,
 * where dnsmasq or its user is missing. Returns 0 or -errno.
 */
int dnsmasq_user(struct host_names *ret, struct err *err);

/*
 * Begin; lo of the namespace is brought up for it. What the request points to need not outlive the
 * call. Needs root. Returns 0 or -errno.
 */
int dnsmasq_start(struct dnsmasq *dnsmasq, const struct dnsmasq_request *request, struct err *err);

/* Until it can be asked. Returns 0, or -errno with what dnsmasq itself complains of. */
int dnsmasq_wait(struct dnsmasq *dnsmasq, struct err *err);

/* Kill it, and reap the keeper. Harmless where nothing was started. */
void dnsmasq_stop(struct dnsmasq *dnsmasq);

#endif
