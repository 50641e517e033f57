/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/policy/load.h"

/* It starts a service manager for the account, which outlives and is no part of any session. */
#define UNCONFINABLE_SERVICE "systemd-user"

/* "[jail] enable = yes (FILE:LINE)", or what is there without a file. */
static void name_rule(
    const struct policy *policy, const char *name, const char *value, char *text, size_t size)
{
	const struct policy_key *key = policy_key_find(KEY_FILE, "jail", name);
	const struct policy_origin *origin = policy_origin_find(policy, key, NULL);

	if (origin)
		snprintf(text, size, "[jail] %s = %.96s (%.256s:%u)", name, value, origin->file,
		    origin->line);
	else
		snprintf(text, size, "[jail] %s = %s, which is the default", name, key->standard);
	/* A list can be several lines in the file. */
	for (; *text; text++)
		if (*text == '\n' || *text == '\t')
			*text = ' ';
}

static bool is_asked_about(const struct strv *services, const char *service)
{
	if (!service || !services->count)
		return true;
	for (size_t i = 0; i < services->count; i++)
		if (strcmp(services->items[i], service) == 0)
			return true;
	return false;
}

enum policy_verdict policy_decide(
    const struct policy *policy, const char *service, char why[POLICY_WHY_MAX])
{
	const struct spec_jail *jail = &policy->spec.jail;
	const struct policy_origin *services =
	    policy_origin_find(policy, policy_key_find(KEY_FILE, "jail", "services"), NULL);
	char rule[POLICY_WHY_MAX - 128];

	name_rule(policy, "enable", jail->enable ? "yes" : "no", rule, sizeof(rule));
	snprintf(why, POLICY_WHY_MAX, "%s", rule);
	if (!jail->enable)
		return POLICY_FREE;
	if (service && strcmp(service, UNCONFINABLE_SERVICE) == 0) {
		snprintf(why, POLICY_WHY_MAX,
		    "%s, and what %s starts would run outside of the container", rule, service);
		return POLICY_REFUSED;
	}
	if (!is_asked_about(&jail->services, service)) {
		name_rule(policy, "services", services ? services->text : "", rule, sizeof(rule));
		snprintf(why, POLICY_WHY_MAX, "%.64s is not one of %s", service, rule);
		return POLICY_FREE;
	}
	return POLICY_JAILED;
}
