/* SPDX-License-Identifier: MIT */
#include "lib/jail/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <arpa/inet.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/policy/parse.h"

#define LOCK_WAIT_US UINT64_C(10000000)

/* A firewall is a network namespace's. 0: it cannot be told, and is nobody's. */
static uintmax_t own_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) == 0 ? st.st_ino : 0;
}

static int note_port(struct registry *registry, const struct spec_publish *publish,
    const struct spec_address *to, struct err *err)
{
	char line[128], ip[INET6_ADDRSTRLEN], port[SPEC_PUBLISH_TEXT_MAX];

	(void)inet_ntop(to->family, &to->ip, ip, sizeof(ip));
	spec_format_publish(publish, port);
	snprintf(line, sizeof(line), "%ju %s %s", own_namespace(), ip, port);
	return registry_note(registry, "published", line, err);
}

/* To the first address of each family, or of that of the host's address. */
static int note_families(struct registry *registry, const struct spec_publish *publish,
    const struct network_result *result, struct err *err)
{
	bool had[2] = { false, false };
	int r = 0;

	for (unsigned i = 0; r == 0 && i < result->address_count; i++) {
		const struct spec_address *to = &result->addresses[i];
		bool v6 = to->family == AF_INET6;
		if (had[v6] || (publish->host.family && publish->host.family != to->family))
			continue;
		had[v6] = true;
		r = note_port(registry, publish, to, err);
	}
	if (r < 0 || had[0] || had[1])
		return r;
	return err_say(err, EADDRNOTAVAIL,
	    "--publish: port %u is of an %s address of the host, and the container has none",
	    publish->host_port, publish->host.family == AF_INET ? "IPv4" : "IPv6");
}

int publish_note(struct registry *registry, const struct spec_network *network,
    const struct network_result *result, struct err *err)
{
	char holder[REGISTRY_HOLDER_MAX], path[REGISTRY_HOLDER_MAX + 16];
	int r = 0;

	/* Made here, and not with the others: most hosts never have such a port. */
	if (registry->directory >= 0 && mkdirat(registry->directory, "published", 0700) < 0 &&
	    errno != EEXIST)
		return err_sys(err, errno, "registry: cannot make published");
	for (unsigned i = 0; r == 0 && i < network->publish_count; i++)
		r = note_families(registry, &network->publish[i], result, err);
	if (r < 0)
		return r;
	registry_holder(registry, holder);
	snprintf(path, sizeof(path), "published/%s", holder);
	r = registry_claim(registry, path);
	return r < 0 ? err_sys(err, -r, "registry: cannot claim %s", path) : 0;
}

struct ports {
	uintmax_t namespace;
	struct network_published *items;
	size_t count;
	int r;
};

/* Two jails have it only while one of them is dying. */
static bool is_known(const struct ports *ports, int family, const char *text)
{
	char other[SPEC_PUBLISH_TEXT_MAX];

	for (size_t i = 0; i < ports->count; i++) {
		spec_format_publish(&ports->items[i].publish, other);
		if (ports->items[i].to.family == family && strcmp(other, text) == 0)
			return true;
	}
	return false;
}

/* "NETNS ADDRESS PORT", as note_port() writes it; nobody else can. -ENOENT: another namespace's. */
static int parse_line(const char *line, uintmax_t namespace, struct network_published *ret)
{
	char owner[24], ip[INET6_ADDRSTRLEN], own[24];
	int r = parse_field(&line, ' ', owner, sizeof(owner));

	snprintf(own, sizeof(own), "%ju", namespace);
	if (r == 0 && strcmp(own, owner) != 0)
		return -ENOENT;
	if (r == 0 && line)
		r = parse_field(&line, ' ', ip, sizeof(ip));
	if (r < 0 || !line)
		return -EINVAL;
	r = parse_ip_address(ip, &ret->to, NULL);
	return r < 0 ? r : parse_publish(line, &ret->publish, NULL);
}

static void add_port(const char *line, void *data)
{
	struct ports *ports = data;
	struct network_published port;

	if (parse_line(line, ports->namespace, &port) < 0 ||
	    is_known(ports, port.to.family, strrchr(line, ' ') + 1))
		return;
	struct network_published *more =
	    reallocarray(ports->items, ports->count + 1, sizeof(*ports->items));
	if (!more) {
		ports->r = -ENOMEM;
		return;
	}
	ports->items = more;
	ports->items[ports->count++] = port;
}

static void add_record(const char *text, void *data)
{
	registry_each_line(text, "published", add_port, data);
}

/* The holder works for milliseconds; one that does not let go was stopped, or hangs. */
static int lock_ports(int directory, struct err *err)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	uint64_t deadline = clock_now() + LOCK_WAIT_US;

	while (flock(directory, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_now() > deadline)
			return err_sys(err, errno, "registry: cannot lock the published ports");
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* Who reads the records loads what they say before another reads: the last one has read all that
 * was written before. */
int publish_load(const struct registry *registry, struct err *err)
{
	struct ports ports = { .namespace = own_namespace() };
	cleanup_fd int lock =
	    openat(registry->directory, "published", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (lock < 0 && errno == ENOENT)
		return 0;
	if (lock < 0)
		return err_sys(err, errno, "registry: cannot open the published ports");
	int r = lock_ports(lock, err);
	if (r < 0)
		return r;
	r = registry_each_living(registry, "published", add_record, &ports);
	r = r < 0 ? r : ports.r;
	if (r < 0)
		err_sys(err, -r, "registry: cannot read the published ports");
	else
		r = network_publish(ports.items, ports.count, registry->libexec_dir, err);
	free(ports.items);
	return r;
}
