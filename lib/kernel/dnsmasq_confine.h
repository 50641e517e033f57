/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_DNSMASQ_CONFINE_H
#define CONTAIN_KERNEL_DNSMASQ_CONFINE_H

#include "lib/base/err.h"
#include "lib/kernel/dnsmasq_conf.h"

/* Where it is in a root, and where its files are in its own: "/0.conf" for the first. */
#define DNSMASQ_PROGRAM	    "/usr/sbin/dnsmasq"
#define DNSMASQ_CONF_FORMAT "/%d.conf"
#define DNSMASQ_CONF_MAX    sizeof("/0.conf")

/*
 * Make the calling process, which must have PID and mount namespaces of its own and be in the
 * network namespace already, into what dnsmasq.h says, with the files `confs` (NULL: none) in a new
 * root, and prove it. Everything the process runs from then on has no more. Returns 0 or -errno;
 * after a failure the process must end.
 */
int dnsmasq_confine(
    const struct host_names *hosts, char *const confs[DNSMASQ_ROLES], struct err *err);

#endif
