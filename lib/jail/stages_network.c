/* SPDX-License-Identifier: MIT */
/* The supervisor's stages that are about the network. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/jail/publish.h"
#include "lib/jail/stages_supervisor.h"
#include "lib/jail/tenants.h"
#include "lib/kernel/resolver.h"

int stage_ports(struct jail *jail, struct err *err)
{
	const struct spec_network *network = &jail->spec->network;
	bool pasta = network->mode == NETWORK_PASTA;

	for (; jail->port_count < network->publish_count; jail->port_count++) {
		int fd = network_reserve(&network->publish[jail->port_count], pasta, err);
		if (fd < 0)
			return fd;
		jail->ports[jail->port_count] = fd;
	}
	/* It binds them itself; here it was only seen whether they can be had, while that can be
	 * said in our own words. Not later: the first process has copies. */
	if (pasta)
		undo_ports(jail);
	return 0;
}

void undo_ports(struct jail *jail)
{
	for (unsigned i = 0; i < jail->port_count; i++)
		jail->ports[i] = fd_close(jail->ports[i]);
	jail->port_count = 0;
}

static int claim_address(
    void *data, const char *bridge, const char *address, bool fresh, struct err *err)
{
	struct jail *jail = data;
	int directory = jail->registry.directory;
	char path[128];

	snprintf(path, sizeof(path), TENANTS_LEASES "%s-%s", bridge, address);
	bool lingers = tenants_linger(directory, path, jail->spec->name);
	int r = lingers && fresh ? -EEXIST : registry_claim(&jail->registry, path);
	if (r == -EEXIST)
		return err_say(
		    err, EADDRINUSE, "%s is taken by another jail on %s", address, bridge);
	if (r < 0)
		return err_sys(err, -r, "cannot claim %s", address);
	/* Looked at once more, now that nobody else can move out. */
	lingers = tenants_linger(directory, path, jail->spec->name);
	r = tenants_move_in(directory, path, jail->spec->name, err);
	return r < 0 ? r : lingers;
}

int stage_network(struct jail *jail, struct err *err)
{
	char path[64];

	if (jail->spec->network.mode != NETWORK_BRIDGE)
		return 0;
	/* The first process is ours and not reaped, so that its number cannot mean another. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", jail->first);
	cleanup_fd int own = jail->namespaces[IDMAP_NETNS] >= 0
				 ? fcntl(jail->namespaces[IDMAP_NETNS], F_DUPFD_CLOEXEC, 3)
				 : open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return err_sys(err, errno, "cannot open the jail's network namespace");
	struct network_request request = { .network = &jail->spec->network,
		.netns = own,
		.isolate = spec_is_isolated(jail->spec),
		.host_access = spec_host_access(jail->spec),
		.owned = spec_jail_owned_namespaces(jail->spec) & CLONE_NEWNET,
		.name = jail->spec->name,
		.init = jail->first,
		.libexec_dir = jail->settings->libexec_dir,
		.claim = claim_address,
		.claim_data = jail };
	request.egress = spec_egress(jail->spec, &request.egress_count);
	request.hide_metadata = !request.egress_count;
	if (spec_egress_is_open(request.egress, request.egress_count))
		request.egress_count = 0;
	if (request.egress_count || request.hide_metadata || network_closes_host(&request))
		request.name_server_count = resolver_servers(request.network, request.name_servers);
	request.hosts = jail->hosts.count ? &jail->hosts : NULL;
	return network_connect_start(&jail->network_work, &request, err);
}

void undo_network(struct jail *jail)
{
	/* It ends by itself, and soon: what it waits for is the kernel's answers. */
	if (jail->network_work.child.pid >= 0)
		(void)network_connect_wait(&jail->network_work, &jail->network, NULL);
}

int stage_pasta(struct jail *jail, struct err *err)
{
	if (jail->spec->network.mode != NETWORK_PASTA)
		return 0;
	return pasta_start(&jail->pasta, &jail->spec->network, jail->first, err);
}

void undo_pasta(struct jail *jail)
{
	pasta_end(&jail->pasta);
}

int stage_connected(struct jail *jail, struct err *err)
{
	if (jail->spec->network.mode == NETWORK_PASTA)
		return pasta_wait(&jail->pasta, err);
	if (jail->spec->network.mode != NETWORK_BRIDGE)
		return 0;
	return network_connect_wait(&jail->network_work, &jail->network, err);
}

int stage_publish(struct jail *jail, struct err *err)
{
	/* Those of others may have been flushed with the host's rules. A jail without any is not
	 * refused where they cannot be put back. */
	if (!jail->port_count && jail->network.loaded)
		(void)publish_load(&jail->registry, NULL);
	if (!jail->port_count)
		return 0;
	int r = publish_note(&jail->registry, &jail->spec->network, &jail->network, err);
	return r < 0 ? r : publish_load(&jail->registry, err);
}
