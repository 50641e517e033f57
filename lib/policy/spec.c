/* SPDX-License-Identifier: MIT */
#include "lib/policy/spec.h"

#include <linux/capability.h>
#include <stdlib.h>

#include "lib/policy/parse.h"

void spec_init(struct jail_spec *spec)
{
	*spec = (struct jail_spec){
		.limits = {
			.memory = SPEC_UNSET,
			.swap = SPEC_UNSET,
			.cpu_quota = SPEC_UNSET,
			.cpu_period = 100000,
			.cpu_weight = SPEC_UNSET,
			.pids = SPEC_UNSET,
		},
		.identity.capabilities = SPEC_CAPABILITIES_DEFAULT,
		.jail.grace_ms = 10000,
		.run.timeout_ms = SPEC_UNSET,
	};
}

void spec_done(struct jail_spec *spec)
{
	for (unsigned i = 0; i < spec->root.volume_count; i++)
		parse_volume_done(&spec->root.volumes[i]);
	for (unsigned i = 0; i < spec->root.tmpfs_count; i++)
		free(spec->root.tmpfs[i].target);
	free(spec->root.volumes);
	free(spec->root.tmpfs);
	free(spec->root.path);
	free(spec->root.image);
	free(spec->root.image_id);
	free(spec->root.overlay_path);
	free(spec->root.home_path);
	free(spec->root.workdir);
	free(spec->identity.hostname);
	free(spec->identity.user);
	free(spec->identity.seccomp_path);
	spec_clear_egress(&spec->network);
	strv_free(&spec->root.hide);
	strv_free(&spec->jail.services);
	strv_free(&spec->identity.environment);
	strv_free(&spec->run.command);
	spec_init(spec);
}

bool spec_is_isolated(const struct jail_spec *spec)
{
	enum choice choice = spec->network.isolate;

	return choice == CHOICE_AUTO ? spec->account != NULL : choice == CHOICE_YES;
}

enum overlay_mode spec_overlay(const struct spec_root *root)
{
	if (root->overlay != OVERLAY_AUTO)
		return root->overlay;
	return root->source == ROOT_IMAGE ? OVERLAY_TMPFS : OVERLAY_NONE;
}

enum host_access spec_host_access(const struct jail_spec *spec)
{
	enum host_access access = spec->network.host_access;

	return access == HOST_ACCESS_AUTO && spec->account ? HOST_ACCESS_NONE : access;
}

const struct spec_egress *spec_egress(const struct jail_spec *spec, unsigned *ret_count)
{
	static const struct spec_egress internet = { .allow = true, .target = EGRESS_INTERNET };

	*ret_count = spec->network.egress_count;
	if (*ret_count || !spec->account)
		return spec->network.egress;
	*ret_count = 1;
	return &internet;
}

bool spec_egress_is_open(const struct spec_egress *rules, unsigned count)
{
	return !count || (rules[0].allow && rules[0].target == EGRESS_ANY &&
			     !rules[0].ports.protocol && !rules[0].ports.first);
}

bool spec_has_hosts(const struct jail_spec *spec)
{
	unsigned count;
	const struct spec_egress *rules = spec_egress(spec, &count);

	if (spec->network.mode != NETWORK_BRIDGE || spec_egress_is_open(rules, count))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (rules[i].target == EGRESS_HOST)
			return true;
	return false;
}

void spec_clear_egress(struct spec_network *network)
{
	while (network->egress_count) {
		struct spec_egress *rule = &network->egress[--network->egress_count];
		free(rule->host);
		rule->host = NULL;
	}
	network->egress_denies = network->egress_dangling = false;
}

int spec_jail_owned_namespaces(const struct jail_spec *spec)
{
	/* The namespaces whose owner the kernel asks when it checks the capability. The mount
	 * namespace is the jail's own in any case. */
	static const struct {
		unsigned capability;
		int namespaces;
	} needs[] = {
		{ CAP_NET_ADMIN, CLONE_NEWNET },
		{ CAP_NET_RAW, CLONE_NEWNET },
		{ CAP_SYS_ADMIN, CLONE_NEWUTS | CLONE_NEWIPC },
	};
	int namespaces = 0;

	if (spec->identity.userns == USERNS_HOST)
		return 0;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (spec->identity.jail_owned_for >> needs[i].capability & 1)
			namespaces |= needs[i].namespaces;
	if (spec->network.mode == NETWORK_HOST)
		namespaces &= ~CLONE_NEWNET;
	return namespaces;
}
