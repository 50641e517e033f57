/* SPDX-License-Identifier: MIT */
/* What the rules of a jail and those of its port have in common. */
#include <stdio.h>

#include "lib/kernel/netlink_rules.h"
#include "lib/kernel/netlink_subnet.h"

bool rules_print_own(FILE *out, const struct network_result *result, int family, const char *match)
{
	char text[SUBNET_TEXT_MAX];
	bool any = false;

	for (unsigned i = 0; i < result->address_count; i++) {
		if (result->addresses[i].family != family)
			continue;
		fprintf(
		    out, "%s%s", any ? ", " : match, subnet_print_ip(&result->addresses[i], text));
		any = true;
	}
	return any;
}

void rules_print_sources(FILE *out, const struct network_result *result, const char *but)
{
	char match[64];

	if (rules_print_own(out, result, AF_INET, "		ip saddr != { "))
		fputs(" } drop\n", out);
	snprintf(match, sizeof(match), "		ip6 saddr != { %s", but);
	if (rules_print_own(out, result, AF_INET6, match))
		fputs(" } drop\n", out);
}
