/* SPDX-License-Identifier: MIT */
#include "lib/policy/keys.h"

#include <string.h>

#include "lib/policy/keys_rows.h"

/* clang-format off */
const struct policy_key policy_keys[] = {
	{ "jail", "enable", KEY_FILE, NULL, NULL, "no",
	  "confine the logins of the account",
	  NULL,
	  key_parse_enable, key_print_enable, NULL },
	{ "jail", "scope", KEY_FILE, NULL, "user|session", "user",
	  "whether all logins of an account share one container or each has its own",
	  NULL,
	  key_parse_scope, key_print_scope, NULL },
	{ "jail", "services", KEY_FILE, NULL, "SERVICE", "all",
	  "the PAM services whose logins are confined",
	  "Logins through others are not, so that leaving one out opens a way around the container. "
	  "With all it is every service that the PAM module asks about.",
	  key_parse_service, key_print_services, key_clear_services },
	{ "jail", "linger", KEY_FILE, NULL, NULL, "no",
	  "keep the container after the last session for as long as a process is left in it",
	  NULL,
	  key_parse_linger, key_print_linger, NULL },
	{ "jail", "grace", KEY_FILE, NULL, "DURATION", "10s",
	  "how long the container stays after the last session, for the next one",
	  "Durations are numbers of seconds, or numbers with ms, s, m, h or d. "
	  "With 0 it ends at once.",
	  key_parse_grace, key_print_grace, NULL },
	{ "jail", "on_error", KEY_FILE, NULL, "refuse|allow", "refuse",
	  "what becomes of a login for which the container cannot be built",
	  "With allow, the account logs in unconfined then: for accounts that are more needed than "
	  "feared.",
	  key_parse_on_error, key_print_on_error, NULL },
	{ "jail", "name", 0, "--name", "NAME", NULL,
	  "name of the container (default exec-PID)",
	  "Up to 63 letters, digits, \"-\", \"_\" and \".\", and no other container's at the same time.",
	  key_parse_name, key_print_name, NULL },
	{ "jail", "hostname", KEY_FILE | KEY_EXPAND, "--hostname", "NAME", "auto",
	  "host name; auto: the container's name",
	  NULL,
	  key_parse_hostname, key_print_hostname, NULL },

	{ "rootfs", "source", KEY_FILE | KEY_EXPAND | KEY_PATH, "--rootfs --chroot", "host|DIR|image:NAME", "host",
	  "root file system: the host's own, read-only, a directory, or an image",
	  "With host the container sees the host's files, but /tmp, /var/tmp, /run and "
	  "/root are new and empty, /home, /mnt and /media are hidden, and files that only the "
	  "host's root may read stay unreadable. "
	  "A directory's files belong to the container's root, whichever ids of the host that "
	  "maps to; its /proc, /sys and /dev must be directories and are covered. "
	  "An image is one that containctl image pull or import has put into the store of this machine, by its "
	  "name, as in image:debian:12, or its id, image:sha256:...; nothing is ever fetched for a "
	  "container. "
	  "Images are for containers that root makes.",
	  key_parse_source, key_print_source, NULL },
	{ "rootfs", "image", 0, "--image", "NAME", NULL,
	  "the same as --rootfs image:NAME",
	  NULL,
	  key_parse_image, NULL, NULL },
	{ "rootfs", "overlay", KEY_FILE | KEY_EXPAND | KEY_PATH, "--overlay", "auto|none|tmpfs|DIR", "auto",
	  "write to a layer on top of the root, which stays as it is",
	  "What is written is lost at the end with tmpfs, and kept in DIR/upper for the next time with "
	  "a directory, which must exist. "
	  "With none a directory is written to directly, the host's root and an image not at all. "
	  "With auto that is tmpfs for an image, and none for anything else.",
	  key_parse_overlay, key_print_overlay, NULL },
	{ "rootfs", "readonly", KEY_FILE, "--read-only", NULL, "no",
	  "make the root read-only; volumes and tmpfs stay as they are",
	  NULL,
	  key_parse_readonly, key_print_readonly, NULL },
	{ "rootfs", "home", KEY_FILE | KEY_EXPAND | KEY_PATH, NULL, "host|tmpfs|none|DIR", "host",
	  "what is at the place of the account's home",
	  "Its own home of the host, something empty in memory, nothing, or another directory of "
	  "the host.",
	  key_parse_home, key_print_home, NULL },
	{ "rootfs", "volumes", KEY_FILE | KEY_EXPAND | KEY_PATH, "--volume -v --bind",
	  "SRC:DST[:ro,idmap]", "none",
	  "show the host's file or directory SRC as DST",
	  "DST is absolute and made where it is missing and can be; / itself and anything in /proc, /sys "
	  "and /dev is refused. "
	  "With idmap, files of user N on disk belong to user N of the container; without, they keep "
	  "their owners of the host, whom the container sees as nobody. "
	  "A colon in a path is written as \\:. "
	  "Symbolic links in SRC that another user could have made are refused. "
	  "Volumes are always nosuid and nodev.",
	  key_parse_volume, key_print_volumes, key_clear_volumes },
	{ "rootfs", "ro_volume", 0, "--ro-bind", "SRC:DST", NULL,
	  "the same as --volume SRC:DST:ro",
	  NULL,
	  key_parse_ro_volume, NULL, NULL },
	{ "rootfs", "tmpfs", KEY_FILE | KEY_EXPAND, "--tmpfs", "DST[:size=SIZE,mode=OCTAL]", "none",
	  "an empty file system in memory",
	  "Its size is half of the machine's memory and its mode 1777 unless given; what is in it "
	  "counts as memory of the container.",
	  key_parse_tmpfs, key_print_tmpfs, key_clear_tmpfs },
	{ "rootfs", "hide", KEY_FILE | KEY_EXPAND, NULL, "PATH", "none",
	  "cover a file or directory of the container with something empty, where it exists",
	  NULL,
	  key_parse_hide, key_print_hide, key_clear_hide },

	{ "limits", "memory", KEY_FILE, "--memory --memory-limit -m", "SIZE", "unlimited",
	  "memory of all processes together, at least 1M",
	  "Sizes are numbers of bytes, or numbers with K, M, G or T (also KB, KiB and so on), which "
	  "all are powers of 1024. "
	  "Beyond it the kernel kills a process of the container.",
	  key_parse_memory, key_print_memory, NULL },
	{ "limits", "swap", KEY_FILE, "--swap", "SIZE", "auto",
	  "swap besides --memory, or unlimited",
	  "With auto there is none, so that --memory is what the container gets and not what it has to "
	  "page out above; where the kernel does not count swap, it is not limited.",
	  key_parse_swap, key_print_swap, NULL },
	{ "limits", "cpu", KEY_FILE, "--cpu", "MICROSECONDS", "unlimited",
	  "processor time per 100 ms: 50000 is half a processor",
	  "\"50000 200000\" gives the period too.",
	  key_parse_cpu, key_print_cpu, NULL },
	{ "limits", "cpus", KEY_FILE, "--cpus", "NUMBER", "unlimited",
	  "the same as a number of processors: 0.5, 2",
	  NULL,
	  key_parse_cpus, NULL, NULL },
	{ "limits", "cpu_core_ids", KEY_FILE, "--cpu-core-ids --cpu-coreids --cpuset-cpus", "LIST", "all",
	  "processor cores to run on: 1,3 or 0-7",
	  NULL,
	  key_parse_core_ids, key_print_core_ids, NULL },
	{ "limits", "cpu_weight", KEY_FILE, "--cpu-weight", "1..10000", "auto",
	  "share of a busy processor; everybody else has 100",
	  NULL,
	  key_parse_cpu_weight, key_print_cpu_weight, NULL },
	{ "limits", "pids", KEY_FILE, "--pids --pids-limit", "NUMBER", "unlimited",
	  "processes and threads; the container's init counts as one",
	  NULL,
	  key_parse_pids, key_print_pids, NULL },
	{ "limits", "io_max", KEY_FILE, "--io-max", "DEV:LIMIT,...", "none",
	  "limits of a disk: rbps=SIZE, wbps=SIZE, riops=N, wiops=N",
	  "DEV is the path of a whole block device, or its MAJOR:MINOR. "
	  "The limits are bytes and operations per second, read and written.",
	  key_parse_io_max, key_print_io_max, key_clear_io_max },
	{ "limits", "rlimit", KEY_FILE, "--rlimit --ulimit", "NAME=SOFT[:HARD]", "none",
	  "a limit of setrlimit(2): as=1G, nofile=1024:4096",
	  "The names are those of setrlimit(2) in lower case, without RLIMIT_; a value may be "
	  "unlimited.",
	  key_parse_rlimit, key_print_rlimits, key_clear_rlimits },

	{ "network", "mode", KEY_FILE, "--network --net", "none|host|bridge|pasta|NAME", "none",
	  "loopback only, the host's network, an interface on a bridge, or one of an ordinary user",
	  "With bridge the container has an eth0 with an address of the bridge's networks, and the "
	  "bridge's own addresses are its gateways; that is root's. "
	  "NAME is that of a network which /etc/contain/networks/NAME.conf describes; what else "
	  "is said of the network here comes before what that file says. "
	  "With pasta, which is for commands of ordinary users, it has an eth0 with the host's addresses, and "
	  "pasta(1) does outside what is sent through it, with the caller's rights; services on the "
	  "host's loopback are not reached. "
	  "It takes the package passt, and none of the settings below but publish and dns.",
	  key_parse_network, key_print_network, NULL },
	{ "network", "pool", KEY_NETWORK, NULL, "IP/PREFIX", "none",
	  "addresses of the network, IPv4 and IPv6",
	  "The network has a bridge of its own then, ct-NAME, which is made where it is missing and gets "
	  "the first address of each, or what gateway says. "
	  "No other network of the host may have them.",
	  key_parse_pool, key_print_pool, key_clear_pool },
	{ "network", "address", KEY_FILE, "--network-address", "IP/PREFIX", "auto",
	  "address of the container, IPv4 or IPv6",
	  "It must lie in a network of the bridge and be free. "
	  "Without it a free one is taken. "
	  "Implies --network bridge.",
	  key_parse_address, key_print_addresses, key_clear_addresses },
	{ "network", "bridge", KEY_FILE | KEY_EXPAND | KEY_NETWORK, "--bridge", "NAME", "auto",
	  "an existing bridge to connect to, which is used as it is",
	  "Without it contain0 is used, and made where it is missing. "
	  "Implies --network bridge.",
	  key_parse_bridge, key_print_bridge, NULL },
	{ "network", "gateway", KEY_FILE | KEY_NETWORK, "--gateway", "auto|none|IP", "auto",
	  "where the container sends what is not for its own network",
	  "With auto that is the bridge, by the address that it has in the container's network. "
	  "IP is an address in that network, at most one of IPv4 and one of IPv6: on a bridge to the local "
	  "network, the router of that. "
	  "With none the container reaches its own network only.",
	  key_parse_gateway, key_print_gateway, key_clear_gateway },
	{ "network", "isolate", KEY_FILE | KEY_NETWORK, "--isolate", "auto|yes|no", "auto",
	  "keep containers on one bridge from reaching each other",
	  "One that is isolated reaches the bridge itself, what is behind it, and containers that are "
	  "not isolated. "
	  "With auto an account's is, and any other is not.",
	  key_parse_isolate, key_print_isolate, NULL },
	{ "network", "bandwidth", KEY_FILE | KEY_NETWORK, "--bandwidth", "DOWN[/UP]", "unlimited",
	  "bits a second, to the container and from it: 20M/5M",
	  "They are numbers with K, M or G, which are powers of 1000 here, or unlimited; without UP both "
	  "are the same.",
	  key_parse_bandwidth, key_print_bandwidth, NULL },
	{ "network", "egress", KEY_FILE | KEY_NETWORK, "--egress", "DEST[:PORTS]", "auto",
	  "where the container may send to",
	  "DEST is IP, IP/PREFIX, host:NAME, internet, private (all that is not the internet's), metadata "
	  "(where a cloud's machines ask who they are) or any; PORTS are 443, 80-90, tcp, udp or tcp/443, "
	  "and an IPv6 address in front of them stands in brackets. "
	  "host:example.org is that name alone, host:*.example.org all below it but not itself: the "
	  "addresses that the container is told when it asks for them. "
	  "The words allow and deny say what the destinations behind them are; without one they are "
	  "allowed. "
	  "The first that fits counts, and what fits none is refused. "
	  "The name servers of dns can be asked in any case, but with a name among the destinations only "
	  "by a dnsmasq(8) that the container has then, and nobody else; answers pass. "
	  "With auto an account's container reaches the internet, and any other all but metadata.",
	  key_parse_egress, key_print_egress, key_clear_egress },
	{ "network", "host_access", KEY_FILE | KEY_NETWORK, "--host-access", "auto|all|none|PORTS", "auto",
	  "whether services of the host itself can be reached, or which: 443, tcp/80-90, udp",
	  "Pings are answered in any case. "
	  "With all they can by the addresses of the bridge, whatever egress says; with none they cannot by "
	  "any address; with PORTS only these can, and by the addresses of the bridge only. "
	  "With auto they cannot from an account's container, and from any other as far as egress lets it.",
	  key_parse_host_access, key_print_host_access, key_clear_host_access },
	{ "network", "nat", KEY_FILE | KEY_NETWORK, "--nat", "yes|no", "yes",
	  "let what the container sends through contain0 leave the host with the host's own address",
	  "For that, contain0 has a table of its own in the host's firewall, and forwarding is switched "
	  "on. "
	  "With no, both are left to whoever else looks after them. "
	  "Other bridges are used as they are.",
	  key_parse_nat, key_print_nat, NULL },
	{ "network", "publish", KEY_FILE, "--publish -p", "HOSTPORT:PORT", "none",
	  "a port of the host that leads into the container: 8080:80, 53:53/udp",
	  "Who comes that way is seen by the container with the address that they have. "
	  "192.0.2.1:8080:80 and [2001:db8::1]:8080:80 are a port of one address of the host only. "
	  "The host's own loopback and other containers do not come that way. "
	  "It must be free, and is kept from others while the container lives. "
	  "With --network pasta the host's loopback comes that way too, or alone (127.0.0.1:8080:80), and "
	  "ports below 1024 are root's. "
	  "Implies --network bridge.",
	  key_parse_publish, key_print_publish, key_clear_publish },
	{ "network", "dns", KEY_FILE | KEY_NETWORK, "--dns", "host|none|IP", "host",
	  "name servers of the container, at most 3",
	  "With host they are those of the host; where those listen on the host's loopback only, as "
	  "systemd-resolved does, the ones that they ask themselves. "
	  "With none it has none.",
	  key_parse_dns, key_print_dns, key_clear_dns },

	{ "security", "userns", 0, "--userns", "private|host", NULL,
	  "whether ids are the container's own (default) or the host's",
	  "With private, root in the container is an unprivileged id of the host. "
	  "With host, it is the host's root, held by capabilities and the system call filter only.",
	  key_parse_userns, key_print_userns, NULL },
	{ "security", "capabilities", KEY_FILE, NULL, "NAME", "auto",
	  "capabilities to have at most",
	  "The names are those of capabilities(7), in upper or lower case, with or without CAP_; all is "
	  "all of them, none is none, and default is chown, dac_override, fowner, fsetid, kill, "
	  "setgid, setuid, setpcap, net_bind_service and audit_write. "
	  "With auto a login has none, or default if set-user-ID programs may work; without an "
	  "account it is default. "
	  "With net_admin or net_raw the network, and with sys_admin the host name and System V IPC "
	  "belong to the container, which can then change them.",
	  key_parse_capability, key_print_capabilities, key_clear_capabilities },
	{ "security", "cap_add", 0, "--cap-add", "NAME,...", NULL,
	  "capabilities to have besides the default ones; all for all",
	  "The names are those of capabilities(7), in upper or lower case, with or without CAP_. "
	  "The default ones are chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, "
	  "net_bind_service and audit_write. "
	  "With net_admin or net_raw the network, and with sys_admin the host name and System V IPC "
	  "belong to the container, which can then change them.",
	  key_parse_cap_add, key_print_cap_add, NULL },
	{ "security", "cap_drop", 0, "--cap-drop", "NAME,...", NULL,
	  "capabilities not to have; all for all that --cap-add does not name",
	  NULL,
	  key_parse_cap_drop, key_print_cap_drop, NULL },
	{ "security", "seccomp", KEY_FILE | KEY_EXPAND | KEY_PATH, "--seccomp", "default|none|FILE",
	  "default",
	  "system call filter: a profile in the format of docker and OCI",
	  "The default one refuses what containers have no use for and what has been used to break out of "
	  "them. "
	  "It opens some system calls again for capabilities that the command has.",
	  key_parse_seccomp, key_print_seccomp, NULL },
	{ "security", "allow_setuid", KEY_FILE, "--allow-setuid", NULL, "no",
	  "let set-user-ID programs such as su and sudo work",
	  "Without it no_new_privs is set and the root file system is mounted nosuid.",
	  key_parse_allow_setuid, key_print_allow_setuid, NULL },
	{ "security", "nested_userns", KEY_FILE, "--nested-userns", NULL, "no",
	  "let the command make user namespaces and mount in them",
	  "Programs that make sandboxes of their own need it, such as browsers, bwrap and rootless podman. "
	  "It opens a part of the kernel that ordinary programs have no use for.",
	  key_parse_nested_userns, key_print_nested_userns, NULL },

	{ "environment", "NAME", KEY_FILE | KEY_EXPAND | KEY_FREE, "--env -e", "NAME[=VALUE]", NULL,
	  "environment variable; without =VALUE it is copied",
	  "Of several values for one name, from here and from --env-file, the last counts. "
	  "A variable that is to be copied and is not set is left out.",
	  key_parse_env, key_print_env, NULL },
	{ "environment", "env_file", 0, "--env-file", "FILE", NULL,
	  "file of such variables, one a line; # begins a comment line",
	  "Nothing is unquoted; what follows the = is the value.",
	  key_parse_env_file, NULL, NULL },

	{ NULL, "clear_env", 0, "--clear-env --clearenv", NULL, NULL,
	  "set no variables but those that are given",
	  NULL,
	  key_parse_clear_env, key_print_clear_env, NULL },
	{ NULL, "user", 0, "--user -u", "USER[:GROUP]", NULL,
	  "user and group to run as, by name or number (default root)",
	  "Names are looked up in the container's own etc/passwd and etc/group.",
	  key_parse_user, key_print_user, NULL },
	{ NULL, "workdir", 0, "--workdir -w --chdir", "DIR", NULL,
	  "directory that the command starts in, absolute (default /)",
	  NULL,
	  key_parse_workdir, key_print_workdir, NULL },
	{ NULL, "tty", 0, "--tty", "auto|yes|no", NULL,
	  "give it a terminal of its own; auto: if run from one",
	  "With auto, the default, it has one if standard input and output are terminals; otherwise the "
	  "command gets the descriptors themselves.",
	  key_parse_tty, key_print_tty, NULL },
	{ NULL, "terminal", 0, "-t", NULL, NULL,
	  "the same as --tty yes",
	  NULL,
	  key_parse_terminal, NULL, NULL },
	{ NULL, "no_init", 0, "--no-init", NULL, NULL,
	  "make the command process 1 itself, without an init to reap for it",
	  "Process 1 gets no signal that it has no handler for.",
	  key_parse_no_init, key_print_no_init, NULL },
	{ NULL, "timeout", 0, "--timeout", "DURATION", NULL,
	  "kill the container after 10s, 500ms, 2m, 1h; exit code 124",
	  "A number without a unit is seconds.",
	  key_parse_timeout, key_print_timeout, NULL },

	{ .name = NULL },
};
/* clang-format on */

static bool same_section(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const struct policy_key *policy_key_find(unsigned use, const char *section, const char *name)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->uses & use && strcmp(key->section, section) == 0 &&
		    (key->uses & KEY_FREE || strcmp(key->name, name) == 0))
			return key;
	return NULL;
}

static bool has_option(const char *options, const char *option, size_t length)
{
	while (*options) {
		size_t other = strcspn(options, " ");
		if (other == length && memcmp(options, option, length) == 0)
			return true;
		options += other;
		options += *options == ' ';
	}
	return false;
}

const struct policy_key *policy_key_of_option(const char *option, size_t length)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->options && has_option(key->options, option, length))
			return key;
	return NULL;
}

const struct policy_key *policy_key_setting(const struct policy_key *key)
{
	while (!key->print)
		key--;
	return key;
}

const char *policy_key_section(size_t n)
{
	const char *section = NULL;

	for (const struct policy_key *key = policy_keys; key->section; key++) {
		if (same_section(key->section, section))
			continue;
		section = key->section;
		if (n-- == 0)
			return section;
	}
	return NULL;
}

void policy_keys_print(const struct jail_spec *spec, struct json *json, const char *member)
{
	const char *section = NULL;

	json_object(json, member);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!same_section(key->section, section)) {
			if (section)
				json_end(json);
			section = key->section;
			if (section)
				json_object(json, section);
		}
		if (key->print)
			key->print(spec, key->name, json);
	}
	if (section)
		json_end(json);
	json_string(json, "account", spec->account ? spec->account->name : NULL);
	json_string(json, "image", spec->root.image_id);
	json_array(json, "command");
	for (size_t i = 0; i < spec->run.command.count; i++)
		json_string(json, NULL, spec->run.command.items[i]);
	json_end(json);
	json_end(json);
}
