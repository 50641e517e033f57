/* SPDX-License-Identifier: MIT */
/* The supervisor's stages that are about the names of hosts in the jail's rules. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "lib/base/cleanup.h"
#include "lib/jail/stages_supervisor.h"
#include "lib/kernel/resolver.h"

/* Nobody in the jail may be who looks names up, or they could ask name servers as well, and be
 * believed: only an account has an id of the host's in its jail (spec_check()). */
static int check_user(const struct jail *jail, struct err *err)
{
	const struct account *account = jail->spec->account;

	if (account && account->uid == jail->hosts.uid)
		return err_say(err, EPERM,
		    "--egress: names of hosts are looked up by a program that runs as user %u, "
		    "whose jail this is: use addresses",
		    jail->hosts.uid);
	return 0;
}

int stage_hosts(struct jail *jail, struct err *err)
{
	struct host_names *hosts = &jail->hosts;
	unsigned count;
	const struct spec_egress *rules = spec_egress(jail->spec, &count);

	if (!spec_has_hosts(jail->spec))
		return 0;
	host_names_of(rules, count, hosts);
	hosts->server_count = resolver_servers(&jail->spec->network, hosts->servers);
	int r = dnsmasq_user(hosts, err);
	return r < 0 ? r : check_user(jail, err);
}

/* Not the jail's own, which may be any, or none. */
static int get_filter(const struct jail *jail, struct seccomp_filter *ret, struct err *err)
{
	const struct spec_identity identity = { .seccomp = SECCOMP_PROFILE_DEFAULT,
		.capabilities = DNSMASQ_CAPABILITIES };
	cleanup_fd int cache = registry_cache(&jail->registry);

	return seccomp_filter_get(
	    &identity, cache, jail->settings->data_dir, jail->settings->libexec_dir, ret, err);
}

static int start_lookup(struct jail *jail, const struct seccomp_filter *filter, struct err *err)
{
	char path[64];

	/* A network that is the jail's own has no rules: spec_check(). */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", jail->first);
	cleanup_fd int own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return err_sys(err, errno, "cannot open the jail's network namespace");
	const struct dnsmasq_request request = {
		.netns = own, .hosts = &jail->hosts, .filter = filter
	};
	return dnsmasq_start(&jail->dnsmasq, &request, err);
}

int stage_lookup(struct jail *jail, struct err *err)
{
	struct seccomp_filter filter = { .code = NULL };

	if (!jail->hosts.count)
		return 0;
	int r = get_filter(jail, &filter, err);
	if (r == 0)
		r = start_lookup(jail, &filter, err);
	seccomp_filter_done(&filter);
	return r;
}

void undo_lookup(struct jail *jail)
{
	dnsmasq_stop(&jail->dnsmasq);
}

int stage_looked_up(struct jail *jail, struct err *err)
{
	return jail->hosts.count ? dnsmasq_wait(&jail->dnsmasq, err) : 0;
}
