/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_CGROUP_H
#define CONTAIN_KERNEL_CGROUP_H

/*
 * A jail's control group, over whichever hierarchy the machine has.
 *
 *	cgroup_open()	 look only: pick the backend, refuse limits that it cannot enforce
 *	cgroup_create()	 make the folder(s) and write the limits
 *	cgroup_attach()	 put the jail's first process in, unless clone3 did (cgroup_clone_fd)
 *	cgroup_stats(), cgroup_signal(), cgroup_freeze()
 *	cgroup_remove()	 after the last process has gone
 *	cgroup_close()	 forget it; removes nothing
 *
 * All folders are called contain-NAME and lie directly below the caller's own group.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/policy/spec.h"

struct cgroup;

enum cgroup_layout {
	CGROUP_AUTO,	/* v1 where controllers are on v1, else v2 */
	CGROUP_V1,	/* controllers on v1 hierarchies (legacy and hybrid hosts) */
	CGROUP_V2,	/* the unified hierarchy through cgroupfs */
	CGROUP_SYSTEMD, /* the unified hierarchy through systemd: its backend is not built in */
};

struct cgroup_stats {
	/* SPEC_UNSET wherever the machine does not say */
	uint64_t memory_peak;	 /* bytes */
	uint64_t memory_current; /* bytes */
	uint64_t oom_kills;
	uint64_t cpu_usage;  /* us */
	uint64_t pids_peak;  /* tasks */
	uint64_t pids_denied; /* forks that pids.max refused */
	uint64_t io_read, io_written; /* bytes */
};

/*
 * Find out where the groups of this process lie and whether what the spec asks for can be enforced
 * there; creates nothing. `accounting` asks for the controllers that cgroup_stats() reads even
 * where no limit needs them. *ret is NULL, with 0 returned, when neither limit nor
 * accounting needs a group and the layout is v1 (each v1 folder costs a start). Returns 0 or -errno: -EOPNOTSUPP with the option, the missing
 * controller and where it was looked for; -EACCES where the group is not delegated to this user.
 */
int cgroup_open(enum cgroup_layout layout, const struct jail_spec *spec, bool accounting,
    struct cgroup **ret, struct err *err);

/* Every folder (absolute path) that cgroup_create() will make, for the record that `gc` reads. */
int cgroup_folders(const struct cgroup *cgroup, struct strv *ret, struct err *err);

/* Make the folders and write every limit; on failure what was made is removed again. */
int cgroup_create(struct cgroup *cgroup, struct err *err);

/* v2: a descriptor of the folder for CLONE_INTO_CGROUP, owned by cgroup. v1: -1. */
int cgroup_clone_fd(const struct cgroup *cgroup);

/* Move the process into every folder. Not needed where clone3 did it. */
int cgroup_attach(const struct cgroup *cgroup, pid_t pid, struct err *err);

/*
 * Mount what the jail may see of its cgroup, read-only, at `target` (an O_PATH descriptor of a directory).
 * Called inside the jail's new mount and cgroup namespaces, before the jail is locked. v1: nothing
 * but an empty directory. `cgroup` may be NULL.
 */
int cgroup_mount(const struct cgroup *cgroup, int target, struct err *err);

/* Read what the group has used. Works until cgroup_remove(). */
int cgroup_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err);

/* SIGKILL every process of the group, also ones that are frozen or fork meanwhile (cgroup.kill on
 * v2; freeze, kill, thaw on v1). */
int cgroup_kill(const struct cgroup *cgroup, struct err *err);

/* Freeze or thaw, waiting until it is so (at most 2 s: -ETIMEDOUT). -EOPNOTSUPP without freezer. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct err *err);

/* Remove the folders. Waits up to 2 s for dying processes; -EBUSY if some are still there. */
int cgroup_remove(struct cgroup *cgroup, struct err *err);

/* Remove one folder that a dead jail left, killing what is still in it; a missing one is fine. */
int cgroup_remove_folder(const char *path, struct err *err);

void cgroup_close(struct cgroup *cgroup);

#endif
