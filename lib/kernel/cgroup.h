/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_CGROUP_H
#define CONTAIN_KERNEL_CGROUP_H

/*
 * A jail's control group, over whichever hierarchy the machine has.
 *
 *	cgroup_open()	 look only: pick the backend, refuse limits that it cannot enforce
 *	cgroup_create()	 make the folder(s) and write the limits
 *	cgroup_attach()	 put the jail's first process in, unless clone3 did (cgroup_clone_fd)
 *	cgroup_settle()	 the first process is there
 *	cgroup_mount()	 show it to the jail, in a cgroup namespace that begins at it
 *	cgroup_stats(), cgroup_kill(), cgroup_freeze()
 *	cgroup_remove()	 after the last process has gone
 *	cgroup_close()	 forget it; removes nothing
 *
 * All folders are called contain-NAME.
 *
 * v1: they lie directly below the caller's own groups.
 *
 * v2: it lies below the caller's own group, or the nearest above it where limits are possible. A
 * caller that is alone in its group moves into contain-NAME.supervisor beside it while the jail
 * lives, where limits would not be possible otherwise.
 *
 * systemd: it lies in a scope, contain-NAME.scope. That of a login (run.resident) is in the
 * account's slice, user-UID.slice, which has the limits, so that they hold for sessions wherever
 * logind has put them, and the caller moves into the scope as well, as contain-NAME.supervisor. Any
 * other is in system.slice and has the limits itself; the caller stays where it was.
 *
 * Only the process that called cgroup_create() may call cgroup_remove().
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
	CGROUP_AUTO,	/* v1 where controllers are on v1, else systemd where it is PID 1, the
			   caller root, and its group not delegated; else v2 */
	CGROUP_V1,	/* controllers on v1 hierarchies (legacy and hybrid hosts) */
	CGROUP_V2,	/* the unified hierarchy through cgroupfs */
	CGROUP_SYSTEMD, /* the unified hierarchy through systemd */
};

struct cgroup_stats {
	/* SPEC_UNSET wherever the machine does not say */
	uint64_t memory_peak;	 /* bytes */
	uint64_t memory_current; /* bytes */
	uint64_t oom_kills;
	uint64_t cpu_usage;	      /* us */
	uint64_t pids_peak;	      /* tasks */
	uint64_t pids_denied;	      /* forks that pids.max refused */
	uint64_t io_read, io_written; /* bytes */
};

struct cgroup_request {
	enum cgroup_layout layout;
	const struct jail_spec *spec;
	bool accounting; /* controllers that cgroup_stats() reads, where no limit needs them; those
			    that cannot be had are left out */
	const char *libexec_dir; /* holds contain-systemd.so; absolute */
	pid_t ending; /* a child of the caller that is about to end, or 0. Where the caller has to
			 be alone in its group it is waited for, but left to the caller to reap */
};

/*
 * Find out where the groups of this process lie and whether what the spec asks for can be enforced
 * there; creates nothing. What it needs of the request is copied.
 *
 * *ret is NULL, with 0 returned, where a group is of no use: on v1 and with systemd when neither
 * limit nor accounting needs one (each costs a start), and with CGROUP_AUTO when no limit needs one
 * and none can be had (not mounted, or not delegated to this user).
 *
 * Returns 0 or -errno: -EOPNOTSUPP with the option, the missing controller and where it was looked
 * for; -EACCES where the group is not delegated to this user; -EBUSY where cgroup v2 allows no
 * limits because the caller's group, and those above it, have other processes. Needs write access
 * to the caller's own groups.
 */
int cgroup_open(const struct cgroup_request *request, struct cgroup **ret, struct err *err);

/*
 * Append every folder (absolute path) that cgroup_create() will make to *ret, for the record that
 * `gc` reads. Returns 0 or -ENOMEM; the list stays the caller's either way.
 */
int cgroup_folders(const struct cgroup *cgroup, struct strv *ret, struct err *err);

/*
 * The slice whose limits cgroup_create() changes, for the record that `gc` reads, or NULL.
 */
const char *cgroup_slice(const struct cgroup *cgroup);

/*
 * Take back what systemd has written down of limits that a dead jail had set on this slice. They
 * hold until the account's last session ends. -EINVAL for a name that no jail uses.
 */
int cgroup_release_slice(const char *slice, struct err *err);

/*
 * Make the folders and write every limit; on failure what was made is removed again. -EEXIST: a
 * jail of this name runs or has left its folder. Limits are read back: -ERANGE where the kernel
 * took one as "no limit" or as something else than was asked for. With systemd it waits for it, at
 * most 10 s: -ETIMEDOUT.
 */
int cgroup_create(struct cgroup *cgroup, struct err *err);

/* v2: a descriptor of the folder for CLONE_INTO_CGROUP, owned by cgroup. v1: -1. */
int cgroup_clone_fd(const struct cgroup *cgroup);

/*
 * To be called when the first process is in the folder, and before it goes on: what held the folder
 * for it lets go. 0 or -errno.
 */
int cgroup_settle(struct cgroup *cgroup, struct err *err);

/*
 * Move the process into every folder. Not needed where clone3 did it. pid 0 is the calling process,
 * which must have a single thread: the way to do it on v1, at 0.04 ms a folder. To move another
 * process the kernel waits for an RCU grace period, 10 ms and more. So on v1 the jail's first
 * process calls this itself, and makes its cgroup namespace after that, for it to begin at the
 * group.
 */
int cgroup_attach(const struct cgroup *cgroup, pid_t pid, struct err *err);

/*
 * For process `pid` that enters by itself, and that may be anybody's child: open in every folder
 * the file to which it writes "0". Returns how many there are, at most CGROUP_FOLDERS_MAX, or
 * -errno; the caller closes them. None where it is in the slice that has the limits: then it stays
 * in the scope that logind has made for its session, which must not become empty.
 */
#define CGROUP_FOLDERS_MAX 6
int cgroup_open_entrances(
    const struct cgroup *cgroup, pid_t pid, int ret_fds[CGROUP_FOLDERS_MAX], struct err *err);

/*
 * Mount what the jail may see of its cgroup, read-only, at `target` (an O_PATH descriptor of a
 * directory). Called inside the jail's new mount and cgroup namespaces, before the jail is locked.
 * v1: nothing but an empty directory. `cgroup` may be NULL: the same. -EINVAL if the cgroup
 * namespace does not begin at the jail's group, since the jail would then see its neighbours'.
 */
int cgroup_mount(const struct cgroup *cgroup, int target, struct err *err);

/* Read what the group has used. Works until cgroup_remove(). */
int cgroup_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err);

/*
 * SIGKILL every process of the group, also ones that are frozen or fork meanwhile: cgroup.kill on
 * v2, over and over until none is left on v1 (at most 2 s: -ETIMEDOUT).
 */
int cgroup_kill(const struct cgroup *cgroup, struct err *err);

/* Freeze or thaw, waiting until it is so (at most 2 s: -ETIMEDOUT). -EOPNOTSUPP on v1. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct err *err);

/* Remove the folders. Waits up to 2 s for dying processes; -EBUSY if some are still there. */
int cgroup_remove(struct cgroup *cgroup, struct err *err);

/*
 * Remove one folder that a dead jail left, killing what is still in it; a missing one is fine.
 * -EINVAL for a path that cannot be a jail's. Waits as cgroup_remove() does.
 */
int cgroup_remove_folder(const char *path, struct err *err);

void cgroup_close(struct cgroup *cgroup);

#endif
