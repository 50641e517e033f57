/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_RESOLVER_H
#define CONTAIN_KERNEL_RESOLVER_H

#include "lib/base/err.h"
#include "lib/kernel/rootfs.h"

/*
 * /etc/resolv.conf and /etc/hosts of the jail, in place of those of its root: the name servers are
 * ones that can be reached from where the jail is, and its own host name means itself. The files of
 * the root are not changed; one that lacks them keeps none, but for an empty resolv.conf in a root
 * that is written to anyway.
 *
 * By the first process, while it sees the host's files. A jail without a network keeps the root's
 * resolv.conf. A volume in the place of one of them stays.
 * Returns 0 or -errno.
 */
int resolver_files_mount(struct rootfs *rootfs, const struct jail_spec *spec, struct err *err);

/*
 * What goes into resolv.conf(5). `host` is the host's, or NULL. Name servers on the host's loopback
 * can only be asked in the host's own network: elsewhere those of `upstream`, a file in the same
 * format that such a server goes by (NULL: none), take their place. The caller frees *ret. Returns
 * 0 or -ENOMEM.
 */
int resolver_conf(
    const struct spec_network *network, const char *host, const char *upstream, char **ret);

/*
 * The same, `conf`, for a jail with names of hosts in its rules: the only server is the one that
 * knows them (host_names.h). The caller frees *ret. Returns 0 or -ENOMEM.
 */
int resolver_own_conf(const char *conf, char **ret);

/*
 * The name servers that the jail's resolv.conf has, or would have without names of hosts in its
 * rules, as far as the C library asks them; each is a single address. Returns how many. Where the
 * host's files can be seen.
 */
unsigned resolver_servers(
    const struct spec_network *network, struct spec_address ret[static SPEC_DNS_MAX]);

/*
 * What goes into hosts(5): the root's, `text` (NULL: it has none), with localhost and `hostname`
 * where they are missing. The caller frees *ret. Returns 0 or -ENOMEM.
 */
int resolver_hosts(const char *hostname, const char *text, char **ret);

#endif
