/* SPDX-License-Identifier: MIT */
#include "lib/jail/jail.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/jail/stages.h"
#include "lib/jail/supervise.h"

/* All that can be relayed, or that would stop or end the supervisor before its work is done. */
static void relayed_signals(sigset_t *set)
{
	static const int our_own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(our_own) / sizeof(our_own[0]); i++)
		sigdelset(set, our_own[i]);
}

static struct jail *new_jail(const struct jail_spec *spec, const struct jail_settings *settings)
{
	struct jail *jail = calloc(1, sizeof(*jail));

	if (!jail)
		return NULL;
	jail->spec = spec;
	jail->settings = settings;
	jail->rootless = geteuid() != 0;
	jail->private_userns = !jail->rootless && spec->identity.userns == USERNS_PRIVATE;
	jail->terminal =
	    spec->run.tty == TTY_YES || (spec->run.tty == TTY_AUTO && terminal_wanted());
	jail->registry = (struct registry)REGISTRY_INIT;
	for (int i = 0; i < IDMAP_NAMESPACES; i++)
		jail->namespaces[i] = -1;
	jail->sync[0] = jail->sync[1] = jail->report[0] = jail->report[1] = -1;
	jail->gate[0] = jail->gate[1] = -1;
	jail->control = jail->image_lock = -1;
	jail->pidfd = jail->master = jail->init = jail->slave = -1;
	jail->relay.master = jail->relay.slave = -1;
	jail->rootfs.root = jail->rootfs.host_sys = -1;
	jail->dnsmasq = (struct dnsmasq)DNSMASQ_INIT;
	jail->network_work = (struct network_work)NETWORK_WORK_INIT;
	jail->pasta = (struct pasta)PASTA_INIT;
	jail->opened_us = clock_now();
	return jail;
}

/* What an ordinary user cannot have, whatever the machine; and what is for them only. */
static int check_caller(const struct jail *jail, struct err *err)
{
	const struct jail_spec *spec = jail->spec;

	if (!jail->rootless && spec->network.mode == NETWORK_PASTA)
		return err_say(err, EINVAL,
		    "--network pasta: is for ordinary users, without root's rights and rules; as "
		    "root use bridge");
	if (!jail->rootless)
		return 0;
	if (spec->network.mode == NETWORK_BRIDGE)
		return err_say(err, EPERM,
		    "--network: only root can connect a container to a bridge; use pasta, none or "
		    "host");
	/* The kernel makes no private copy of a tree whose mounts are locked: mount_namespaces(7).
	 */
	if (spec->root.source == ROOT_HOST && spec_overlay(&spec->root) != OVERLAY_NONE)
		return err_say(err, EPERM,
		    "--overlay: only root can put one on the host's root; use --rootfs DIR");
	if (spec->identity.userns == USERNS_HOST)
		return err_say(
		    err, EPERM, "--userns: only root can do without a user namespace; use private");
	return 0;
}

int jail_open(const struct jail_spec *spec, const struct jail_settings *settings, struct jail **ret,
    struct err *err)
{
	struct jail *jail = new_jail(spec, settings);
	sigset_t relayed;

	if (!jail)
		return err_sys(err, ENOMEM, "cannot make a jail");
	relayed_signals(&relayed);
	sigprocmask(SIG_SETMASK, &relayed, &jail->callers_mask);
	int r = check_caller(jail, err);
	if (r == 0)
		r = stages_apply(jail, STAGE_SUPERVISOR, err);
	if (r < 0) {
		jail_close(jail);
		return r;
	}
	*ret = jail;
	return 0;
}

pid_t jail_init_pid(const struct jail *jail)
{
	return jail->first;
}

const struct network_result *jail_network(const struct jail *jail)
{
	return jail->spec->network.mode == NETWORK_BRIDGE ? &jail->network : NULL;
}

bool jail_has_terminal(const struct jail *jail)
{
	return jail->terminal;
}

int jail_supervise(struct jail *jail, struct jail_result *ret, struct err *err)
{
	return supervise(jail, ret, err);
}

void jail_sum_up(const struct jail *jail, struct jail_result *result)
{
	static const struct cgroup_stats unknown = { SPEC_UNSET, SPEC_UNSET, SPEC_UNSET, SPEC_UNSET,
		SPEC_UNSET, SPEC_UNSET, SPEC_UNSET, SPEC_UNSET };

	result->wall_us = clock_now() - jail->started_us;
	result->stats = unknown;
	if (jail->cgroup)
		(void)cgroup_stats(jail->cgroup, &result->stats, NULL);
	result->oom_killed = jail->spec->limits.memory != SPEC_UNSET &&
			     result->stats.oom_kills != SPEC_UNSET && result->stats.oom_kills > 0;
}

/* SIGXFSZ is pending where a limit of the caller's kept us from writing, which was reported as an
 * error already. Unblocked, it would kill instead. */
static void forget_own_signals(void)
{
	const struct timespec now = { 0, 0 };
	sigset_t own;

	sigemptyset(&own);
	sigaddset(&own, SIGXFSZ);
	(void)sigtimedwait(&own, NULL, &now);
}

void jail_close(struct jail *jail)
{
	if (!jail)
		return;
	stages_undo(jail);
	forget_own_signals();
	sigprocmask(SIG_SETMASK, &jail->callers_mask, NULL);
	free(jail);
}
