/* SPDX-License-Identifier: MIT */
/* Networks that have a name: their files, who they come before, and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>

#include "lib/policy/check.h"
#include "lib/policy/parse.h"
#include "tests/unit/policy_tree.h"

static gid_t no_groups[] = { 4711 };
static const struct account bob = { .name = (char *)"bob",
	.uid = 4711,
	.gid = 4711,
	.home = (char *)"/home/bob",
	.shell = (char *)"/bin/sh",
	.group = (char *)"people",
	.groups = no_groups,
	.group_count = 1 };

/* Load what is in the tree, with what a command line says of the network. */
static int load(
    const struct tree *tree, const char *network, struct policy *policy, struct err *err)
{
	struct policy_places places = tree->places;

	places.network = network;
	*err = (struct err)ERR_INIT;
	int r = policy_load(&places, &bob, policy, err);
	snprintf(err->text, sizeof(err->text), "%s", tree_shorten(tree, err->text));
	return r;
}

#define LAB                                                                                        \
	"[network]\npool = 10.50.0.0/24 fd50::/64\nbandwidth = 20M/5M\negress = 10.1.0.0/16\n"     \
	"isolate = no\n"

static const char *pool(const struct policy *policy, unsigned index)
{
	static char text[SPEC_ADDRESS_TEXT_MAX];

	assert_true(index < policy->spec.network.pool_count);
	spec_format_address(&policy->spec.network.pools[index], text);
	return text;
}

static void a_name_becomes_a_network(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "networks/lab.conf", LAB);
	tree_write(&tree, "users/bob.conf", "[jail]\nenable = yes\n[network]\nmode = lab\n");
	assert_int_equal(load(&tree, NULL, &policy, &err), 0);
	const struct spec_network *network = &policy.spec.network;
	assert_int_equal(network->mode, NETWORK_BRIDGE);
	assert_string_equal(network->name, "lab");
	assert_string_equal(network->bridge, "ct-lab");
	assert_int_equal(network->pool_count, 2);
	assert_string_equal(pool(&policy, 0), "10.50.0.1/24");
	assert_string_equal(pool(&policy, 1), "fd50::1/64");
	assert_int_equal(network->bandwidth_down, 20000000);
	assert_int_equal(network->isolate, CHOICE_NO);
	assert_int_equal(policy.files.count, 2);
	assert_string_equal(tree_shorten(&tree, policy.files.items[0]), "networks/lab.conf");
	policy_done(&policy);
	tree_remove(&tree);
}

/* It stands right below the file that names it, and nothing of another network is left. */
static void its_place_among_the_files(void **state)
{
	static const struct {
		const char *everybody, *user, *command_line;
		const char *bridge;
		uint64_t down;
		enum choice isolate;
	} cases[] = {
		/* above the defaults, below the file that names it */
		{ "[network]\nbandwidth = 1M\nisolate = yes\n",
		    "[jail]\nenable = yes\n[network]\nmode = lab\nisolate = yes\n", NULL, "ct-lab",
		    20000000, CHOICE_YES },
		{ "[network]\nmode = lab\nbandwidth = 1M\n", "[jail]\nenable = yes\n", NULL,
		    "ct-lab", 1000000, CHOICE_NO },
		{ "[network]\nmode = lab\n", "[jail]\nenable = yes\n[network]\nbandwidth = 1M\n",
		    NULL, "ct-lab", 1000000, CHOICE_NO },
		/* what is said of another network does not count */
		{ "[network]\nmode = lab\n", "[jail]\nenable = yes\n[network]\nmode = dmz\n", NULL,
		    "br0", 0, CHOICE_AUTO },
		{ "[network]\nmode = lab\n", "[jail]\nenable = yes\n[network]\nmode = bridge\n",
		    NULL, "", 0, CHOICE_AUTO },
		{ "[network]\nbridge = br7\ngateway = 10.7.0.1\n",
		    "[jail]\nenable = yes\n[network]\nmode = lab\n", NULL, "ct-lab", 20000000,
		    CHOICE_NO },
		/* a command line is above all files */
		{ "[network]\nmode = lab\n", "[jail]\nenable = yes\n[network]\nbandwidth = 1M\n",
		    "dmz", "br0", 1000000, CHOICE_AUTO },
		{ "[network]\nmode = lab\n", "[jail]\nenable = yes\n", "host", "", 0, CHOICE_AUTO },
		{ "[network]\nmode = bridge\n", "[jail]\nenable = yes\n[network]\nbandwidth = 1M\n",
		    "lab", "ct-lab", 20000000, CHOICE_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree tree;
		struct policy policy;
		struct err err;

		tree_make(&tree);
		tree_write(&tree, "networks/lab.conf", LAB);
		tree_write(&tree, "networks/dmz.conf", "[network]\nbridge = br0\n");
		tree_write(&tree, "default.conf", cases[i].everybody);
		tree_write(&tree, "users/bob.conf", cases[i].user);
		int r = load(&tree, cases[i].command_line, &policy, &err);
		if (r < 0)
			fail_msg("case %zu: %s", i, err.text);
		const struct spec_network *network = &policy.spec.network;
		if (strcmp(network->bridge, cases[i].bridge) != 0 ||
		    network->bandwidth_down != cases[i].down ||
		    network->isolate != cases[i].isolate || network->gateway_count)
			fail_msg("case %zu: %s %llu %d %u", i, network->bridge,
			    (unsigned long long)network->bandwidth_down, network->isolate,
			    network->gateway_count);
		policy_done(&policy);
		tree_remove(&tree);
	}
}

static void the_gateway_is_the_bridge(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "networks/lab.conf",
	    "[network]\npool = 10.50.0.0/24 fd50::/64\ngateway = 10.50.0.254\n");
	tree_write(&tree, "users/bob.conf",
	    "[jail]\nenable = yes\n[network]\nmode = lab\ngateway = 10.50.0.7\n");
	assert_int_equal(load(&tree, NULL, &policy, &err), 0);
	/* What the network's file says is the bridge's, what the account's says is the account's.
	 */
	assert_string_equal(pool(&policy, 0), "10.50.0.254/24");
	assert_string_equal(pool(&policy, 1), "fd50::1/64");
	assert_int_equal(policy.spec.network.gateway_count, 1);
	assert_int_equal(policy.spec.network.gateways[0].ip.v4.s_addr, inet_addr("10.50.0.7"));
	policy_done(&policy);
	tree_remove(&tree);
}

static void what_is_wrong_with_it(void **state)
{
	static const struct {
		const char *network, *user, *message;
	} cases[] = {
		{ NULL, "mode = lab\n",
		    "users/bob.conf:4: [network] mode: there is no network lab: networks/lab.conf "
		    "is "
		    "missing; use none, host, bridge or the name of a network that has such a "
		    "file" },
		{ LAB, "mode = lab!\n",
		    "users/bob.conf:4: [network] mode: \"lab!\" is not a network: use none, host, "
		    "bridge or the name of one, which has 1 to 12 letters, digits, \"-\" and "
		    "\"_\"" },
		{ LAB, "mode = abcdefghijklm\n",
		    "users/bob.conf:4: [network] mode: \"abcdefghijklm\" is not a network: use "
		    "none, "
		    "host, bridge or the name of one, which has 1 to 12 letters, digits, \"-\" and "
		    "\"_\"" },
		{ LAB, "mode = lab\npool = 10.1.0.0/16\n",
		    "users/bob.conf:5: [network] pool: belongs into the file of a network, "
		    "networks/NAME.conf" },
		{ LAB, "mode = lab\nbridge = br0\n",
		    "users/bob.conf:5: [network] bridge and [network] mode lab contradict each "
		    "other: "
		    "that network has a bridge of its own; leave one of them out" },
		{ "[network]\nisolate = yes\n", "mode = lab\n",
		    "networks/lab.conf: [network] pool is missing: say which addresses the network "
		    "lab "
		    "has, as in 10.98.0.0/16 fd98::/64, or name an existing bridge" },
		{ "[network]\npool = 10.1.0.0/16\nbridge = br0\n", "mode = lab\n",
		    "networks/lab.conf:3: [network] bridge and [network] pool contradict each "
		    "other: an "
		    "existing bridge has its addresses; leave one of them out" },
		{ "[network]\npool = 10.1.0.0/16\ngateway = 10.2.0.1\n", "mode = lab\n",
		    "networks/lab.conf:3: [network] gateway: 10.2.0.1 is in none of the pools of "
		    "the "
		    "network lab: use an address of one, or auto" },
		{ "[network]\npool = 10.1.0.0/16\ngateway = 10.1.255.255\n", "mode = lab\n",
		    "networks/lab.conf:3: [network] gateway: \"10.1.255.255/16\" is the broadcast "
		    "address of its network" },
		{ "[network]\npool = 10.1.0.1/16\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] pool: \"10.1.0.1/16\" is not a network: use "
		    "IP/PREFIX, with zeros behind the prefix, as in 10.98.0.0/16 or fd98::/64" },
		{ "[network]\npool = 10.1.0.0/16 10.1.2.0/24\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] pool: \"10.1.2.0/24\" overlaps the one before "
		    "it" },
		{ "[network]\npool = 10.1.0.0/31\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] pool: \"10.1.0.0/31\": a prefix of 8 to 30 is "
		    "possible" },
		{ "[network]\npool = 127.0.0.0/8\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] pool: \"127.0.0.0/8\" is no network of hosts: "
		    "use a "
		    "private one, as in 10.98.0.0/16" },
		{ "[network]\nmode = host\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] mode: belongs into a policy file, and not into "
		    "that of a network" },
		{ "[limits]\npids = 20\n", "mode = lab\n",
		    "networks/lab.conf:2: [limits] pids: belongs into a policy file, and not into "
		    "that "
		    "of a network" },
		{ "[network]\npol = 10.1.0.0/16\n", "mode = lab\n",
		    "networks/lab.conf:2: [network] pol: unknown key; did you mean pool?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree tree;
		struct policy policy;
		struct err err;
		char text[512];

		tree_make(&tree);
		if (cases[i].network)
			tree_write(&tree, "networks/lab.conf", cases[i].network);
		snprintf(text, sizeof(text), "[jail]\nenable = yes\n[network]\n%s", cases[i].user);
		tree_write(&tree, "users/bob.conf", text);
		assert_true(load(&tree, NULL, &policy, &err) < 0);
		assert_string_equal(err.text, cases[i].message);
		tree_remove(&tree);
	}
}

/* A file that others could have written is no network's. */
static void a_file_of_anybody(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "networks/lab.conf", LAB);
	tree_write(&tree, "users/bob.conf", "[jail]\nenable = yes\n[network]\nmode = lab\n");
	assert_int_equal(load(&tree, NULL, &policy, &err), 0);
	policy_done(&policy);
	assert_int_equal(chmod(tree_path(&tree, "networks/lab.conf"), 0666), 0);
	assert_true(load(&tree, NULL, &policy, &err) < 0);
	assert_non_null(strstr(err.text, "networks/lab.conf: can be written by"));
	tree_remove(&tree);
}

struct findings {
	const struct tree *tree;
	char text[2048];
};

static void note(void *data, bool warning, const char *text)
{
	struct findings *findings = data;
	size_t used = strlen(findings->text);

	snprintf(findings->text + used, sizeof(findings->text) - used, "%s%s\n",
	    warning ? "warning: " : "", tree_shorten(findings->tree, text));
}

/* All files of networks are looked at, whoever names them, and each with the others. */
static void the_check_knows_networks(void **state)
{
	struct tree tree;
	struct err err = ERR_INIT;

	(void)state;
	tree_make(&tree);
	struct findings findings = { .tree = &tree, .text = "" };
	struct policy_check check = { .places = &tree.places, .report = note, .data = &findings };
	tree_write(&tree, "networks/a.conf", "[network]\npool = 10.50.0.0/24 fd50::/64\n");
	tree_write(&tree, "networks/b.conf", "[network]\npool = 10.51.0.0/24\n");
	assert_int_equal(policy_check_all(&check, &err), 0);
	assert_string_equal(findings.text, "");
	tree_write(&tree, "networks/b.conf", "[network]\npool = 10.48.0.0/12\n");
	tree_write(&tree, "networks/c.conf", "[network]\nmode = b\n");
	tree_write(&tree, "networks/too-long-a-name.conf", "[network]\npool = 10.9.0.0/24\n");
	tree_write(&tree, "networks/d", "");
	assert_int_equal(policy_check_all(&check, &err), 0);
	assert_string_equal(findings.text,
	    "networks/b.conf: [network] pool: 10.48.0.1/12 overlaps 10.50.0.1/24 of the network a: "
	    "use other addresses\n"
	    "networks/c.conf:2: [network] mode: belongs into a policy file, and not into that of a "
	    "network\n"
	    "warning: networks/d: is not read, because its name does not end with .conf\n"
	    "networks/too-long-a-name.conf: \"too-long-a-name\" is not a network: use none, host, "
	    "bridge or the name of one, which has 1 to 12 letters, digits, \"-\" and \"_\"\n");
	assert_int_equal(check.errors, 3);
	/* The same by the path of one. */
	findings.text[0] = '\0';
	policy_check_done(&check);
	check.said = (struct strv){ NULL, 0 };
	assert_int_equal(
	    policy_check_file(&check, tree_path(&tree, "networks/c.conf"), true, &err), 0);
	assert_non_null(strstr(findings.text, "networks/c.conf:2: [network] mode: belongs"));
	policy_check_done(&check);
	tree_remove(&tree);
}

static void subnets_that_overlap(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} cases[] = {
		{ "10.0.0.1/8", "10.255.0.1/24", true },
		{ "10.0.0.1/9", "10.128.0.1/9", false },
		{ "10.127.0.1/12", "10.112.0.1/30", true },
		{ "10.127.0.1/12", "10.111.0.1/30", false },
		{ "fd50::1/64", "fd50:0:0:1::1/64", false },
		{ "fd50::1/63", "fd50:0:0:1::1/64", true },
		{ "10.0.0.1/8", "a00::1/8", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_address a, b;
		assert_int_equal(parse_address(cases[i].a, &a, NULL), 0);
		assert_int_equal(parse_address(cases[i].b, &b, NULL), 0);
		assert_int_equal(spec_subnets_overlap(&a, &b), cases[i].overlap);
		assert_int_equal(spec_subnets_overlap(&b, &a), cases[i].overlap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_becomes_a_network),
		cmocka_unit_test(its_place_among_the_files),
		cmocka_unit_test(the_gateway_is_the_bridge),
		cmocka_unit_test(what_is_wrong_with_it),
		cmocka_unit_test(a_file_of_anybody),
		cmocka_unit_test(the_check_knows_networks),
		cmocka_unit_test(subnets_that_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
