/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>

#include "tests/unit/policy_tree.h"

/* Groups that every Linux system has, in an order that is not that of their names. */
#define GROUPS 3
static const char *const group_names[GROUPS] = { "tty", "adm", "bin" };

static gid_t groups[GROUPS + 1] = { 4711 };
static struct account bob = { .name = (char *)"bob",
	.uid = 4711,
	.gid = 4711,
	.home = (char *)"/home/bob",
	.shell = (char *)"/bin/sh",
	.group = (char *)"people",
	.groups = groups,
	.group_count = GROUPS + 1 };

static int find_groups(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++)
		if (account_group_id(group_names[i], &groups[i + 1], NULL) < 0)
			return -1;
	return 0;
}

/* What a policy says and which file says it, a line each. */
static const char *describe(const struct tree *tree, const struct policy *policy)
{
	static char text[2048];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < policy->origin_count; i++) {
		const struct policy_origin *origin = &policy->origins[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s.%s=%s %s:%u\n",
		    origin->key->section, origin->name ?: origin->key->name, origin->value,
		    tree_shorten(tree, origin->file), origin->line);
	}
	return text;
}

struct file {
	const char *name, *text;
};

static void later_files_win(void **state)
{
	static const struct {
		struct file files[8];
		const char *expected;
	} cases[] = {
		{ { { NULL, NULL } }, "" },
		{ { { "share/default.conf", "[limits]\npids = 1\n" } },
		    "limits.pids=1 share/default.conf:2\n" },
		{ { { "share/default.conf", "[limits]\npids = 1\nmemory = 1G\n" },
		      { "default.conf", "[limits]\npids = 2\n" } },
		    "limits.memory=1G share/default.conf:3\nlimits.pids=2 default.conf:2\n" },
		/* groups in the order of their names, and not of those of their files */
		{ { { "default.conf", "[limits]\npids = 2\n" },
		      { "groups/tty.conf", "[limits]\npids = 5\n" },
		      { "groups/adm.conf", "[limits]\npids = 3\nmemory = 3G\ncpu_weight = 3\n" },
		      { "groups/bin.conf", "[limits]\npids = 4\nmemory = 4G\n" } },
		    "limits.memory=4G groups/bin.conf:3\nlimits.cpu_weight=3 groups/adm.conf:4\n"
		    "limits.pids=5 groups/tty.conf:2\n" },
		/* groups that the account is not in, that do not exist, and no files of groups */
		{ { { "groups/daemon.conf", "[limits]\npids = 1\n" },
		      { "groups/no-such-group.conf", "[limits\n" }, { "groups/adm", "nonsense" },
		      { "groups/.adm.conf", "nonsense" }, { "groups/.conf", "nonsense" },
		      { "users/alice.conf", "nonsense" } },
		    "" },
		{ { { "groups/tty.conf", "[limits]\npids = 5\n" },
		      { "users/bob.conf", "[limits]\npids = 6\n" } },
		    "limits.pids=6 users/bob.conf:2\n" },
		/* of two ways to say one thing the later one counts, and is shown */
		{ { { "default.conf", "[limits]\ncpu = 5000\n" },
		      { "users/bob.conf", "[limits]\ncpus = 2\n" } },
		    "limits.cpus=2 users/bob.conf:2\n" },
		/* lists are replaced whole, variables one by one */
		{ { { "default.conf", "[rootfs]\nhide = /a /b\n[environment]\nA = 1\nB = 1\n" },
		      { "users/bob.conf", "[rootfs]\nhide = /c\n[environment]\nB = 2\nAA = 2\n" } },
		    "rootfs.hide=/c users/bob.conf:2\nenvironment.A=1 default.conf:4\n"
		    "environment.AA=2 users/bob.conf:5\nenvironment.B=2 users/bob.conf:4\n" },
		{ { { "default.conf", "[rootfs]\nhide = /a\n[limits]\nmemory = 1G\n" },
		      { "users/bob.conf",
			  "[rootfs]\nhide = none\n[limits]\nmemory = unlimited\n" } },
		    "rootfs.hide=none users/bob.conf:2\nlimits.memory=unlimited "
		    "users/bob.conf:4\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct policy policy;
		struct tree tree;
		tree_make(&tree);
		for (size_t n = 0; n < 8 && cases[i].files[n].name; n++)
			tree_write(&tree, cases[i].files[n].name, cases[i].files[n].text);
		if (policy_load(&tree.places, &bob, &policy, &err) != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(describe(&tree, &policy), cases[i].expected);
		policy_done(&policy);
		tree_remove(&tree);
	}
}

/* The specs that come out, where the text of the files does not show it. */
static void what_comes_out(void **state)
{
	struct policy policy;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "default.conf",
	    "[jail]\nenable = yes\nservices = sshd login\n[rootfs]\nvolumes = /a:/a /b:/b\n"
	    "hide = /x\n[limits]\ncpu = 5000\nrlimit = core=0 nofile=10\nmemory = 1G\n"
	    "[network]\nbridge = br0\n[security]\nallow_setuid = yes\n");
	tree_write(&tree, "groups/adm.conf",
	    "[rootfs]\nvolumes = /c:/c\nhide = none\n[limits]\nrlimit = core=1\ncpus = 2\n"
	    "[jail]\nservices = all\n[network]\nbridge = auto\n[security]\ncapabilities = kill\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, NULL), 0);
	const struct jail_spec *spec = &policy.spec;
	assert_ptr_equal(spec->account, &bob);
	assert_true(spec->jail.enable);
	assert_int_equal(spec->jail.services.count, 0);
	assert_int_equal(spec->root.volume_count, 1);
	assert_string_equal(spec->root.volumes[0].source, "/c");
	assert_int_equal(spec->root.hide.count, 0);
	assert_int_equal(spec->limits.cpu_quota, 200000);
	assert_int_equal(spec->limits.rlimits[4 /* core */].soft, 1);
	assert_false(spec->limits.rlimits[7 /* nofile */].set);
	assert_int_equal(spec->limits.memory, (uint64_t)1 << 30);
	assert_int_equal(spec->network.mode, NETWORK_NONE);
	assert_true(spec->identity.capabilities == (uint64_t)1 << CAP_KILL);
	assert_false(spec->run.resident);
	assert_string_equal(spec->name, "");
	assert_int_equal(policy.files.count, 2);
	assert_string_equal(tree_shorten(&tree, policy.files.items[1]), "groups/adm.conf");
	policy_done(&policy);
	policy_done(&policy);

	/* Without a set: none, or the default one where set-user-ID programs work. */
	assert_int_equal(unlink(tree_path(&tree, "groups/adm.conf")), 0);
	assert_int_equal(policy_load(&tree.places, &bob, &policy, NULL), 0);
	assert_true(policy.spec.identity.capabilities == SPEC_CAPABILITIES_DEFAULT);
	policy_done(&policy);
	tree_write(&tree, "users/bob.conf", "[security]\nallow_setuid = no\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, NULL), 0);
	assert_true(policy.spec.identity.capabilities == 0);
	policy_done(&policy);
	tree_remove(&tree);
}

/* A mistake is one also where a later file would win. */
static void every_file_is_checked_whole(void **state)
{
	struct err err = ERR_INIT;
	struct policy policy;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "default.conf", "[limits]\npids = many\n");
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 20\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, &err), -EINVAL);
	assert_string_equal(tree_shorten(&tree, err.text),
	    "default.conf:2: [limits] pids: \"many\" is not a number of processes: use a whole "
	    "number "
	    "from 1 to 4194304");
	tree_write(&tree, "default.conf", "[jail]\nenable = yes\n[limits]\nswap = 1M\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, &err), -EINVAL);
	assert_string_equal(tree_shorten(&tree, err.text),
	    "default.conf:4: [limits] swap limits nothing without [limits] memory: give both");
	/* Whoever is not confined has nothing to contradict. */
	tree_write(&tree, "users/bob.conf", "[jail]\nenable = no\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, &err), 0);
	policy_done(&policy);
	tree_remove(&tree);
}

/* A name is no path. */
static void names_without_a_file(void **state)
{
	static char long_name[NAME_MAX + 2];
	static const char *const names[] = { "../default", "a/b", "", long_name };
	struct policy policy;
	struct tree tree;

	(void)state;
	memset(long_name, 'x', NAME_MAX);
	tree_make(&tree);
	tree_write(&tree, "default.conf", "[limits]\npids = 2\n");
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 3\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err = ERR_INIT;
		struct account odd = bob;
		odd.name = (char *)names[i];
		if (policy_load(&tree.places, &odd, &policy, &err) != 0)
			fail_msg("%s: %s", names[i], err.text);
		assert_int_equal(policy.files.count, 1);
		policy_done(&policy);
	}
	tree_remove(&tree);
}

static void decisions(void **state)
{
	static const struct {
		const char *text, *service;
		enum policy_verdict verdict;
		const char *why;
	} cases[] = {
		{ "", "sshd", POLICY_FREE, "[jail] enable = no, which is the default" },
		{ "[jail]\nenable = no\n", "sshd", POLICY_FREE,
		    "[jail] enable = no (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\n", "sshd", POLICY_JAILED,
		    "[jail] enable = yes (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\n", NULL, POLICY_JAILED,
		    "[jail] enable = yes (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\n", "systemd-user", POLICY_REFUSED,
		    "[jail] enable = yes (users/bob.conf:2), and what systemd-user starts would "
		    "run "
		    "outside of the container" },
		{ "[jail]\nenable = no\n", "systemd-user", POLICY_FREE,
		    "[jail] enable = no (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\nservices = sshd\n\tlogin\n", "login", POLICY_JAILED,
		    "[jail] enable = yes (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\nservices = sshd\n\tlogin\n", "crond", POLICY_FREE,
		    "crond is not one of [jail] services = sshd  login (users/bob.conf:3)" },
		{ "[jail]\nenable = yes\nservices = sshd\n", NULL, POLICY_JAILED,
		    "[jail] enable = yes (users/bob.conf:2)" },
		{ "[jail]\nenable = yes\nservices = sshd\n", "systemd-user", POLICY_REFUSED,
		    "[jail] enable = yes (users/bob.conf:2), and what systemd-user starts would "
		    "run "
		    "outside of the container" },
	};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[POLICY_WHY_MAX] = "";
		struct policy policy;
		tree_write(&tree, "users/bob.conf", cases[i].text);
		assert_int_equal(policy_load(&tree.places, &bob, &policy, NULL), 0);
		assert_int_equal(policy_decide(&policy, cases[i].service, why), cases[i].verdict);
		assert_string_equal(tree_shorten(&tree, why), cases[i].why);
		policy_done(&policy);
	}
	tree_remove(&tree);
}

static void locations(void **state)
{
	static const struct {
		const char *message, *located;
	} cases[] = {
		{ "--memory: no controller", "users/bob.conf:2: [limits] memory: no controller" },
		{ "--swap and --cpus", "users/bob.conf:3: [limits] swap and [limits] cpus" },
		{ "--cpu-core-ids of --memory",
		    "users/bob.conf:2: [limits] cpu_core_ids of [limits] memory" },
		{ "--pids: none", "[limits] pids: none" },
		{ "[limits] swap: none", "users/bob.conf:3: [limits] swap: none" },
		{ "--user: none", "--user: none" },
		{ "[environment] shell: none", "[environment] shell: none" },
		{ "nothing of ours", "nothing of ours" },
		{ "--cpu: of the other row", "users/bob.conf:4: [limits] cpu: of the other row" },
	};
	struct policy policy;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/bob.conf",
	    "[limits]\nmemory = 1G\nswap = 1G\ncpus = 1\n"
	    "[environment]\nA = 1\n");
	assert_int_equal(policy_load(&tree.places, &bob, &policy, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		err_say(&err, ENOENT, "%s", cases[i].message);
		assert_int_equal(policy_locate(&policy, &err), -ENOENT);
		assert_string_equal(tree_shorten(&tree, err.text), cases[i].located);
	}
	/* What something else has set since is no file's any more. */
	struct err err = ERR_INIT;
	err_say(&err, ENOENT, "--memory");
	assert_non_null(policy_origin_named(&policy, &err));
	policy_origin_drop(&policy,
	    policy_origin_find(&policy, policy_key_find(KEY_FILE, "limits", "memory"), NULL));
	assert_null(policy_origin_named(&policy, &err));
	assert_int_equal(policy.origin_count, 3);
	policy_done(&policy);
	assert_true(policy_locate(&policy, NULL) < 0);
	tree_remove(&tree);
}

static void policies_of_nobody_in_particular(void **state)
{
	struct err err = ERR_INIT;
	struct policy policy;
	struct tree tree;
	char path[PATH_MAX];

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "default.conf", "[limits]\npids = 2\nmemory = 1G\n");
	tree_write(&tree, "groups/web.conf", "[limits]\npids = 3\nswap = 1G\n");
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 4\n");
	assert_int_equal(policy_load_group(&tree.places, "web", &policy, &err), 0);
	assert_string_equal(describe(&tree, &policy),
	    "limits.memory=1G default.conf:3\nlimits.swap=1G groups/web.conf:3\n"
	    "limits.pids=3 groups/web.conf:2\n");
	assert_null(policy.spec.account);
	assert_true(policy.spec.identity.capabilities == SPEC_CAPABILITIES_DEFAULT);
	policy_done(&policy);

	snprintf(path, sizeof(path), "%s", tree_path(&tree, "users/bob.conf"));
	assert_int_equal(policy_load_group(&tree.places, path, &policy, &err), 0);
	assert_int_equal(policy.spec.limits.pids, 4);
	assert_int_equal(policy.spec.limits.memory, (uint64_t)1 << 30);
	policy_done(&policy);

	assert_int_equal(policy_load_group(&tree.places, "wbe", &policy, &err), -ENOENT);
	assert_string_equal(
	    tree_shorten(&tree, err.text), "there is no policy wbe: groups/wbe.conf is missing");
	assert_int_equal(policy_load_group(&tree.places, "/no/such", &policy, &err), -ENOENT);
	assert_string_equal(err.text, "there is no policy /no/such");
	assert_int_equal(policy_load_group(&tree.places, "", &policy, &err), -EINVAL);
	/* Contradictions are for whoever adds options to look at. */
	tree_write(
	    &tree, "groups/web.conf", "[jail]\nenable=yes\n[network]\nmode=none\nbridge=b\n");
	assert_int_equal(policy_load_group(&tree.places, "web", &policy, &err), 0);
	policy_done(&policy);
	tree_write(&tree, "groups/web.conf", "[rootfs]\nhome = /srv/%u\n");
	assert_true(policy_load_group(&tree.places, "web", &policy, &err) < 0);
	assert_string_equal(tree_shorten(&tree, err.text),
	    "groups/web.conf:2: [rootfs] home: %u stands for something of an account, and here "
	    "there "
	    "is none");
	tree_remove(&tree);
}

/* Before an editor saves, its draft is read in place of the file, and called as the file. */
static void drafts(void **state)
{
	struct err err = ERR_INIT;
	struct policy policy;
	struct tree tree;
	char draft[PATH_MAX], file[PATH_MAX];

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "default.conf", "[limits]\nmemory = 1G\n");
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 2\n");
	tree_write(&tree, "users/.draft", "[limits]\n\npids = 3\n");
	snprintf(draft, sizeof(draft), "%s", tree_path(&tree, "users/.draft"));
	snprintf(file, sizeof(file), "%s", tree_path(&tree, "users/bob.conf"));
	tree.places.draft = draft;
	tree.places.draft_of = file;
	assert_int_equal(policy_load(&tree.places, &bob, &policy, &err), 0);
	assert_string_equal(describe(&tree, &policy),
	    "limits.memory=1G default.conf:2\nlimits.pids=3 users/bob.conf:3\n");
	policy_done(&policy);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(policy_load(&tree.places, &bob, &policy, &err), 0);
	assert_int_equal(policy.files.count, 2);
	policy_done(&policy);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_files_win),
		cmocka_unit_test(what_comes_out),
		cmocka_unit_test(every_file_is_checked_whole),
		cmocka_unit_test(names_without_a_file),
		cmocka_unit_test(decisions),
		cmocka_unit_test(locations),
		cmocka_unit_test(policies_of_nobody_in_particular),
		cmocka_unit_test(drafts),
	};

	return cmocka_run_group_tests(tests, find_groups, NULL);
}
