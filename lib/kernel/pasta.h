/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_PASTA_H
#define CONTAIN_KERNEL_PASTA_H

#include "lib/base/child.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/policy/spec.h"

/*
 * pasta(1), of the package passt: it gives a network namespace an eth0, and does what is sent
 * through that with sockets of its own, in the network namespace that it was started in. So it
 * takes no privileges, and the jail reaches what its caller does: but for what listens on the
 * host's loopback, which is refused. Works with those of Debian 12 (2023) and 13 (2025).
 */
struct pasta {
	struct child child; /* ends when pasta has ended, and on SIGTERM with it */
	int ready;	/* read end: its pid, when all is connected; end of file: it has failed */
	int complaints; /* read end: what it says on its standard error */
};

#define PASTA_INIT                                                                                 \
	{                                                                                          \
		.child = CHILD_INIT, .ready = -1, .complaints = -1                                 \
	}

/*
 * Start it as a child of the caller, for the network namespace of the process `target`, and the
 * user namespace that owns that. `target` is not reaped before pasta_wait() has returned, so that
 * its number cannot mean another. Ports to publish are bound by pasta. Returns at once: 0 or
 * -errno.
 *
 * It dies with the caller, however that dies, and gets no signals from the caller's terminal: it is
 * in a PID namespace whose first process is killed with the caller. The kernel would forget to kill
 * pasta itself where its exec changes its AppArmor profile (Debian has one) or SELinux domain.
 * Privileges: none; the caller is who has made the namespaces.
 */
int pasta_start(
    struct pasta *pasta, const struct spec_network *network, pid_t target, struct err *err);

/*
 * Wait until eth0 is there with its addresses and routes, and ports are published. Returns 0 or
 * -errno with a message, pasta's own where it has said one: pasta is not installed, the host has no
 * network, somebody has a port. To be ended by pasta_end() in any case.
 */
int pasta_wait(struct pasta *pasta, struct err *err);

/* Kill and reap it. One that was not started, or was ended already, is fine. */
void pasta_end(struct pasta *pasta);

/* Its command line; for tests. The caller frees *ret. Returns 0 or -ENOMEM. */
int pasta_arguments(const struct spec_network *network, struct strv *ret);

#endif
