/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/parse.h"
#include "lib/policy/spec_check.h"

/* Below it not even a static program starts: page tables, stack and its own pages are counted. */
#define MEMORY_MIN (UINT64_C(1) << 20)

/* Jails of logins are found by their names, so that nothing else may have one like theirs. */
static int check_name(const struct jail_spec *spec, struct err *err)
{
	static const char *const kept[] = { "user-", "session-" };

	if (parse_name(spec->name, err) < 0)
		return err_prefix(err, "--name");
	for (size_t i = 0; !spec->run.resident && i < sizeof(kept) / sizeof(kept[0]); i++)
		if (strncmp(spec->name, kept[i], strlen(kept[i])) == 0)
			return err_say(err, EINVAL,
			    "--name: \"%s\" begins with \"%s\", which is kept for the containers "
			    "of "
			    "logins",
			    spec->name, kept[i]);
	return 0;
}

static int check_command(const struct jail_spec *spec, struct err *err)
{
	if (spec->run.command.count == 0 && !spec->run.resident)
		return err_say(
		    err, EINVAL, "there is no command to run: name one after the options");
	if (spec->run.timeout_ms == 0)
		return err_say(err, EINVAL, "--timeout: 0 is too short: 1ms is the least");
	return 0;
}

/* What only one jail can have at a time. */
static int check_scope(const struct jail_spec *spec, struct err *err)
{
	bool layer = spec_overlay(&spec->root) == OVERLAY_DIRECTORY;
	const char *what = spec->network.address_count	 ? "--network-address"
			   : spec->network.publish_count ? "--publish"
			   : layer			 ? "--overlay DIR"
							 : NULL;

	if (!spec->jail.enable || spec->jail.scope != SCOPE_SESSION || !what)
		return 0;
	return err_say(err, EINVAL,
	    "%s can be had by one container at a time, and with [jail] scope = session an account "
	    "can have several: leave one of them out",
	    what);
}

/* Something empty, or what was asked for: the order in which both are mounted would decide. */
static int check_hidden(const struct jail_spec *spec, struct err *err)
{
	const struct spec_root *root = &spec->root;
	const char *other = NULL, *path = NULL;

	for (size_t i = 0; i < root->hide.count && !other; i++) {
		path = root->hide.items[i];
		for (unsigned n = 0; n < root->volume_count; n++)
			if (strcmp(root->volumes[n].target, path) == 0)
				other = "--volume";
		for (unsigned n = 0; n < root->tmpfs_count; n++)
			if (strcmp(root->tmpfs[n].target, path) == 0)
				other = "--tmpfs";
	}
	if (!other)
		return 0;
	return err_say(err, EINVAL, "[rootfs] hide and %s both name %.128s: leave one of them out",
	    other, path);
}

static int check_memory(const struct jail_spec *spec, struct err *err)
{
	const struct spec_limits *limits = &spec->limits;
	char text[SPEC_SIZE_TEXT_MAX];

	if (limits->memory < MEMORY_MIN) {
		spec_format_size(limits->memory, text);
		return err_say(err, EINVAL,
		    "--memory: %s is less than a process needs to start: 1M is the least", text);
	}
	if (limits->swap != SPEC_UNSET && limits->memory == SPEC_UNSET)
		return err_say(err, EINVAL, "--swap limits nothing without --memory: give both");
	return 0;
}

static int check_pids(const struct jail_spec *spec, struct err *err)
{
	if (spec->limits.pids == 0)
		return err_say(err, EINVAL, "--pids: 0 leaves no room for the command");
	if (spec->limits.pids == 1 && !spec->run.no_init)
		return err_say(err, EINVAL,
		    "--pids: 1 leaves no room for the command beside the container's init: use 2, "
		    "or --no-init");
	return 0;
}

static int check_cpus(const struct jail_spec *spec, struct err *err)
{
	cleanup_free char *text = NULL;
	cpu_set_t online;

	if (!spec->limits.cpus_set)
		return 0;
	/* sysconf(3) gives their number only, and sched_getaffinity(2) those of this process. */
	cleanup_fd int fd = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "--cpu-core-ids: cannot see which cores there are");
	int r = fd_read_all(fd, 4096, &text, NULL, err);
	if (r == 0) {
		text[strcspn(text, "\n")] = '\0';
		r = parse_cpu_list(text, &online, err);
	}
	if (r < 0)
		return err_prefix(err, "--cpu-core-ids: cannot see which cores there are");
	return spec_check_cpus(&spec->limits.cpus, &online, err);
}

#define BIT(capability) (UINT64_C(1) << (capability))

static int check_capabilities(const struct jail_spec *spec, struct err *err)
{
	const struct spec_identity *identity = &spec->identity;

	if (identity->capabilities_added & identity->capabilities_dropped)
		return err_say(err, EINVAL,
		    "--cap-add and --cap-drop name the same capability: leave one of them out");
	bool added = identity->capabilities_added & (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW));
	/* Asked for by name it is needed; "all" is content with what means something. */
	uint64_t asked = identity->capabilities_added |
			 (identity->capabilities_given ? identity->capabilities_base : 0);
	if (spec->network.mode == NETWORK_HOST && identity->userns == USERNS_PRIVATE &&
	    asked & (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW)))
		return err_say(err, EINVAL,
		    "%s net_admin or net_raw has no effect with --network host, which is not the "
		    "container's: use another --network%s",
		    added ? "--cap-add" : "[security] capabilities",
		    added ? ", or add --userns host" : "");
	return 0;
}

int spec_check(const struct jail_spec *spec, struct err *err)
{
	static int (*const checks[])(const struct jail_spec *spec, struct err *err) = {
		check_command,
		check_name,
		check_scope,
		check_hidden,
		check_memory,
		check_pids,
		check_cpus,
		spec_check_network,
		check_capabilities,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int r = checks[i](spec, err);
		if (r < 0)
			return r;
	}
	return 0;
}
