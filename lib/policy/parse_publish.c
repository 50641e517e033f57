/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

static int refuse(const char *text, struct err *err)
{
	return err_say(err, EINVAL,
	    "\"%.128s\" is no port to publish: use HOSTPORT:PORT, as in 8080:80, 5353:53/udp, "
	    "192.0.2.1:8080:80 or [2001:db8::1]:8080:80",
	    text);
}

/* What stands before HOSTPORT and its colon, if there is any, and where that begins. */
static int take_address(const char **text, char *ip, size_t size)
{
	const char *begin = *text, *end = strchr(begin, ':');

	*ip = '\0';
	if (*begin == '[') {
		end = strstr(++begin, "]:");
		*text = end ? end + 2 : NULL;
	} else if (end && strchr(end + 1, ':')) {
		*text = end + 1;
	} else {
		return 0;
	}
	if (!end || end == begin || (size_t)(end - begin) >= size)
		return -EINVAL;
	snprintf(ip, size, "%.*s", (int)(end - begin), begin);
	return 0;
}

/* "8080:80/udp" */
static int parse_pair(const char *text, struct spec_publish *publish)
{
	const char *colon = strchr(text, ':'), *slash = strchrnul(text, '/');
	char host[8], jail[8];

	if (!colon || colon > slash)
		return -EINVAL;
	if ((size_t)(colon - text) >= sizeof(host) || (size_t)(slash - colon) > sizeof(jail))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	snprintf(jail, sizeof(jail), "%.*s", (int)(slash - colon) - 1, colon + 1);
	publish->protocol = strcmp(slash, "/udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP;
	if (*slash && publish->protocol == IPPROTO_TCP && strcmp(slash, "/tcp") != 0)
		return -EINVAL;
	int r = parse_port(host, &publish->host_port);
	return r < 0 ? r : parse_port(jail, &publish->port);
}

/* "all of them" is said by leaving it out. */
static bool is_unspecified(const struct spec_address *address)
{
	if (address->family == AF_INET)
		return address->ip.v4.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&address->ip.v6);
}

int parse_publish(const char *text, struct spec_publish *ret, struct err *err)
{
	struct spec_publish publish = { .port = 0 };
	const char *ports = text;
	char ip[INET6_ADDRSTRLEN];

	if (take_address(&ports, ip, sizeof(ip)) < 0 || parse_pair(ports, &publish) < 0)
		return refuse(text, err);
	if (*ip && parse_ip_address(ip, &publish.host, NULL) < 0)
		return refuse(text, err);
	if (*ip && is_unspecified(&publish.host))
		return err_say(err, EINVAL,
		    "\"%.128s\": leave out the address to publish on all of the host's", text);
	*ret = publish;
	return 0;
}

void spec_format_publish(const struct spec_publish *publish, char text[SPEC_PUBLISH_TEXT_MAX])
{
	char ip[INET6_ADDRSTRLEN] = "";
	bool v6 = publish->host.family == AF_INET6;

	if (publish->host.family)
		(void)inet_ntop(publish->host.family, &publish->host.ip, ip, sizeof(ip));
	snprintf(text, SPEC_PUBLISH_TEXT_MAX, "%s%s%s%s%u:%u/%s", v6 ? "[" : "", ip, v6 ? "]" : "",
	    *ip ? ":" : "", publish->host_port, publish->port,
	    publish->protocol == IPPROTO_TCP ? "tcp" : "udp");
}
