/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_JAIL_H
#define CONTAIN_JAIL_JAIL_H

/*
 * A jail from the outside: built from a spec, supervised until its command ends, taken down.
 *
 *	jail_open()	 build it, through the table of stages (lib/jail/stages.c)
 *	jail_supervise() relay signals and the terminal until the command has ended
 *	jail_close()	 take down what the kernel does not take down by itself
 *
 * The process that calls jail_open() is the supervisor: when it dies, however it dies, the jail
 * dies with it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/kernel/cgroup.h"
#include "lib/kernel/network.h"
#include "lib/policy/spec.h"

struct jail;

/* What the caller wants besides the jail itself. Zero means the default. */
struct jail_settings {
	/*
	 * Called as each stage begins, with the time since jail_open() in microseconds; by the
	 * supervisor and by the jail's first process, so that it may do no more than write to a
	 * descriptor.
	 */
	void (*progress)(void *data, const char *stage, const char *why, uint64_t microseconds);
	void *progress_data;
	enum cgroup_layout cgroup_layout;
	bool accounting; /* make cgroup_stats meaningful even where no limit needs a group */
	const char *libexec_dir; /* holds contain-init and the loadable parts; absolute */
	const char *data_dir;	 /* holds seccomp/default.json; absolute */
	char *const *
	    environ; /* the caller's environment: TERM is taken from it where there is a terminal */
};

/* How it ended. */
struct jail_result {
	int wait_status;  /* as wait(2) gives it; valid unless timed_out */
	bool timed_out;	  /* spec->run.timeout_ms passed; the jail was killed */
	bool oom_killed;  /* the memory limit killed a process of the jail */
	uint64_t wall_us; /* from the command's start to its end */
	uint64_t cpu_us; /* from rusage, of all reaped processes; for machines without accounting */
	struct cgroup_stats stats;
};

/*
 * Build the jail and start spec->run.command in it. `spec` must have passed spec_check() and stay
 * alive until jail_close(). Returns 0, or -errno with err->stage and text set and nothing left
 * behind. err->stage is "exec" when the command itself could not be started: -ENOENT not found,
 * anything else not executable.
 *
 * Needs root with CAP_SYS_ADMIN, or, for a rootless jail, unprivileged user namespaces.
 * Single-threaded callers only. SIGCHLD must not be ignored. Blocks the signals that it will relay.
 */
int jail_open(const struct jail_spec *spec, const struct jail_settings *settings, struct jail **ret,
    struct err *err);

/* Facts about a jail that is open. */
pid_t jail_init_pid(const struct jail *jail);
const struct network_result *jail_network(const struct jail *jail); /* NULL unless bridged */
bool jail_has_terminal(const struct jail *jail);

/*
 * Relay signals and, where the jail has a terminal of its own, bytes and window sizes, until the
 * command has ended and with it every process of the jail. Returns 0 or -errno.
 */
int jail_supervise(struct jail *jail, struct jail_result *ret, struct err *err);

/* Kill what still runs, remove cgroup folders and registry entries, free. NULL is fine. */
void jail_close(struct jail *jail);

#endif
