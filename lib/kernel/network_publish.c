/* SPDX-License-Identifier: MIT */
/* Ports of the host that lead into jails: kept from others, and sent on. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/part.h"
#include "lib/kernel/netlink_part.h"
#include "lib/kernel/network.h"

static int bind_port(const struct spec_publish *publish, int family, bool again)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(publish->host_port),
		.sin_addr = publish->host.ip.v4 };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(publish->host_port),
		.sin6_addr = publish->host.ip.v6 };
	const void *address = family == AF_INET ? (const void *)&v4 : (const void *)&v6;
	int type = publish->protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
	cleanup_fd int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/* [::] is of both families then. */
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)) < 0)
		return -errno;
	/* Of UDP it would be had together with others. */
	if (again && type == SOCK_STREAM &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0)
		return -errno;
	if (bind(fd, address, family == AF_INET ? sizeof(v4) : sizeof(v6)) < 0)
		return -errno;
	return take_fd(&fd);
}

int network_reserve(const struct spec_publish *publish, bool again, struct err *err)
{
	const char *protocol = publish->protocol == IPPROTO_TCP ? "tcp" : "udp";
	int fd = bind_port(publish, publish->host.family ?: AF_INET6, again);

	/* A host without IPv6. */
	if (!publish->host.family && (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL))
		fd = bind_port(publish, AF_INET, again);
	if (fd == -EADDRINUSE)
		return err_say(err, EADDRINUSE,
		    "--publish: %s port %u of this host is in use: choose another", protocol,
		    publish->host_port);
	if (fd == -EADDRNOTAVAIL)
		return err_say(err, EADDRNOTAVAIL,
		    "--publish: this host does not have the address that %s port %u is to be of",
		    protocol, publish->host_port);
	if (fd == -EACCES)
		return err_say(err, EACCES,
		    "--publish: %s port %u of this host is root's: choose one that is not below "
		    "net.ipv4.ip_unprivileged_port_start (1024)",
		    protocol, publish->host_port);
	return fd < 0 ? err_sys(err, -fd, "--publish: cannot have %s port %u", protocol,
			    publish->host_port)
		      : fd;
}

struct publication {
	const struct network_published *ports;
	size_t count;
	const char *libexec_dir;
};

static int publish_in_worker(void *argument, struct err *err)
{
	const struct publication *publication = argument;
	netlink_publish_fn *netlink_publish = (netlink_publish_fn *)part_load(
	    publication->libexec_dir, NETLINK_PART_FILE, NETLINK_PART_PUBLISH_SYMBOL, NULL, err);

	if (!netlink_publish)
		return -err->code;
	return netlink_publish(
	    publication->ports, publication->count, publication->libexec_dir, err);
}

int network_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err)
{
	struct publication publication = { ports, count, libexec_dir };
	int r = child_run(publish_in_worker, &publication, err);

	return r < 0 ? err_prefix(err, "--publish") : 0;
}
