/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

#define HOST_PREFIX "host:"

static const struct parse_choice targets[] = { { "any", EGRESS_ANY },
	{ "internet", EGRESS_INTERNET }, { "private", EGRESS_PRIVATE },
	{ "metadata", EGRESS_METADATA }, { NULL, 0 } };

static int refuse(const char *text, struct err *err)
{
	return err_say(err, EINVAL,
	    "\"%.128s\" is not a destination: use any, internet, private, metadata, host:NAME, "
	    "IP or IP/PREFIX, and behind it perhaps ports, as in 192.0.2.0/24:443, "
	    "[2001:db8::]/32:tcp/80-90",
	    text);
}

/* Where the ports begin, behind ":", in a destination; NULL: there are none. The colons of an IPv6
 * address count only where it is not in brackets. */
static const char *ports_of(const char *text)
{
	const char *last = strrchr(text, ':');

	if (*text == '[') {
		const char *end = strchr(text, ']');
		return end && last && last > end ? last + 1 : NULL;
	}
	return last && strchr(text, ':') == last ? last + 1 : NULL;
}

/* The destination without its ports and brackets. */
static int copy_target(const char *text, const char *ports, char *target, size_t size)
{
	size_t length = ports ? (size_t)(ports - text) - 1 : strlen(text);
	const char *close = strchr(text, ']');

	if (length >= size || (*text == '[') != (close != NULL))
		return -EINVAL;
	if (close && close[1] && !strchr("/:", close[1]))
		return -EINVAL;
	if (*text != '[')
		snprintf(target, size, "%.*s", (int)length, text);
	else
		snprintf(target, size, "%.*s%.*s", (int)(close - text) - 1, text + 1,
		    (int)(text + length - close) - 1, close + 1);
	return 0;
}

static int parse_ports_of(
    const char *text, const char *ports, struct spec_egress *rule, struct err *err)
{
	if (ports && parse_ports(ports, &rule->ports) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\": \"%.64s\" are not ports: use 443, 80-90, tcp, udp or tcp/443",
		    text, ports);
	return 0;
}

/* host:NAME or host:NAME:PORTS. */
static int parse_named(const char *text, struct spec_egress *rule, struct err *err)
{
	const char *name = text + strlen(HOST_PREFIX), *end = strchrnul(name, ':');
	char copy[SPEC_EGRESS_TEXT_MAX];
	int r = parse_ports_of(text, *end ? end + 1 : NULL, rule, err);

	if (r < 0)
		return r;
	if ((size_t)(end - name) >= sizeof(copy))
		return refuse(text, err);
	snprintf(copy, sizeof(copy), "%.*s", (int)(end - name), name);
	rule->target = EGRESS_HOST;
	return parse_host(copy, &rule->host, err);
}

static int parse_numbers(const char *text, struct spec_egress *rule, struct err *err)
{
	const char *ports = ports_of(text);
	char target[64];
	int word;

	if (copy_target(text, ports, target, sizeof(target)) < 0)
		return refuse(text, err);
	if (*text != '[' && parse_choice(target, targets, &word, NULL) == 0)
		rule->target = (enum egress_target)word;
	else if (parse_subnet(target, &rule->subnet) == 0)
		rule->target = EGRESS_SUBNET;
	else
		return refuse(text, err);
	return parse_ports_of(text, ports, rule, err);
}

int parse_egress(const char *text, bool allow, struct spec_egress *ret, struct err *err)
{
	struct spec_egress rule = { .allow = allow };
	bool named = strncmp(text, HOST_PREFIX, strlen(HOST_PREFIX)) == 0;
	int r = named ? parse_named(text, &rule, err) : parse_numbers(text, &rule, err);

	if (r == 0)
		*ret = rule;
	return r;
}

void spec_format_egress(const struct spec_egress *rule, char text[SPEC_EGRESS_TEXT_MAX])
{
	const char *word = rule->target == EGRESS_HOST
			       ? rule->host
			       : parse_choice_word(targets, (int)rule->target);
	char where[SPEC_ADDRESS_TEXT_MAX] = "", ports[SPEC_PORTS_TEXT_MAX];

	if (!word)
		spec_format_address(&rule->subnet, where);
	spec_format_ports(&rule->ports, ports);
	bool brackets = *ports && strchr(where, ':');
	size_t ip = strcspn(where, "/"); /* the prefix stands behind the bracket */
	snprintf(text, SPEC_EGRESS_TEXT_MAX, "%s %s%s%s%.*s%s%s%s%s",
	    rule->allow ? "allow" : "deny", rule->target == EGRESS_HOST ? HOST_PREFIX : "",
	    word ?: "", brackets ? "[" : "", (int)ip, where, brackets ? "]" : "", where + ip,
	    *ports ? ":" : "", ports);
}
