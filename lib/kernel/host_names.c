/* SPDX-License-Identifier: MIT */
#include "lib/kernel/host_names.h"

#include <string.h>

static unsigned find_or_add(struct host_names *hosts, const char *name)
{
	unsigned i = 0;

	while (i < hosts->count && strcmp(hosts->names[i], name) != 0)
		i++;
	if (i == hosts->count)
		hosts->names[hosts->count++] = name;
	return i;
}

void host_names_of(const struct spec_egress *rules, unsigned count, struct host_names *ret)
{
	*ret = (struct host_names){ .only = true };
	for (unsigned i = 0; i < count; i++) {
		if (rules[i].target != EGRESS_HOST) {
			ret->only = ret->only && !rules[i].allow;
			continue;
		}
		unsigned number = find_or_add(ret, rules[i].host);
		ret->allowed |= (uint64_t)rules[i].allow << number;
	}
}

const char *host_names_domain(const char *name)
{
	return *name == '*' ? name + strlen("*.") : name;
}

static bool is_below(const char *domain, const char *above)
{
	size_t length = strlen(domain), other = strlen(above);

	return length > other && domain[length - other - 1] == '.' &&
	       strcmp(domain + length - other, above) == 0;
}

uint64_t host_names_match(const struct host_names *hosts, const char *domain, bool below)
{
	uint64_t matching = 0;

	for (unsigned i = 0; i < hosts->count; i++) {
		const char *name = hosts->names[i], *own = host_names_domain(name);
		bool same = strcmp(own, domain) == 0;
		bool all_below = name != own;
		if (all_below ? is_below(domain, own) || (same && below) : same && !below)
			matching |= UINT64_C(1) << i;
	}
	return matching;
}
