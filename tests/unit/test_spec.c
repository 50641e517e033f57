/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* json-c has types of the same names as two of our functions. */
#define json_object jsonc_object
#define json_bool   jsonc_bool
#include <json-c/json.h>
#undef json_object
#undef json_bool

#include "lib/policy/keys.h"

#define BIT(capability) (UINT64_C(1) << (capability))

/* "section.name", or "name" for a key of no section. */
static const struct policy_key *find_key(const char *place)
{
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		char other[64];
		snprintf(other, sizeof(other), "%s%s%s", key->section ?: "",
		    key->section ? "." : "", key->name);
		if (strcmp(other, place) == 0)
			return key;
	}
	fail_msg("there is no key %s", place);
	return NULL;
}

static void set(struct jail_spec *spec, const char *place, const char *value)
{
	struct err err = ERR_INIT;

	if (find_key(place)->parse(spec, value, &err) != 0)
		fail_msg("%s: %s", place, err.text);
}

/* One that passes. */
static void make_spec(struct jail_spec *spec)
{
	spec_init(spec);
	set(spec, "jail.name", "test");
	assert_int_equal(strv_add(&spec->run.command, "/bin/true"), 0);
}

struct setting {
	const char *place, *value;
};

/* Settings up to one without a place. */
static void apply(struct jail_spec *spec, const struct setting *settings, size_t max)
{
	for (size_t i = 0; i < max && settings[i].place; i++)
		set(spec, settings[i].place, settings[i].value);
}

static void defaults(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	assert_int_equal(spec_check(&spec, NULL), 0);
	assert_int_equal(spec.root.source, ROOT_HOST);
	assert_int_equal(spec.root.overlay, OVERLAY_AUTO);
	assert_int_equal(spec.network.mode, NETWORK_NONE);
	assert_int_equal(spec.identity.userns, USERNS_PRIVATE);
	assert_int_equal(spec.identity.seccomp, SECCOMP_PROFILE_DEFAULT);
	assert_true(spec.limits.memory == SPEC_UNSET && spec.limits.pids == SPEC_UNSET);
	assert_true(spec.identity.capabilities == SPEC_CAPABILITIES_DEFAULT);
	assert_int_equal(spec_jail_owned_namespaces(&spec), 0);
	spec_done(&spec);
	spec_done(&spec);
}

static void combinations_that_are_fine(void **state)
{
	static const struct setting cases[][4] = {
		{ { "limits.memory", "1M" } },
		{ { "limits.memory", "64M" }, { "limits.swap", "0" } },
		{ { "limits.pids", "2" } },
		{ { "limits.pids", "1" }, { "no_init", "yes" } },
		{ { "limits.cpu_core_ids", "0" } },
		{ { "network.mode", "bridge" }, { "network.bridge", "br0" } },
		{ { "network.address", "10.0.0.2/24" }, { "network.address", "10.0.0.3/24" } },
		{ { "network.address", "10.0.0.2/24" }, { "network.address", "fd00::2/64" } },
		{ { "rootfs.overlay", "tmpfs" }, { "rootfs.readonly", "yes" } },
		{ { "security.cap_drop", "all" }, { "security.cap_add", "net_admin" } },
		{ { "security.cap_add", "net_admin" }, { "network.mode", "host" },
		    { "security.userns", "host" } },
		{ { "security.cap_add", "all" }, { "network.mode", "host" } },
		{ { "security.capabilities", "all" }, { "network.mode", "host" } },
		{ { "rootfs.volumes", "/srv:/data/shown" }, { "rootfs.hide", "/data" } },
		{ { "jail.enable", "yes" }, { "jail.scope", "session" },
		    { "rootfs.overlay", "tmpfs" } },
		{ { "jail.scope", "session" }, { "network.address", "10.0.0.2/24" } },
		{ { "jail.name", "users" } },
		{ { "timeout", "1ms" } },
		{ { "network.mode", "pasta" }, { "network.publish", "127.0.0.1:8080:80" },
		    { "network.publish", "8081:80" }, { "network.publish", "8080:80/udp" } },
		{ { "network.mode", "pasta" }, { "network.dns", "192.0.2.53" },
		    { "network.egress", "auto" }, { "network.isolate", "no" } },
		{ { "network.mode", "pasta" }, { "security.cap_drop", "all" } },
		{ { "network.publish", "192.0.2.1:8080:80" },
		    { "network.publish", "192.0.2.2:8080:80" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		struct err err = ERR_INIT;
		make_spec(&spec);
		apply(&spec, cases[i], 4);
		if (spec_check(&spec, &err) != 0)
			fail_msg("%s", err.text);
		spec_done(&spec);
	}
}

static void contradictions(void **state)
{
	static const struct {
		struct setting settings[4];
		const char *one, *other; /* what the message must name */
	} cases[] = {
		{ { { "limits.memory", "1048575" } }, "--memory", "1M" },
		{ { { "limits.memory", "512K" } }, "--memory", "512K" },
		{ { { "limits.swap", "64M" } }, "--swap", "--memory" },
		{ { { "limits.pids", "1" } }, "--pids", "--no-init" },
		{ { { "limits.cpu_core_ids", "0,1023" } }, "--cpu-core-ids", "1023" },
		{ { { "network.mode", "none" }, { "network.bridge", "br0" } }, "--bridge",
		    "--network none" },
		{ { { "network.bridge", "br0" }, { "network.mode", "host" } }, "--bridge",
		    "--network host" },
		{ { { "network.mode", "none" }, { "network.address", "10.0.0.2/24" } },
		    "--network-address", "--network none" },
		{ { { "network.address", "10.0.0.2/24" }, { "network.address", "10.0.0.2/16" } },
		    "--network-address", "twice" },
		{ { { "network.address", "fd00::2/64" }, { "network.address", "fd00:0::2/64" } },
		    "fd00::2/64", "twice" },
		{ { { "security.cap_add", "chown" }, { "security.cap_drop", "CAP_CHOWN" } },
		    "--cap-add", "--cap-drop" },
		{ { { "security.cap_add", "all" }, { "security.cap_drop", "all" } }, "--cap-add",
		    "--cap-drop" },
		{ { { "security.cap_add", "net_raw" }, { "network.mode", "host" } }, "--cap-add",
		    "--network host" },
		{ { { "security.capabilities", "net_raw" }, { "network.mode", "host" } },
		    "[security] capabilities", "--network host" },
		{ { { "rootfs.volumes", "/srv:/data" }, { "rootfs.hide", "/data/" } },
		    "[rootfs] hide", "--volume" },
		{ { { "rootfs.tmpfs", "/data" }, { "rootfs.hide", "/data" } }, "[rootfs] hide",
		    "--tmpfs" },
		{ { { "jail.enable", "yes" }, { "jail.scope", "session" },
		      { "network.address", "10.0.0.2/24" } },
		    "[jail] scope", "--network-address" },
		{ { { "jail.enable", "yes" }, { "jail.scope", "session" },
		      { "rootfs.overlay", "/o" } },
		    "[jail] scope", "--overlay" },
		{ { { "network.mode", "bridge" }, { "network.egress", "host:a.org" },
		      { "network.dns", "none" } },
		    "--egress", "--dns none" },
		{ { { "network.mode", "bridge" }, { "network.egress", "host:a.org" },
		      { "security.userns", "host" } },
		    "--egress", "--userns host" },
		{ { { "network.mode", "bridge" }, { "network.egress", "host:a.org" },
		      { "security.cap_add", "net_raw" } },
		    "--egress", "leave out the capability" },
		{ { { "network.mode", "host" }, { "network.egress", "host:a.org" } }, "--egress",
		    "--network bridge" },
		{ { { "jail.name", "user-1000" } }, "--name", "user-" },
		{ { { "jail.name", "session-7" } }, "--name", "session-" },
		{ { { "network.mode", "pasta" }, { "network.bridge", "br0" } }, "--bridge",
		    "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.address", "10.0.0.2/24" } },
		    "--network-address", "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.gateway", "none" } }, "--gateway",
		    "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.egress", "internet" } }, "--egress",
		    "--network bridge" },
		{ { { "network.mode", "pasta" }, { "network.bandwidth", "20M" } }, "--bandwidth",
		    "--network bridge" },
		{ { { "network.mode", "pasta" }, { "network.bandwidth", "unlimited/5M" } },
		    "--bandwidth", "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.isolate", "yes" } }, "--isolate",
		    "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.host_access", "none" } },
		    "--host-access none", "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.host_access", "443" } },
		    "--host-access PORTS", "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.host_access", "all" } },
		    "--host-access all", "--network pasta" },
		{ { { "network.mode", "pasta" }, { "network.nat", "no" } }, "--nat no",
		    "--network pasta" },
		{ { { "network.mode", "pasta" }, { "security.cap_add", "net_raw" } },
		    "--network pasta", "loopback" },
		{ { { "network.mode", "pasta" }, { "security.cap_add", "net_admin" } },
		    "--network pasta", "loopback" },
		{ { { "network.mode", "pasta" }, { "security.cap_add", "all" } }, "--network pasta",
		    "loopback" },
		{ { { "network.mode", "pasta" }, { "network.publish", "192.0.2.1:8080:80" },
		      { "network.publish", "192.0.2.2:8080:80" } },
		    "192.0.2.1:8080:80/tcp", "pasta" },
		{ { { "network.publish", "8080:80" }, { "network.publish", "192.0.2.2:8080:80" } },
		    "8080:80/tcp and 192.0.2.2:8080:80/tcp", "the same port" },
		{ { { "network.publish", "127.0.0.1:8080:80" } }, "--publish", "loopback" },
		{ { { "network.publish", "127.1.2.3:8080:80" } }, "--publish", "loopback" },
		{ { { "network.publish", "[::1]:8080:80" } }, "--publish", "loopback" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		struct err err = ERR_INIT;
		make_spec(&spec);
		apply(&spec, cases[i].settings, 4);
		if (spec_check(&spec, &err) >= 0)
			fail_msg("case %zu passed", i);
		if (!strstr(err.text, cases[i].one) || !strstr(err.text, cases[i].other))
			fail_msg("case %zu: %s", i, err.text);
		spec_done(&spec);
	}
}

/* Root connects it, and has a bridge for that. */
static void no_account_has_pasta(void **state)
{
	static const struct account account = { .name = "alice", .uid = 1000 };
	struct jail_spec spec;
	struct err err = ERR_INIT;

	(void)state;
	make_spec(&spec);
	set(&spec, "network.mode", "pasta");
	assert_int_equal(spec_check(&spec, NULL), 0);
	spec.account = &account;
	assert_true(spec_check(&spec, &err) < 0);
	assert_non_null(strstr(err.text, "use bridge"));
	spec.account = NULL;
	spec.run.resident = true;
	assert_true(spec_check(&spec, NULL) < 0);
	spec_done(&spec);
}

static void names_of_hosts_in_the_rules(void **state)
{
	static const struct {
		const char *mode, *egress;
		bool has;
	} cases[] = {
		{ "bridge", "internet", false },
		{ "bridge", "host:a.org", true },
		{ "bridge", "deny host:a.org allow any", true },
		/* nothing comes to what stands behind it */
		{ "bridge", "any host:a.org", false },
		{ "none", "host:a.org", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		make_spec(&spec);
		set(&spec, "network.mode", cases[i].mode);
		set(&spec, "network.egress", cases[i].egress);
		assert_int_equal(spec_has_hosts(&spec), cases[i].has);
		assert_int_equal(spec_check(&spec, NULL), 0);
		spec_done(&spec);
	}
}

static void a_name_and_a_command_are_needed(void **state)
{
	struct jail_spec spec;
	struct err err = ERR_INIT;

	(void)state;
	spec_init(&spec);
	set(&spec, "jail.name", "test");
	assert_true(spec_check(&spec, &err) < 0);
	assert_non_null(strstr(err.text, "command"));
	spec_done(&spec);
	make_spec(&spec);
	spec.name[0] = '\0';
	assert_true(spec_check(&spec, &err) < 0);
	assert_non_null(strstr(err.text, "--name"));
	spec_done(&spec);
}

/* Sessions enter it from outside, and are found by its name. */
static void a_resident_jail_needs_no_command(void **state)
{
	struct jail_spec spec;

	(void)state;
	spec_init(&spec);
	set(&spec, "jail.name", "user-1000");
	assert_true(spec_check(&spec, NULL) < 0);
	spec.run.resident = true;
	assert_int_equal(spec_check(&spec, NULL), 0);
	spec_done(&spec);
}

static void the_last_value_wins(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	set(&spec, "limits.memory", "64M");
	set(&spec, "limits.memory", "128M");
	set(&spec, "limits.cpu", "5000 10000");
	set(&spec, "limits.cpus", "0.5");
	set(&spec, "rootfs.source", "/a");
	set(&spec, "rootfs.source", "/b");
	set(&spec, "jail.hostname", "one");
	set(&spec, "jail.hostname", "two");
	set(&spec, "rootfs.readonly", "yes");
	set(&spec, "rootfs.readonly", "no");
	set(&spec, "terminal", "yes");
	set(&spec, "tty", "no");
	assert_int_equal(spec.limits.memory, 134217728);
	assert_int_equal(spec.limits.cpu_quota, 50000);
	assert_int_equal(spec.limits.cpu_period, 100000);
	assert_string_equal(spec.root.path, "/b");
	assert_string_equal(spec.identity.hostname, "two");
	assert_false(spec.root.readonly);
	assert_int_equal(spec.run.tty, TTY_NO);
	set(&spec, "rootfs.source", "host");
	assert_int_equal(spec.root.source, ROOT_HOST);
	set(&spec, "limits.memory", "unlimited");
	assert_true(spec.limits.memory == SPEC_UNSET);
	set(&spec, "jail.hostname", "auto");
	assert_null(spec.identity.hostname);
	spec_done(&spec);
}

static void lists_grow_to_their_end(void **state)
{
	static const struct {
		const char *place, *before, *after; /* the number of the item */
		unsigned max;
	} cases[] = {
		{ "rootfs.volumes", "/srv:/mnt/", "", SPEC_VOLUMES_MAX },
		{ "rootfs.tmpfs", "/mnt/", "", SPEC_TMPFS_MAX },
		{ "limits.io_max", "8:", ":rbps=1M", SPEC_IO_MAX },
		{ "network.address", "10.0.0.", "/24", SPEC_ADDRESSES_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		struct err err = ERR_INIT;
		char value[64];
		make_spec(&spec);
		for (unsigned n = 1; n <= cases[i].max; n++) {
			snprintf(
			    value, sizeof(value), "%s%u%s", cases[i].before, n, cases[i].after);
			set(&spec, cases[i].place, value);
		}
		snprintf(value, sizeof(value), "%s%u%s", cases[i].before, cases[i].max + 1,
		    cases[i].after);
		assert_true(find_key(cases[i].place)->parse(&spec, value, &err) < 0);
		assert_non_null(strstr(err.text, "more than"));
		assert_int_equal(spec_check(&spec, NULL), 0);
		spec_done(&spec);
	}
}

static void limits_of_one_disk_add_up(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	set(&spec, "limits.io_max", "8:0:rbps=1M,wbps=2M");
	set(&spec, "limits.io_max", "8:0:wbps=3M,riops=4,wiops=5");
	assert_int_equal(spec.limits.io_count, 1);
	assert_int_equal(spec.limits.io[0].rbps, 1048576);
	assert_int_equal(spec.limits.io[0].wbps, 3145728);
	assert_int_equal(spec.limits.io[0].riops, 4);
	assert_int_equal(spec.limits.io[0].wiops, 5);
	spec_done(&spec);
}

static void a_bridge_or_address_implies_the_mode(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	set(&spec, "network.address", "10.0.0.2/24");
	assert_int_equal(spec.network.mode, NETWORK_BRIDGE);
	spec_done(&spec);
	make_spec(&spec);
	set(&spec, "network.bridge", "docker0");
	assert_int_equal(spec.network.mode, NETWORK_BRIDGE);
	assert_string_equal(spec.network.bridge, "docker0");
	set(&spec, "network.bridge", "auto");
	assert_int_equal(spec.network.mode, NETWORK_NONE);
	spec_done(&spec);
}

static void capabilities(void **state)
{
	static const struct {
		struct setting settings[4];
		uint64_t set, owned_for;
	} cases[] = {
		{ { { "security.cap_add", "net_admin" } },
		    SPEC_CAPABILITIES_DEFAULT | BIT(CAP_NET_ADMIN), BIT(CAP_NET_ADMIN) },
		{ { { "security.cap_drop", "chown" } }, SPEC_CAPABILITIES_DEFAULT & ~BIT(CAP_CHOWN),
		    0 },
		{ { { "security.cap_drop", "all" } }, 0, 0 },
		{ { { "security.cap_drop", "all" }, { "security.cap_add", "chown" } },
		    BIT(CAP_CHOWN), 0 },
		{ { { "security.cap_add", "chown" }, { "security.cap_drop", "all" } },
		    BIT(CAP_CHOWN), 0 },
		{ { { "security.cap_add", "all" }, { "security.cap_drop", "net_raw,net_admin" } },
		    ~SPEC_CAPABILITY_ALL & ~BIT(CAP_NET_RAW) & ~BIT(CAP_NET_ADMIN),
		    BIT(CAP_SYS_ADMIN) },
		{ { { "security.cap_add", "net_bind_service" } }, SPEC_CAPABILITIES_DEFAULT, 0 },
		{ { { "security.capabilities", "none" } }, 0, 0 },
		{ { { "security.capabilities", "chown" },
		      { "security.capabilities", "NET_RAW,kill" } },
		    BIT(CAP_CHOWN) | BIT(CAP_NET_RAW) | BIT(CAP_KILL), BIT(CAP_NET_RAW) },
		{ { { "security.capabilities", "default" }, { "security.cap_drop", "chown" } },
		    SPEC_CAPABILITIES_DEFAULT & ~BIT(CAP_CHOWN), 0 },
		{ { { "security.cap_add", "sys_admin" }, { "security.capabilities", "none" } },
		    BIT(CAP_SYS_ADMIN), BIT(CAP_SYS_ADMIN) },
		{ { { "security.capabilities", "all" } }, ~SPEC_CAPABILITY_ALL,
		    BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_ADMIN) },
		{ { { "security.capabilities", "all" }, { "security.cap_drop", "all" } }, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		make_spec(&spec);
		apply(&spec, cases[i].settings, 4);
		assert_true(spec.identity.capabilities == cases[i].set);
		assert_true(spec.identity.jail_owned_for == cases[i].owned_for);
		spec_done(&spec);
	}
}

/* An account has none, unless set-user-ID programs shall work or a set is given. */
static void capabilities_of_an_account(void **state)
{
	const struct account account = { .name = (char *)"alice", .uid = 1000 };
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	spec.account = &account;
	spec_combine_capabilities(&spec);
	assert_true(spec.identity.capabilities == 0);
	set(&spec, "security.allow_setuid", "yes");
	assert_true(spec.identity.capabilities == SPEC_CAPABILITIES_DEFAULT);
	set(&spec, "security.capabilities", "chown");
	assert_true(spec.identity.capabilities == BIT(CAP_CHOWN));
	set(&spec, "security.allow_setuid", "no");
	assert_true(spec.identity.capabilities == BIT(CAP_CHOWN));
	find_key("security.capabilities")->clear(&spec);
	set(&spec, "security.cap_add", "kill");
	assert_true(spec.identity.capabilities == BIT(CAP_KILL));
	spec_done(&spec);
}

static void namespaces_of_the_jail(void **state)
{
	static const struct {
		struct setting settings[4];
		int namespaces;
	} cases[] = {
		{ { { "security.cap_add", "net_admin" } }, CLONE_NEWNET },
		{ { { "security.cap_add", "net_raw" } }, CLONE_NEWNET },
		{ { { "security.cap_add", "sys_admin" } }, CLONE_NEWUTS | CLONE_NEWIPC },
		{ { { "security.cap_add", "all" } }, CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC },
		{ { { "security.cap_add", "all" }, { "network.mode", "host" } },
		    CLONE_NEWUTS | CLONE_NEWIPC },
		{ { { "security.cap_add", "all" }, { "security.userns", "host" } }, 0 },
		{ { { "security.cap_add", "sys_time" } }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		make_spec(&spec);
		apply(&spec, cases[i].settings, 4);
		assert_int_equal(spec_jail_owned_namespaces(&spec), cases[i].namespaces);
		spec_done(&spec);
	}
}

/* A row lacks nothing that the parsers, the help, the manuals and the JSON take from it. */
static void every_row_is_complete(void **state)
{
	(void)state;
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		assert_true(key->options || key->uses & (KEY_FILE | KEY_NETWORK));
		assert_true(!key->options || key->options[0] == '-');
		assert_non_null(key->parse);
		assert_non_null(policy_key_setting(key)->print);
		assert_true(strlen(key->help) > 10 && key->help[strlen(key->help) - 1] != '.');
		if (key->details)
			assert_int_equal(key->details[strlen(key->details) - 1], '.');
		assert_true(!key->standard ==
			    (!(key->uses & (KEY_FILE | KEY_NETWORK)) || key->uses & KEY_FREE));
		if (key->uses & KEY_FILE)
			assert_ptr_equal(policy_key_find(KEY_FILE, key->section, key->name), key);
		for (const struct policy_key *other = policy_keys; other != key; other++)
			if (strcmp(other->name, key->name) == 0 && other->section == key->section)
				fail_msg("%s is there twice", key->name);
	}
}

static char *printed_text(const struct jail_spec *spec)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	struct json json = json_start(stream);

	policy_keys_print(spec, &json, NULL);
	fclose(stream);
	return text;
}

/* Files can take back what others say: the default of a key is what is there without one. */
static void the_default_of_a_key_is_that_of_the_spec(void **state)
{
	static const char *const others[] = { "yes", "no", "session", "login", "1h", "allow", "web",
		"/d", "tmpfs", "/a:/b", "/t", "/hidden", "64M", "50000", "0.5", "0", "7",
		"8:0:rbps=1M", "core=0", "internet", "host", "10.0.0.2/24", "br0", "10.98.0.0/16",
		"8080:80", "chown", "none" };

	(void)state;
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		struct jail_spec spec;
		bool changed = false;
		if (!key->standard)
			continue;
		make_spec(&spec);
		char *before = printed_text(&spec);
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			struct jail_spec trial;
			make_spec(&trial);
			bool taken = policy_key_apply(key, NULL, others[i], &trial, NULL) == 0;
			char *other = printed_text(&trial);
			if (taken && strcmp(before, other) != 0) {
				changed = true;
				assert_int_equal(
				    policy_key_apply(key, NULL, others[i], &spec, NULL), 0);
			}
			free(other);
			spec_done(&trial);
		}
		if (!changed)
			fail_msg("no value of the list changes %s", key->name);
		assert_int_equal(policy_key_apply(key, NULL, key->standard, &spec, NULL), 0);
		char *after = printed_text(&spec);
		assert_string_equal(before, after);
		free(before);
		free(after);
		spec_done(&spec);
	}
}

static void lists_in_one_value(void **state)
{
	struct jail_spec spec;
	struct err err = ERR_INIT;
	const struct policy_key *volumes = find_key("rootfs.volumes");

	(void)state;
	make_spec(&spec);
	assert_int_equal(policy_key_apply(volumes, NULL, "/x:/y", &spec, NULL), 0);
	assert_int_equal(
	    policy_key_apply(volumes, NULL, "/a\\ b:/c\n\t  /d\\:e:/f\\\\:ro\t/g:/h", &spec, NULL),
	    0);
	assert_int_equal(spec.root.volume_count, 3);
	assert_string_equal(spec.root.volumes[0].source, "/a b");
	assert_string_equal(spec.root.volumes[1].source, "/d:e");
	assert_string_equal(spec.root.volumes[1].target, "/f\\");
	assert_true(spec.root.volumes[1].readonly);
	assert_string_equal(spec.root.volumes[2].target, "/h");
	assert_true(policy_key_apply(volumes, NULL, "/a:/b rel:/c", &spec, &err) < 0);
	assert_string_equal(err.text,
	    "\"rel:/c\" does not begin with \"/\": use SRC:DST[:ro,idmap] with an absolute path");
	char longest[9000];
	memset(longest, '/', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_true(policy_key_apply(volumes, NULL, longest, &spec, &err) < 0);
	assert_non_null(strstr(err.text, "too long for one item"));
	assert_true(policy_key_apply(find_key("rootfs.overlay"), NULL, "DIR", &spec, &err) < 0);
	assert_int_equal(
	    policy_key_apply(find_key("rootfs.overlay"), NULL, "none", &spec, &err), 0);
	assert_int_equal(
	    policy_key_apply(find_key("environment.NAME"), "A", "b c=d", &spec, &err), 0);
	assert_string_equal(strv_get(&spec.identity.environment, "A"), "b c=d");
	spec_done(&spec);
}

static void words_of_messages(void **state)
{
	static const struct {
		const char *text, *rephrased;
	} cases[] = {
		{ "--memory: 4 is too little", "[limits] memory: 4 is too little" },
		{ "--swap limits nothing without --memory: give both",
		    "[limits] swap limits nothing without [limits] memory: give both" },
		{ "[rootfs] hide and --volume both", "[rootfs] hide and [rootfs] volumes both" },
		{ "--cpu-coreids, --nonsense, a--memory, --user",
		    "[limits] cpu_core_ids, --nonsense, "
		    "a--memory, --user" },
		{ "--network host", "[network] mode host" },
		{ "", "" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		policy_keys_rephrase(cases[i].text, text, sizeof(text));
		assert_string_equal(text, cases[i].rephrased);
	}
	policy_keys_rephrase("--memory --memory", text, 10);
	assert_string_equal(text, "[limits] ");
}

static void writes_to_the_root(void **state)
{
	static const struct {
		const char *source, *overlay;
		enum overlay_mode mode;
	} cases[] = {
		{ "host", NULL, OVERLAY_NONE },
		{ "/srv/a", NULL, OVERLAY_NONE },
		{ "image:a", NULL, OVERLAY_TMPFS },
		{ "image:a", "auto", OVERLAY_TMPFS },
		{ "image:a", "none", OVERLAY_NONE },
		{ "image:a", "/o", OVERLAY_DIRECTORY },
		{ "/srv/a", "auto", OVERLAY_NONE },
		{ "/srv/a", "tmpfs", OVERLAY_TMPFS },
		{ "host", "tmpfs", OVERLAY_TMPFS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		make_spec(&spec);
		if (cases[i].overlay)
			set(&spec, "rootfs.overlay", cases[i].overlay);
		set(&spec, "rootfs.source", cases[i].source);
		assert_int_equal(spec_overlay(&spec.root), cases[i].mode);
		spec_done(&spec);
	}
}

/* What a name was found to mean is forgotten with the name. */
static void another_image(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	set(&spec, "rootfs.source", "image:a");
	assert_int_equal(spec.root.source, ROOT_IMAGE);
	assert_string_equal(spec.root.image, "a");
	spec.root.image_id = strdup("sha256:1");
	set(&spec, "rootfs.image", "registry.example.org:5000/b@sha256:0");
	assert_string_equal(spec.root.image, "registry.example.org:5000/b@sha256:0");
	assert_null(spec.root.image_id);
	set(&spec, "rootfs.source", "/srv/image:a");
	assert_int_equal(spec.root.source, ROOT_DIRECTORY);
	assert_string_equal(spec.root.path, "/srv/image:a");
	spec_done(&spec);
}

/* No value is taken and then forgotten: every parser refuses an empty one. */
static void no_value_may_be_empty(void **state)
{
	(void)state;
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		struct jail_spec spec;
		struct err err = ERR_INIT;
		make_spec(&spec);
		if (key->parse(&spec, "", &err) >= 0 || !err.text[0])
			fail_msg("%s takes an empty value", key->name);
		spec_done(&spec);
	}
}

static jsonc_object *member(jsonc_object *object, const char *section, const char *name)
{
	jsonc_object *found = object;

	if (section)
		assert_true(json_object_object_get_ex(object, section, &found));
	assert_true(json_object_object_get_ex(found, name, &found));
	return found;
}

static jsonc_object *printed(const struct jail_spec *spec)
{
	char *text = printed_text(spec);
	jsonc_object *object = json_tokener_parse(text);

	assert_non_null(object);
	free(text);
	return object;
}

static void json_has_what_was_set(void **state)
{
	static const struct {
		const char *place, *value;
		const char *section, *name, *json;
	} cases[] = {
		{ "rootfs.source", "./alpine", "rootfs", "source", "\"./alpine\"" },
		{ "rootfs.source", "image:debian:12", "rootfs", "source", "\"image:debian:12\"" },
		{ "rootfs.image", "debian:12", "rootfs", "source", "\"image:debian:12\"" },
		{ "rootfs.source", "image:x", "rootfs", "overlay", "\"auto\"" },
		{ "rootfs.source", "./image:x", "rootfs", "source", "\"./image:x\"" },
		{ "rootfs.source", "image:x", NULL, "image", "null" },
		{ "rootfs.overlay", "auto", "rootfs", "overlay", "\"auto\"" },
		{ "rootfs.overlay", "none", "rootfs", "overlay", "\"none\"" },
		{ "rootfs.overlay", "tmpfs", "rootfs", "overlay", "\"tmpfs\"" },
		{ "rootfs.overlay", "/o", "rootfs", "overlay", "\"/o\"" },
		{ "rootfs.ro_volume", "/a:/b", "rootfs", "volumes",
		    "[{\"source\":\"/a\",\"target\":\"/b\",\"readonly\":true,\"idmap\":false}]" },
		{ "rootfs.tmpfs", "/t:size=1M,mode=700", "rootfs", "tmpfs",
		    "[{\"target\":\"/t\",\"size\":1048576,\"mode\":\"0700\"}]" },
		{ "workdir", "/w", NULL, "workdir", "\"/w\"" },
		{ "limits.memory", "64M", "limits", "memory", "67108864" },
		{ "limits.cpu", "50000", "limits", "cpu", "\"50000 100000\"" },
		{ "limits.cpus", "0.5", "limits", "cpu", "\"50000 100000\"" },
		{ "limits.cpu_core_ids", "1,3-5", "limits", "cpu_core_ids", "\"1,3-5\"" },
		{ "limits.pids", "20", "limits", "pids", "20" },
		{ "limits.io_max", "8:0:wbps=1K", "limits", "io_max",
		    "[{\"device\":\"8:0\",\"rbps\":null,\"wbps\":1024,\"riops\":null,\"wiops\":"
		    "null}]" },
		{ "limits.rlimit", "core=0:unlimited", "limits", "rlimit",
		    "{\"core\":{\"soft\":0,\"hard\":\"unlimited\"}}" },
		{ "network.address", "10.0.0.2/24", "network", "address", "[\"10.0.0.2/24\"]" },
		{ "network.address", "10.0.0.2/24", "network", "mode", "\"bridge\"" },
		{ "environment.NAME", "A=b", "environment", "A", "\"b\"" },
		{ "security.cap_drop", "all", "security", "capabilities", "[]" },
		{ "security.cap_add", "all", "security", "cap_add", "[\"all\"]" },
		{ "security.seccomp", "./p.json", "security", "seccomp", "\"./p.json\"" },
		{ "tty", "no", NULL, "tty", "\"no\"" },
		{ "jail.services", "sshd", "jail", "services", "[\"sshd\"]" },
		{ "jail.grace", "0", "jail", "grace", "0.000000" },
		{ "rootfs.home", "/srv/homes/a", "rootfs", "home", "\"/srv/homes/a\"" },
		{ "rootfs.home", "tmpfs", "rootfs", "home", "\"tmpfs\"" },
		{ "rootfs.hide", "/srv//x/", "rootfs", "hide", "[\"/srv/x\"]" },
		{ "security.capabilities", "chown", "security", "capabilities", "[\"chown\"]" },
		{ "security.nested_userns", "yes", "security", "nested_userns", "true" },
		{ "timeout", "1500ms", NULL, "timeout", "1.500000" },
		{ "no_init", "yes", NULL, "no_init", "true" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct jail_spec spec;
		make_spec(&spec);
		set(&spec, cases[i].place, cases[i].value);
		jsonc_object *object = printed(&spec);
		const char *text =
		    json_object_to_json_string_ext(member(object, cases[i].section, cases[i].name),
			JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		assert_string_equal(text, cases[i].json);
		json_object_put(object);
		spec_done(&spec);
	}
}

static void json_has_every_key_and_the_command(void **state)
{
	struct jail_spec spec;

	(void)state;
	make_spec(&spec);
	jsonc_object *object = printed(&spec);
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->print && !(key->uses & KEY_FREE))
			(void)member(object, key->section, key->name);
	assert_string_equal(
	    json_object_get_string(json_object_array_get_idx(member(object, NULL, "command"), 0)),
	    "/bin/true");
	json_object_put(object);
	spec_done(&spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(combinations_that_are_fine),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(no_account_has_pasta),
		cmocka_unit_test(names_of_hosts_in_the_rules),
		cmocka_unit_test(a_name_and_a_command_are_needed),
		cmocka_unit_test(a_resident_jail_needs_no_command),
		cmocka_unit_test(the_last_value_wins),
		cmocka_unit_test(lists_grow_to_their_end),
		cmocka_unit_test(limits_of_one_disk_add_up),
		cmocka_unit_test(a_bridge_or_address_implies_the_mode),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(capabilities_of_an_account),
		cmocka_unit_test(namespaces_of_the_jail),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(the_default_of_a_key_is_that_of_the_spec),
		cmocka_unit_test(lists_in_one_value),
		cmocka_unit_test(words_of_messages),
		cmocka_unit_test(writes_to_the_root),
		cmocka_unit_test(another_image),
		cmocka_unit_test(no_value_may_be_empty),
		cmocka_unit_test(json_has_what_was_set),
		cmocka_unit_test(json_has_every_key_and_the_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
