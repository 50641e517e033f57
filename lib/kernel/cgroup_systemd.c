/* SPDX-License-Identifier: MIT */
/*
 * Backend: the folder lies in a scope that systemd has made and delegated, so that there is one who
 * writes each group: systemd those of units, we what is in the scope
 * (https://systemd.io/CGROUP_DELEGATION).
 *
 *	user-1001.slice			a login's limits
 *	|- session-3.scope		logind's: sshd and what the session runs
 *	`- contain-user-1001.scope	ours
 *	   |- contain-user-1001.supervisor	contain-session
 *	   `- contain-user-1001			contain-init, and sessions that logind does not know
 *
 * A command's scope is in system.slice and has the limits itself; contain-exec is not in it, so
 * that the limits are the command's alone. What holds the scope there is the keeper.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/kernel/cgroup_internal.h"

/* Where SetUnitProperties keeps what holds until the next boot: systemd.unit(5). */
#define CONTROL_DIRECTORY "/run/systemd/system.control"

#define KEEPER_TASKS 1

bool cgroup_is_delegated(const char *folder)
{
	char value = '0';

	return getxattr(folder, "trusted.delegate", &value, 1) == 1 && value == '1';
}

/* A group that systemd has left to an ordinary user is not where root's containers belong: the user
 * could change it. */
static bool is_delegated_to_us(const struct hierarchy *unified)
{
	size_t top = cgroup_hierarchy_root_length(unified);
	char folder[PATH_MAX];
	struct stat st;

	if (snprintf(folder, sizeof(folder), "%s", unified->folder) >= PATH_MAX ||
	    stat(folder, &st) < 0 || st.st_uid != 0)
		return false;
	for (; strlen(folder) > top; *strrchr(folder, '/') = '\0')
		if (cgroup_is_delegated(folder))
			return stat(folder, &st) == 0 && st.st_uid == 0;
	return false;
}

/* As sd_booted(3) has it. */
bool cgroup_systemd_rules(const struct hierarchy *unified)
{
	return unified && unified->folder && geteuid() == 0 &&
	       access("/run/systemd/system", F_OK) == 0 && !is_delegated_to_us(unified);
}

int cgroup_units_plan(struct cgroup *cgroup, const struct jail_spec *spec, const char *libexec_dir)
{
	struct cgroup_units *units = &cgroup->units;

	*units = (struct cgroup_units){ .keeper = CHILD_INIT, .release = -1, .limited = -1 };
	units->of_login = spec->account && spec->run.resident;
	snprintf(units->scope, sizeof(units->scope), "contain-%s.scope", spec->name);
	if (units->of_login)
		snprintf(units->slice, sizeof(units->slice), "user-%u.slice",
		    (unsigned)spec->account->uid);
	else
		snprintf(units->slice, sizeof(units->slice), "system.slice");
	units->libexec_dir = strdup(libexec_dir ? libexec_dir : "");
	return units->libexec_dir ? 0 : -ENOMEM;
}

void cgroup_units_done(struct cgroup_units *units)
{
	(void)cgroup_keeper_release(units, NULL);
	units->limited = fd_close(units->limited);
	free(units->scope_folder);
	free(units->slice_folder);
	free(units->libexec_dir);
	units->scope_folder = units->slice_folder = units->libexec_dir = NULL;
}

/* user-1001.slice is in user.slice, and all are in the root. */
static int plan_folders(struct cgroup *cgroup, const struct hierarchy *unified, struct err *err)
{
	struct cgroup_units *units = &cgroup->units;
	struct cgroup_folder *folder = &cgroup->folders[0];
	int root = (int)cgroup_hierarchy_root_length(unified), n;

	n = asprintf(&units->slice_folder, "%.*s%s/%s", root, unified->folder,
	    units->of_login ? "/user.slice" : "", units->slice);
	units->slice_folder = n < 0 ? NULL : units->slice_folder;
	n = n < 0 ? n : asprintf(&units->scope_folder, "%s/%s", units->slice_folder, units->scope);
	units->scope_folder = n < 0 ? NULL : units->scope_folder;
	if (n >= 0 && units->of_login)
		n = asprintf(&cgroup->leaf, "%s/%s.supervisor", units->scope_folder, cgroup->name);
	cgroup->leaf = n < 0 ? NULL : cgroup->leaf;
	*folder = (struct cgroup_folder){ .parent = -1, .dir = -1, .controllers = CONTROLLERS_ALL };
	n = n < 0 ? n : asprintf(&folder->path, "%s/%s", units->scope_folder, cgroup->name);
	if (n < 0)
		return err_sys(err, ENOMEM, "cannot open a control group");
	cgroup->folder_count = 1;
	return 0;
}

static int systemd_open(
    struct cgroup *cgroup, const struct hierarchies *hierarchies, struct err *err)
{
	const struct hierarchy *unified = cgroup_hierarchies_unified(hierarchies);
	char available[CGROUP_VALUE_MAX] = "", root[PATH_MAX];

	if (!unified || !unified->folder || access("/run/systemd/system", F_OK) < 0)
		return err_say(err, EOPNOTSUPP,
		    "%s: control groups through systemd need it as PID 1, and cgroup v2",
		    cgroup_option(&cgroup->limits, cgroup->needed));
	snprintf(root, sizeof(root), "%.*s", (int)cgroup_hierarchy_root_length(unified),
	    unified->folder);
	cleanup_fd int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno
			: cgroup_file_read(dir, "cgroup.controllers", available, sizeof(available));
	if (r < 0)
		return err_sys(err, -r, "cannot read the controllers of %s", root);
	unsigned missing = cgroup->needed & ~cgroup_controllers_parse(available, true);
	if (missing)
		return err_say(err, EOPNOTSUPP,
		    "%s needs the %s controller, which is not among those in "
		    "%s/cgroup.controllers (%s)",
		    cgroup_option(&cgroup->limits, missing),
		    cgroup_controllers_first(missing, true), root, available);
	/* The keeper counts, and is not the command's. */
	if (!cgroup->units.of_login && cgroup->limits.pids != SPEC_UNSET)
		cgroup->limits.pids += KEEPER_TASKS;
	return plan_folders(cgroup, unified, err);
}

/* A login's supervisor is in the scope itself, from then on and until the end. */
static int systemd_settle(struct cgroup *cgroup, struct err *err)
{
	return cgroup->units.of_login ? cgroup_keeper_release(&cgroup->units, err) : 0;
}

/* ---- the folder ---- */

static int systemd_prepare(struct cgroup *cgroup, struct err *err)
{
	struct cgroup_units *units = &cgroup->units;
	const char *limited = units->of_login ? units->slice_folder : units->scope_folder;
	int r = cgroup_keeper_start(cgroup, err);

	if (r < 0)
		return r;
	units->limited = open(limited, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cgroup->folders[0].parent =
	    open(units->scope_folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cgroup->folders[0].parent < 0 || units->limited < 0)
		return err_sys(err, errno, "cannot open %s, which systemd has made", limited);
	return cgroup->leaf ? cgroup_v2_step_aside(cgroup, err) : 0;
}

/* The scope goes with its last process, and all that is in it. */
static int systemd_unprepare(struct cgroup *cgroup, struct err *err)
{
	const char *slice = cgroup_slice(cgroup);

	/* It may have been killed, with all that is in the scope: systemctl stop. */
	(void)cgroup_keeper_release(&cgroup->units, NULL);
	return slice ? cgroup_release_slice(slice, err) : 0;
}

/* systemd says yes first and writes them a moment later; and what the kernel refuses then is only
 * in its log. */
static int systemd_limit(const struct cgroup *cgroup, struct err *err)
{
	const struct cgroup_units *units = &cgroup->units;
	const struct cgroup_folder folder = { .path = units->of_login ? units->slice_folder
								      : units->scope_folder,
		.dir = units->limited };
	uint64_t deadline = clock_now() + CGROUP_PATIENCE;

	for (unsigned pause = 200;; pause = pause < 10000 ? pause * 2 : pause) {
		int r = cgroup_v2_limits_check(cgroup, &folder, err);
		if (r == 0 || clock_now() > deadline)
			return r;
		err_clear(err);
		cgroup_pause(pause);
	}
}

/* What the unit with the limits has used: all sessions of a login. */
static int systemd_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err)
{
	struct cgroup unit = {
		.folders = { { .dir = cgroup->units.limited, .controllers = CONTROLLERS_ALL } },
		.folder_count = 1
	};

	int r = cgroup_v2_stats(&unit, ret, err);

	if (r == 0 && !cgroup->units.of_login && ret->pids_peak != SPEC_UNSET)
		ret->pids_peak -= KEEPER_TASKS;
	return r;
}

static bool systemd_holds(const struct cgroup *cgroup, pid_t pid)
{
	char path[32], text[4096], start[80];
	cleanup_fd int dir = -1;

	if (!cgroup->units.of_login)
		return false;
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	snprintf(start, sizeof(start), "0::/user.slice/%s/", cgroup->units.slice);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || cgroup_file_read(dir, "cgroup", text, sizeof(text)) < 0)
		return false;
	const char *line = strstr(text, start);
	return line && (line == text || line[-1] == '\n');
}

const char *cgroup_slice(const struct cgroup *cgroup)
{
	if (cgroup->backend != &cgroup_systemd || !cgroup->units.of_login || !cgroup->needed)
		return NULL;
	return cgroup->units.slice;
}

/* Only names that systemd_part_limits.c makes systemd write. */
static void remove_properties(int dir)
{
	static const char *const properties[] = { "MemoryMax", "MemorySwapMax", "CPUQuota",
		"CPUQuotaPeriodSec", "CPUWeight", "TasksMax", "AllowedCPUs", "IOReadBandwidthMax",
		"IOWriteBandwidthMax", "IOReadIOPSMax", "IOWriteIOPSMax" };
	char file[64];

	for (unsigned i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		snprintf(file, sizeof(file), "50-%s.conf", properties[i]);
		(void)unlinkat(dir, file, 0);
	}
}

/* user-UID.slice, and nothing else. */
static bool is_slice_of_user(const char *slice)
{
	const char *uid = strncmp(slice, "user-", 5) == 0 ? slice + 5 : "";
	size_t digits = strspn(uid, "0123456789");

	return digits && digits <= 10 && strcmp(uid + digits, ".slice") == 0;
}

int cgroup_release_slice(const char *slice, struct err *err)
{
	char name[64];

	if (!is_slice_of_user(slice))
		return err_say(err, EINVAL, "%s is not the slice of a user", slice);
	cleanup_fd int control =
	    open(CONTROL_DIRECTORY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	snprintf(name, sizeof(name), "%s.d", slice);
	cleanup_fd int dir =
	    control < 0 ? -1 : openat(control, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "cannot open %s", name);
	remove_properties(dir);
	/* Unless the administrator has set more. */
	(void)unlinkat(control, name, AT_REMOVEDIR);
	return 0;
}

const struct cgroup_backend cgroup_systemd = {
	.open = systemd_open,
	.prepare = systemd_prepare,
	.unprepare = systemd_unprepare,
	.limit = systemd_limit,
	.clone_fd = cgroup_v2_clone_fd,
	.settle = systemd_settle,
	.attach = cgroup_v2_attach,
	.holds = systemd_holds,
	.entrance = "cgroup.procs",
	.mount = cgroup_v2_mount,
	.stats = systemd_stats,
	.kill = cgroup_v2_kill,
	.freeze = cgroup_v2_freeze,
};
