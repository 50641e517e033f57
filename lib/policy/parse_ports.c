/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

int parse_port(const char *text, uint16_t *ret)
{
	uint64_t port;

	if (parse_number(text, UINT16_MAX, &port) < 0 || port == 0)
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

/* "443", "80-90" */
static int parse_range(const char *text, struct spec_ports *ports)
{
	const char *dash = strchr(text, '-');
	char first[8];

	snprintf(first, sizeof(first), "%.*s", dash ? (int)(dash - text) : 7, text);
	if (parse_port(first, &ports->first) < 0 ||
	    parse_port(dash ? dash + 1 : text, &ports->last) < 0 || ports->first > ports->last)
		return -EINVAL;
	return 0;
}

int parse_ports(const char *text, struct spec_ports *ret)
{
	bool tcp = strncmp(text, "tcp", 3) == 0, udp = strncmp(text, "udp", 3) == 0;
	struct spec_ports ports = { .protocol = tcp ? IPPROTO_TCP : udp ? IPPROTO_UDP : 0 };
	int r = 0;

	if (!tcp && !udp)
		r = parse_range(text, &ports);
	else if (text[3])
		r = text[3] == '/' ? parse_range(text + 4, &ports) : -EINVAL;
	if (r == 0)
		*ret = ports;
	return r;
}

void spec_format_ports(const struct spec_ports *ports, char text[SPEC_PORTS_TEXT_MAX])
{
	const char *protocol = !ports->protocol			? ""
			       : ports->protocol == IPPROTO_TCP ? "tcp"
								: "udp";
	char range[12] = "";

	if (ports->first && ports->first == ports->last)
		snprintf(range, sizeof(range), "%u", ports->first);
	else if (ports->first)
		snprintf(range, sizeof(range), "%u-%u", ports->first, ports->last);
	snprintf(
	    text, SPEC_PORTS_TEXT_MAX, "%s%s%s", protocol, *protocol && *range ? "/" : "", range);
}
