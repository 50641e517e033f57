/* SPDX-License-Identifier: MIT */
/*
 * Whether another table of the host's firewall drops what containers on our bridges send into the
 * world: in nftables the strictest table wins, and no rule of ours changes that.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "containctl/doctor.h"

#define NFT	   "/usr/sbin/nft"
#define OUTPUT_MAX ((size_t)16 * 1024 * 1024)
#define NAME_ROOM  128

/* One table, as far as it has been read. */
struct table {
	const char *bridge;	/* which it is to let through */
	char name[NAME_ROOM];	/* "ip filter" */
	char chain[NAME_ROOM];	/* the one that is being read */
	bool forward;		/* it sees what is forwarded */
	bool drops;		/* and its policy, or its last rule, is against it */
	char strict[NAME_ROOM]; /* the first such one; "": none */
	bool knows_us;
};

static bool begins(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* What stands between the word and " {". */
static void keep_name(char name[NAME_ROOM], const char *line, const char *word)
{
	const char *begin = line + strlen(word);

	snprintf(name, NAME_ROOM, "%.*s", (int)strcspn(begin, "{") - 1, begin);
}

static void end_chain(struct table *table)
{
	if (table->forward && table->drops && !*table->strict)
		memcpy(table->strict, table->chain, sizeof(table->strict));
	table->chain[0] = '\0';
	table->forward = table->drops = false;
}

static void read_chain_line(struct table *table, const char *line)
{
	if (begins(line, "type filter hook forward"))
		table->forward = true;
	if (begins(line, "type "))
		table->drops = strstr(line, "policy drop") != NULL;
	else if (begins(line, "}"))
		end_chain(table);
	else if (!table->drops)
		table->drops = begins(line, "reject") || strcmp(line, "drop") == 0;
}

static void found_strict(struct doctor *doctor, const struct table *table)
{
	char about[2 * NAME_ROOM + 16], command[8 * NAME_ROOM], what[128], why[320];

	snprintf(about, sizeof(about), "%s %s", table->name, table->strict);
	snprintf(command, sizeof(command),
	    "nft insert rule %s iifname %s accept && nft insert rule %s oifname %s accept", about,
	    table->bridge, about, table->bridge);
	snprintf(
	    what, sizeof(what), "It drops what is forwarded, and does not know %s.", table->bridge);
	snprintf(why, sizeof(why),
	    "Containers on %s have no way out: the strictest table wins. Who comes in is still "
	    "looked at by our own. Tell whoever makes that table too, or it is gone with the next "
	    "reload.",
	    table->bridge);
	const struct finding finding = {
		.level = DOCTOR_HINT, .about = about, .what = what, .why = why, .command = command
	};
	doctor_found(doctor, &finding);
}

/* Chains and rules are indented, and a table ends with a line of its own. */
static void read_line(struct doctor *doctor, struct table *table, const char *line)
{
	const char *words = line + strspn(line, "\t ");

	table->knows_us = table->knows_us || strstr(line, table->bridge);
	if (begins(line, "table ")) {
		*table = (struct table){ .bridge = table->bridge };
		keep_name(table->name, line, "table ");
	} else if (begins(line, "}")) {
		/* ip, ip6, inet: what is forwarded by a bridge is not looked at as a packet. */
		if (*table->strict && !table->knows_us && begins(table->name, "i"))
			found_strict(doctor, table);
	} else if (begins(words, "chain ")) {
		keep_name(table->chain, words, "chain ");
	} else if (*table->chain) {
		read_chain_line(table, words);
	}
}

static int look_for(struct doctor *doctor, const char *bridge, const char *ruleset, struct err *err)
{
	struct table table = { .bridge = bridge };
	char *copy = strdup(ruleset), *rest = copy, *line;

	if (!copy)
		return err_sys(err, ENOMEM, "cannot look at the host's firewall");
	while ((line = strsep(&rest, "\n")))
		read_line(doctor, &table, line);
	free(copy);
	return 0;
}

/* contain0, and those of networks with pools. */
static bool is_ours(const char *interface)
{
	return strcmp(interface, NETWORK_BRIDGE_DEFAULT) == 0 ||
	       begins(interface, SPEC_BRIDGE_PREFIX);
}

int doctor_network(struct doctor *doctor, struct err *err)
{
	/* Without what is in sets, which can be a great deal. */
	char *const argv[] = { NFT, "--terse", "list", "ruleset", NULL };
	cleanup_free char *text = NULL;
	int r = 0;

	if (access(NFT, X_OK) < 0)
		return 0;
	struct if_nameindex *interfaces = if_nameindex();
	for (size_t i = 0; r == 0 && interfaces && interfaces[i].if_name; i++) {
		if (!is_ours(interfaces[i].if_name))
			continue;
		if (!text)
			r = child_capture(argv, OUTPUT_MAX, &text, err);
		if (r == 0)
			r = look_for(doctor, interfaces[i].if_name, text, err);
	}
	if_freenameindex(interfaces);
	return r;
}
