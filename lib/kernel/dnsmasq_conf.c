/* SPDX-License-Identifier: MIT */
#include "lib/kernel/dnsmasq_conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"

/* dnsmasq cuts lines of more than 1024 bytes into several without a word: MAXDNAME in its
 * dns-protocol.h. With the longest domain there is room for this many names with their sets. */
#define NAMES_OF_LINE_MAX 8

static const char *const addresses[DNSMASQ_ROLES] = { HOST_NAMES_SERVER, HOST_NAMES_SELF,
	HOST_NAMES_BELOW };

/* A domain of the rules: what it is, and what is below it, but below no other domain. */
struct node {
	const char *domain;
	uint64_t names[2]; /* [0] of itself, [1] of what is below */
};

struct plan {
	const struct host_names *hosts;
	struct node nodes[SPEC_EGRESS_MAX];
	unsigned count;
	bool single; /* the first does it all */
};

static bool is_answered(const struct host_names *hosts, uint64_t names)
{
	return !hosts->only || names & hosts->allowed;
}

static bool is_simple(const struct host_names *hosts, const struct node *node)
{
	return node->names[0] == node->names[1] || !is_answered(hosts, node->names[0]) ||
	       !is_answered(hosts, node->names[1]);
}

static bool is_known(const struct plan *plan, const char *domain)
{
	for (unsigned i = 0; i < plan->count; i++)
		if (strcmp(plan->nodes[i].domain, domain) == 0)
			return true;
	return false;
}

static void make_plan(const struct host_names *hosts, struct plan *plan)
{
	plan->hosts = hosts;
	plan->single = true;
	for (unsigned i = 0; i < hosts->count; i++) {
		const char *domain = host_names_domain(hosts->names[i]);
		if (is_known(plan, domain))
			continue;
		struct node node = { .domain = domain,
			.names = { host_names_match(hosts, domain, false),
			    host_names_match(hosts, domain, true) } };
		plan->single = plan->single && is_simple(hosts, &node);
		plan->nodes[plan->count++] = node;
	}
}

/* Nothing of the host's is read, nothing is remembered, so that each answer is one of now, and
 * nothing is written. */
static void print_head(FILE *out, enum dnsmasq_role role)
{
	fprintf(out,
	    "no-resolv\n"
	    "no-hosts\n"
	    "no-poll\n"
	    "no-ident\n"
	    "bind-interfaces\n"
	    "listen-address=%s\n"
	    "cache-size=0\n"
	    "max-ttl=%d\n"
	    "user=" DNSMASQ_USER "\n"
	    "pid-file=\n"
	    "log-facility=/dev/null\n",
	    addresses[role], HOST_NAMES_TTL);
}

/* `match` is "", for all that no other line is about, "/example.org/" or "/\*.example.org/". */
static void print_servers(FILE *out, const struct plan *plan, const char *match)
{
	char text[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < plan->hosts->server_count; i++) {
		const struct spec_address *server = &plan->hosts->servers[i];
		fprintf(out, "server=%s%s\n", match,
		    inet_ntop(server->family, &server->ip, text, sizeof(text)));
	}
}

/* Where questions for one domain, or what is below it, go: nowhere, to another of us, or on. */
static void print_way(FILE *out, const struct plan *plan, const struct node *node, bool below)
{
	static const enum dnsmasq_role inner[] = { DNSMASQ_SELF, DNSMASQ_BELOW };
	uint64_t names = node->names[below];
	char match[SPEC_HOST_MAX + sizeof("/*./")];

	snprintf(match, sizeof(match), "/%s%s/", below ? "*." : "", node->domain);
	/* Without any to ask, too, they must not come to those of what is above. */
	if (!is_answered(plan->hosts, names) || !plan->hosts->server_count)
		fprintf(out, "local=%s\n", match);
	else if (!plan->single && names)
		fprintf(out, "server=%s%s\n", match, addresses[inner[below]]);
	else
		print_servers(out, plan, match);
}

static void print_sets_of(FILE *out, unsigned number, const char *comma)
{
	for (const char *half = HOST_SET_HALVES; *half; half++) {
		for (const char *family = HOST_SET_FAMILIES; *family; family++) {
			fprintf(out, "%s%c#inet#contain#" HOST_SET_FORMAT, comma, *family, *half,
			    *family, number);
			comma = ",";
		}
	}
}

/* Which sets the answers for a domain, and all below it, go into. */
static int print_sets(FILE *out, const struct node *node, uint64_t names, struct err *err)
{
	const char *comma = "";

	if (__builtin_popcountll(names) > NAMES_OF_LINE_MAX)
		return err_say(err, E2BIG,
		    "--egress: %s is below more than %d of the names: leave some of them out",
		    node->domain, NAMES_OF_LINE_MAX);
	fprintf(out, "nftset=/%s/", node->domain);
	for (unsigned i = 0; i < SPEC_EGRESS_MAX; i++) {
		if (!(names >> i & 1))
			continue;
		print_sets_of(out, i, comma);
		comma = ",";
	}
	fputc('\n', out);
	return 0;
}

/* The names whose sets this one fills for a domain. */
static uint64_t names_for(const struct plan *plan, const struct node *node, enum dnsmasq_role role)
{
	if (plan->single != (role == DNSMASQ_FRONT))
		return 0;
	uint64_t self = is_answered(plan->hosts, node->names[0]) ? node->names[0] : 0;
	uint64_t below = is_answered(plan->hosts, node->names[1]) ? node->names[1] : 0;
	if (role == DNSMASQ_FRONT)
		return self ?: below;
	return role == DNSMASQ_SELF ? self : below;
}

static bool is_needed(const struct plan *plan, enum dnsmasq_role role)
{
	for (unsigned i = 0; i < plan->count; i++)
		if (names_for(plan, &plan->nodes[i], role))
			return true;
	return role == DNSMASQ_FRONT;
}

static int print_conf(FILE *out, const struct plan *plan, enum dnsmasq_role role, struct err *err)
{
	int r = 0;

	print_head(out, role);
	/* Questions come to the inner ones from the first only. */
	if (role != DNSMASQ_FRONT || !plan->hosts->only)
		print_servers(out, plan, "");
	for (unsigned i = 0; r == 0 && i < plan->count; i++) {
		const struct node *node = &plan->nodes[i];
		uint64_t names = names_for(plan, node, role);
		if (role == DNSMASQ_FRONT) {
			print_way(out, plan, node, false);
			print_way(out, plan, node, true);
		}
		if (names)
			r = print_sets(out, node, names, err);
	}
	return r;
}

int dnsmasq_conf(
    const struct host_names *hosts, enum dnsmasq_role role, char **ret, struct err *err)
{
	struct plan plan = { .count = 0 };
	char *made = NULL;
	size_t size;

	*ret = NULL;
	make_plan(hosts, &plan);
	if (!is_needed(&plan, role))
		return 0;
	FILE *out = open_memstream(&made, &size);
	if (!out)
		return err_sys(err, ENOMEM, "cannot make dnsmasq's configuration");
	int r = print_conf(out, &plan, role, err);
	if (str_stream_take(out, &made, ret) < 0 && r == 0)
		r = err_sys(err, ENOMEM, "cannot make dnsmasq's configuration");
	if (r < 0) {
		free(*ret);
		*ret = NULL;
	}
	return r;
}
