/* SPDX-License-Identifier: MIT */
#include "lib/policy/keys.h"

#include <string.h>

#include "lib/policy/keys_rows.h"

/* clang-format off */
const struct policy_key policy_keys[] = {
	{ "root", "rootfs", "--rootfs --chroot", "host|DIR",
	  "root file system: the host's own, read-only, or a directory",
	  "With host, the default, the container sees the host's files, but /tmp, /var/tmp, /run and "
	  "/root are new and empty, /home, /mnt and /media are hidden, and files that only the "
	  "host's root may read stay unreadable. "
	  "A directory's files belong to the container's root, whichever ids of the host that "
	  "maps to; its /proc, /sys and /dev must be directories and are covered.",
	  key_parse_rootfs, key_print_rootfs },
	{ "root", "overlay", "--overlay", "none|tmpfs|DIR",
	  "write to a layer on top of the root, which stays as it is",
	  "What is written is lost at the end with tmpfs, and kept in DIR/upper for the next time with "
	  "a directory, which must exist. "
	  "The default is none: a directory is written to directly, the host's root not at all.",
	  key_parse_overlay, key_print_overlay },
	{ "root", "read-only", "--read-only", NULL,
	  "make the root read-only; volumes and tmpfs stay as they are",
	  NULL,
	  key_parse_read_only, key_print_read_only },
	{ "root", "volume", "--volume -v --bind", "SRC:DST[:ro,idmap]",
	  "show the host's file or directory SRC as DST (again for more)",
	  "DST is absolute and made where it is missing and can be; / itself and anything in /proc, /sys "
	  "and /dev is refused. "
	  "With idmap, files of user N on disk belong to user N of the container; without, they keep "
	  "their owners of the host, whom the container sees as nobody. "
	  "A colon in a path is written as \\:. "
	  "Symbolic links in SRC that another user could have made are refused. "
	  "Volumes are always nosuid and nodev.",
	  key_parse_volume, key_print_volumes },
	{ "root", "ro-volume", "--ro-bind", "SRC:DST",
	  "the same as --volume SRC:DST:ro",
	  NULL,
	  key_parse_ro_volume, NULL },
	{ "root", "tmpfs", "--tmpfs", "DST[:size=SIZE,mode=OCTAL]",
	  "an empty file system in memory (again for more)",
	  "Its size is half of the machine's memory and its mode 1777 unless given; what is in it "
	  "counts as memory of the container.",
	  key_parse_tmpfs, key_print_tmpfs },
	{ "root", "workdir", "--workdir -w --chdir", "DIR",
	  "directory that the command starts in, absolute (default /)",
	  NULL,
	  key_parse_workdir, key_print_workdir },

	{ "limits", "memory", "--memory --memory-limit -m", "SIZE",
	  "memory of all processes together, at least 1M",
	  "Sizes are numbers of bytes, or numbers with K, M, G or T (also KB, KiB and so on), which "
	  "all are powers of 1024. "
	  "Beyond it the kernel kills a process of the container.",
	  key_parse_memory, key_print_memory },
	{ "limits", "swap", "--swap", "SIZE",
	  "swap besides --memory, or unlimited",
	  "Without it there is none, so that --memory is what the container gets and not what it has to "
	  "page out above; where the kernel does not count swap, it is not limited.",
	  key_parse_swap, key_print_swap },
	{ "limits", "cpu", "--cpu", "MICROSECONDS",
	  "processor time per 100 ms: 50000 is half a processor",
	  "\"50000 200000\" gives the period too.",
	  key_parse_cpu, key_print_cpu },
	{ "limits", "cpus", "--cpus", "NUMBER",
	  "the same as a number of processors: 0.5, 2",
	  NULL,
	  key_parse_cpus, NULL },
	{ "limits", "cpu-core-ids", "--cpu-core-ids --cpu-coreids --cpuset-cpus", "LIST",
	  "processor cores to run on: 1,3 or 0-7",
	  NULL,
	  key_parse_core_ids, key_print_core_ids },
	{ "limits", "cpu-weight", "--cpu-weight", "1..10000",
	  "share of a busy processor; everybody else has 100",
	  NULL,
	  key_parse_cpu_weight, key_print_cpu_weight },
	{ "limits", "pids", "--pids --pids-limit", "NUMBER",
	  "processes and threads; the container's init counts as one",
	  NULL,
	  key_parse_pids, key_print_pids },
	{ "limits", "io-max", "--io-max", "DEV:LIMIT,...",
	  "limits of a disk: rbps=SIZE, wbps=SIZE, riops=N, wiops=N (again for more)",
	  "DEV is the path of a whole block device, or its MAJOR:MINOR. "
	  "The limits are bytes and operations per second, read and written.",
	  key_parse_io_max, key_print_io_max },
	{ "limits", "rlimit", "--rlimit --ulimit", "NAME=SOFT[:HARD]",
	  "a limit of setrlimit(2): as=1G, nofile=1024:4096 (again for more)",
	  "The names are those of setrlimit(2) in lower case, without RLIMIT_; a value may be "
	  "unlimited.",
	  key_parse_rlimit, key_print_rlimits },

	{ "network", "mode", "--network --net", "none|host|bridge",
	  "loopback only, the host's network, or an interface on a bridge",
	  "The default is none. "
	  "With bridge the container has an eth0 with an address of the bridge's networks, and the "
	  "bridge's own addresses are its gateways.",
	  key_parse_network, key_print_network },
	{ "network", "address", "--network-address", "IP/PREFIX",
	  "address of the container, IPv4 or IPv6 (again for more)",
	  "It must lie in a network of the bridge and be free. "
	  "Without it a free one is taken. "
	  "Implies --network bridge.",
	  key_parse_address, key_print_addresses },
	{ "network", "bridge", "--bridge", "NAME",
	  "an existing bridge to connect to, which is used as it is",
	  "Without it contain0 is used, and made where it is missing. "
	  "Implies --network bridge.",
	  key_parse_bridge, key_print_bridge },

	{ "identity", "hostname", "--hostname", "NAME",
	  "host name (default: the container's name)",
	  NULL,
	  key_parse_hostname, key_print_hostname },
	{ "identity", "user", "--user -u", "USER[:GROUP]",
	  "user and group to run as, by name or number (default root)",
	  "Names are looked up in the container's own etc/passwd and etc/group.",
	  key_parse_user, key_print_user },
	{ "identity", "env", "--env -e", "NAME[=VALUE]",
	  "environment variable; without =VALUE it is copied (again for more)",
	  "Of several values for one name, from here and from --env-file, the last counts. "
	  "A variable that is to be copied and is not set is left out.",
	  key_parse_env, key_print_env },
	{ "identity", "env-file", "--env-file", "FILE",
	  "file of such variables, one a line; # begins a comment line",
	  "Nothing is unquoted; what follows the = is the value.",
	  key_parse_env_file, NULL },
	{ "identity", "clear-env", "--clear-env --clearenv", NULL,
	  "set no variables but those that are given",
	  NULL,
	  key_parse_clear_env, key_print_clear_env },
	{ "identity", "userns", "--userns", "private|host",
	  "whether ids are the container's own (default) or the host's",
	  "With private, root in the container is an unprivileged id of the host. "
	  "With host, it is the host's root, held by capabilities and the system call filter only.",
	  key_parse_userns, key_print_userns },
	{ "identity", "cap-add", "--cap-add", "NAME,...",
	  "capabilities to have besides the default ones; all for all",
	  "The names are those of capabilities(7), in upper or lower case, with or without CAP_. "
	  "The default ones are chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, "
	  "net_bind_service and audit_write. "
	  "With net_admin or net_raw the network, and with sys_admin the host name and System V IPC "
	  "belong to the container, which can then change them.",
	  key_parse_cap_add, key_print_cap_add },
	{ "identity", "cap-drop", "--cap-drop", "NAME,...",
	  "capabilities not to have; all for all that --cap-add does not name",
	  NULL,
	  key_parse_cap_drop, key_print_cap_drop },
	{ "identity", "seccomp", "--seccomp", "default|none|FILE",
	  "system call filter: a profile in the format of docker and OCI",
	  "The default one refuses what containers have no use for and what has been used to break out of "
	  "them. "
	  "It opens some system calls again for capabilities that the command has.",
	  key_parse_seccomp, key_print_seccomp },
	{ "identity", "allow-setuid", "--allow-setuid", NULL,
	  "let set-user-ID programs such as su and sudo work",
	  "Without it no_new_privs is set and the root file system is mounted nosuid.",
	  key_parse_allow_setuid, key_print_allow_setuid },

	{ NULL, "name", "--name", "NAME",
	  "name of the container (default exec-PID)",
	  "Up to 63 letters, digits, \"-\", \"_\" and \".\", and no other container's at the same time.",
	  key_parse_name, key_print_name },
	{ NULL, "tty", "--tty", "auto|yes|no",
	  "give it a terminal of its own; auto: if run from one",
	  "With auto, the default, it has one if standard input and output are terminals; otherwise the "
	  "command gets the descriptors themselves.",
	  key_parse_tty, key_print_tty },
	{ NULL, "terminal", "-t", NULL,
	  "the same as --tty yes",
	  NULL,
	  key_parse_terminal, NULL },
	{ NULL, "no-init", "--no-init", NULL,
	  "make the command process 1 itself, without an init to reap for it",
	  "Process 1 gets no signal that it has no handler for.",
	  key_parse_no_init, key_print_no_init },
	{ NULL, "timeout", "--timeout", "DURATION",
	  "kill the container after 10s, 500ms, 2m, 1h; exit code 124",
	  "A number without a unit is seconds.",
	  key_parse_timeout, key_print_timeout },

	{ .name = NULL },
};
/* clang-format on */

static bool same_section(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
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
	json_array(json, "command");
	for (size_t i = 0; i < spec->run.command.count; i++)
		json_string(json, NULL, spec->run.command.items[i]);
	json_end(json);
	json_end(json);
}
