/* SPDX-License-Identifier: MIT */
#include "lib/kernel/netlink_firewall.h"

#include <errno.h>
#include <stdio.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>

#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/kernel/netlink_interface.h"
#include "lib/kernel/netlink_ports.h"
#include "lib/kernel/netlink_rules.h"
#include "lib/kernel/netlink_subnet.h"
#include "lib/kernel/netlink_sysctl.h"
#include "lib/kernel/nftables_part.h"

static int load(const char *libexec_dir, const char *rules, struct err *err)
{
	nftables_load_fn *load_them = (nftables_load_fn *)part_load(
	    libexec_dir, NFTABLES_PART_FILE, NFTABLES_PART_SYMBOL, NULL, err);

	return load_them ? load_them(rules, err) : -err->code;
}

/* Whether the table has the chain that is called after what it says. */
static bool is_loaded(const char *table, const char *mark)
{
	const struct nfgenmsg family = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	cleanup_netlink struct netlink netlink = NETLINK_INIT;
	int built = -NLE_NOMEM;

	if (netlink_open(&netlink, NETLINK_NETFILTER, NULL) < 0)
		return false;
	struct nl_msg *message =
	    nlmsg_alloc_simple((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETCHAIN, 0);
	if (message && nlmsg_append(message, (void *)&family, sizeof(family), NLMSG_ALIGNTO) >= 0 &&
	    nla_put_string(message, NFTA_CHAIN_TABLE, table) >= 0 &&
	    nla_put_string(message, NFTA_CHAIN_NAME, mark) >= 0)
		built = 0;
	int r = netlink_request(&netlink, built, &message, NULL, "cannot look for %s", table);
	nlmsg_free(message);
	return r == 0;
}

/* Before it is loaded the rules are as they were, and afterwards complete: who comes between sees
 * one or the other, and loads the same again at the worst. */
static int keep_loaded(const char *libexec_dir, const char *table, const struct rules *rules,
    bool *ret_loaded, struct err *err)
{
	if (is_loaded(table, rules->mark))
		return 0;
	*ret_loaded = true;
	return load(libexec_dir, rules->text, err);
}

static int forward(const struct bridge *bridge, struct err *err)
{
	static const struct net_sysctl settings[] = {
		{ "ipv4/ip_forward", "1", false },
		{ "ipv6/conf/all/forwarding", "1", true },
	};

	if (bridge->forwards && net_sysctl_forwards_ipv6())
		return 0;
	/* A host that forwards no longer listens to its own routers, unless it is told to. */
	int r = net_sysctl_keep_advertisements(err);
	if (r == 0)
		r = net_sysctl_write(settings, sizeof(settings) / sizeof(settings[0]), err);
	return r < 0 ? err_prefix(err, "--nat: without forwarding nothing leaves the bridge") : 0;
}

static int translate(const struct network_request *request, const struct bridge *bridge,
    bool *ret_loaded, struct err *err)
{
	cleanup_rules struct rules rules = RULES_INIT;
	char table[RULES_TABLE_NAME_MAX];

	if (!bridge->ours || request->network->nat_off)
		return 0;
	if (rules_of_bridge(&bridge->addresses, &rules) < 0)
		return err_sys(err, ENOMEM, "cannot make the firewall's rules");
	rules_table_of(bridge->name, table);
	int r = keep_loaded(request->libexec_dir, table, &rules, ret_loaded, err);
	if (r < 0)
		return err_prefix(err, "--nat");
	return forward(bridge, err);
}

static int guard(const struct network_request *request, bool *ret_loaded, struct err *err)
{
	cleanup_rules struct rules rules = RULES_INIT;

	if (!network_closes_host(request))
		return 0;
	if (rules_of_guard(&rules) < 0)
		return err_sys(err, ENOMEM, "cannot make the firewall's rules");
	int r = keep_loaded(request->libexec_dir, RULES_GUARD_TABLE, &rules, ret_loaded, err);
	return r < 0 ? err_prefix(err, "--host-access") : 0;
}

int firewall_of_host(const struct network_request *request, const struct bridge *bridge,
    bool *ret_loaded, struct err *err)
{
	*ret_loaded = false;
	int r = translate(request, bridge, ret_loaded, err);
	return r < 0 ? r : guard(request, ret_loaded, err);
}

int firewall_publish(
    const struct network_published *ports, size_t count, const char *libexec_dir, struct err *err)
{
	cleanup_rules struct rules rules = RULES_INIT;
	cleanup_free char *elements = NULL, *text = NULL;

	if (rules_of_ports(&rules) < 0 || rules_of_elements(ports, count, &elements) < 0)
		return err_sys(err, ENOMEM, "cannot make the firewall's rules");
	bool there = is_loaded(RULES_PORTS_TABLE, rules.mark);
	if (asprintf(&text, "%s%s", there ? "" : rules.text, elements) < 0) {
		text = NULL;
		return err_sys(err, ENOMEM, "cannot make the firewall's rules");
	}
	return load(libexec_dir, text, err);
}

/* Where anything else may be reached, routes do it, which cost nothing. */
static int hide_metadata(struct netlink *jail, struct err *err)
{
	struct spec_address subnet;

	for (size_t i = 0; rules_metadata[i]; i++) {
		if (!subnet_parse(rules_metadata[i], &subnet))
			return err_say(err, EINVAL, "%s is no network", rules_metadata[i]);
		int r = interface_prohibit(jail, &subnet, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Clouds have name servers among those addresses, which a route would close too. */
static bool asks_metadata(const struct network_request *request)
{
	struct spec_address subnet;

	for (size_t i = 0; rules_metadata[i]; i++)
		for (unsigned server = 0; server < request->name_server_count; server++)
			if (subnet_parse(rules_metadata[i], &subnet) &&
			    subnet_contains(&subnet, &request->name_servers[server]))
				return true;
	return false;
}

int firewall_of_port(
    const struct network_request *request, const struct network_result *result, struct err *err)
{
	cleanup_free char *text = NULL;

	if (!request->owned)
		return 0;
	if (rules_of_port(result, &text) < 0)
		return err_sys(err, ENOMEM, "cannot make the firewall's rules");
	return load(request->libexec_dir, text, err);
}

static int load_rules_of_jail(const struct network_request *request, const struct bridge *bridge,
    const struct network_result *result, struct err *err)
{
	cleanup_free char *text = NULL;

	if (rules_of_jail(request, &bridge->addresses, result, &text) < 0)
		return err_sys(err, ENOMEM, "cannot make the container's firewall rules");
	if (!text)
		return 0;
	int r = load(request->libexec_dir, text, err);
	return r < 0 ? err_prefix(err, "--egress") : 0;
}

int firewall_of_jail(struct netlink *jail, const struct network_request *request,
    const struct bridge *bridge, const struct network_result *result, struct err *err)
{
	static const struct spec_egress all_but_metadata[] = {
		{ .allow = false, .target = EGRESS_METADATA },
		{ .allow = true, .target = EGRESS_ANY },
	};
	struct network_request with_rules = *request;
	int r = 0;

	if (request->hide_metadata && asks_metadata(request)) {
		with_rules.egress = all_but_metadata;
		with_rules.egress_count = 2;
	} else if (request->hide_metadata) {
		r = hide_metadata(jail, err);
	}
	return r < 0 ? r : load_rules_of_jail(&with_rules, bridge, result, err);
}
