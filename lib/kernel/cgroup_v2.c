/* SPDX-License-Identifier: MIT */
/*
 * Backend: one folder in the unified hierarchy, made through its file system.
 *
 * memory.oom.group stays 0: when the memory limit is hit the kernel kills the process that uses
 * most, as it does on v1, and the rest of the jail sees it end with SIGKILL. A shell or a make in
 * the jail can then report it; killing the whole group would take that away, and would end a login
 * because of one program in it.
 */
#include "lib/kernel/cgroup_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/magic.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"

/* The caller's own group. */
static int own_group(const struct cgroup *cgroup)
{
	return cgroup->folders[0].parent;
}

/* Length of the caller's group in the folder's path, for messages: "%.*s". */
static int own_length(const struct cgroup *cgroup)
{
	return (int)(strrchr(cgroup->folders[0].path, '/') - cgroup->folders[0].path);
}

static int v2_missing(
    const struct cgroup *cgroup, unsigned missing, const char *available, struct err *err)
{
	const char *name = cgroup_controllers_first(missing, true);

	return err_say(err, EOPNOTSUPP,
	    "%s needs the %s controller, which is not among those in %.*s/cgroup.controllers (%s)",
	    cgroup_option(&cgroup->limits, missing), name, own_length(cgroup),
	    cgroup->folders[0].path, *available ? available : "none");
}

/* Whether the caller is the only process of its group, but for a child that has ended by then. */
static bool alone(int group, pid_t ending)
{
	char list[64], self[16];
	siginfo_t end;

	while (ending && waitid(P_PID, (id_t)ending, &end, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	return cgroup_file_read(group, "cgroup.procs", list, sizeof(list)) == 0 &&
	       strcmp(list, self) == 0;
}

/*
 * Controllers can be turned on for the folders below a group only while it has no processes of its
 * own ("no internal processes"), but for the root of the hierarchy. A caller that is alone in its
 * group, as in a delegated scope, steps aside into a folder of its own; with others in it there is
 * no way.
 */
static int plan_enable(struct cgroup *cgroup, struct err *err)
{
	const char *option = cgroup_option(&cgroup->limits, cgroup->enable & cgroup->needed);
	const char *path = cgroup->folders[0].path;
	char type[64];

	int r = cgroup_file_read(own_group(cgroup), "cgroup.type", type, sizeof(type));
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(
		    err, -r, "cannot read cgroup.type of %.*s", own_length(cgroup), path);
	if (strcmp(type, "domain") != 0)
		return err_say(err, EOPNOTSUPP,
		    "%s: control group %.*s is of the type '%s', in which no limits "
		    "for processes are possible",
		    option, own_length(cgroup), path, type);
	if (!alone(own_group(cgroup), cgroup->ending))
		return err_say(err, EBUSY,
		    "%s: control group %.*s has other processes, and cgroup v2 allows "
		    "no limits below such a group; start it in a group of its own: "
		    "systemd-run --scope -p Delegate=yes COMMAND",
		    option, own_length(cgroup), path);
	if (faccessat(own_group(cgroup), "cgroup.subtree_control", W_OK, AT_EACCESS) < 0)
		return err_say(err, EACCES,
		    "%s: %.*s/cgroup.subtree_control is not writable by uid %u; the "
		    "group must be delegated to the user: systemd-run --user --scope "
		    "-p Delegate=yes COMMAND",
		    option, own_length(cgroup), path, (unsigned)geteuid());
	if (asprintf(&cgroup->leaf, "%s.supervisor", path) < 0) {
		cgroup->leaf = NULL;
		return err_sys(err, ENOMEM, "cannot open control group %s", path);
	}
	return 0;
}

static int plan_controllers(struct cgroup *cgroup, struct err *err)
{
	char available[CGROUP_VALUE_MAX], enabled[CGROUP_VALUE_MAX];
	int r =
	    cgroup_file_read(own_group(cgroup), "cgroup.controllers", available, sizeof(available));

	if (r == 0)
		r = cgroup_file_read(
		    own_group(cgroup), "cgroup.subtree_control", enabled, sizeof(enabled));
	if (r < 0)
		return err_sys(err, -r, "cannot read the controllers of %.*s", own_length(cgroup),
		    cgroup->folders[0].path);
	unsigned there = cgroup_controllers_parse(available, true);
	if (cgroup->needed & ~there)
		return v2_missing(cgroup, cgroup->needed & ~there, available, err);
	cgroup->enable =
	    (cgroup->needed | cgroup->wanted) & there & ~cgroup_controllers_parse(enabled, true);
	r = cgroup->enable ? plan_enable(cgroup, err) : 0;
	if (r < 0 && !(cgroup->enable & cgroup->needed)) {
		err_clear(err);
		cgroup->enable = 0;
		r = 0;
	}
	return r;
}

/* What one group offers. A folder that was added is taken back where it offers too little. */
static int try_group(struct cgroup *cgroup, const char *group, struct err *err)
{
	int r = cgroup_folder_add(cgroup, group, CONTROLLERS_ALL, CGROUP2_SUPER_MAGIC, err);

	if (r < 0 || !(cgroup->needed | cgroup->wanted))
		return r;
	r = plan_controllers(cgroup, err);
	if (r < 0)
		cgroup_folder_drop(cgroup);
	return r;
}

/*
 * A caller's group with other processes in it, as a login's or a service's is, allows no limits
 * below it. The nearest group above does where controllers are on for its children, or where it
 * has no processes of its own, and the jail is made there: at the most in the one that systemd has
 * delegated, since what is above is systemd's alone.
 */
static int climb(struct cgroup *cgroup, const struct hierarchy *unified, struct err *err)
{
	size_t top = cgroup_hierarchy_root_length(unified);
	struct err above = ERR_INIT;
	char group[PATH_MAX];

	if (snprintf(group, sizeof(group), "%s", unified->folder) >= PATH_MAX)
		return err_sys(err, ENAMETOOLONG, "cannot open a control group");
	int r = try_group(cgroup, group, err);
	while (r == -EBUSY && strlen(group) > top && !cgroup_is_delegated(group)) {
		*strrchr(group, '/') = '\0';
		err_clear(&above);
		r = try_group(cgroup, group, &above);
		/* What is wrong with the caller's own group says best what can be done. */
		if (r < 0 && r != -EBUSY)
			return -EBUSY;
	}
	if (r == 0)
		err_clear(err);
	return r;
}

static int v2_open(struct cgroup *cgroup, const struct hierarchies *hierarchies, struct err *err)
{
	const struct hierarchy *unified = cgroup_hierarchies_unified(hierarchies);

	if (!unified || !unified->folder)
		return err_say(err, EOPNOTSUPP,
		    "%s: no cgroup v2 hierarchy with this process's group in it is "
		    "mounted (see /proc/self/cgroup and /proc/self/mountinfo)",
		    cgroup_option(&cgroup->limits, cgroup->needed));
	return climb(cgroup, unified, err);
}

/* Turn controllers on ('+') or off ('-') for the folders below the caller's group. */
static int switch_controllers(const struct cgroup *cgroup, unsigned set, char sign)
{
	char text[128] = "";
	size_t used = 0;

	for (unsigned i = 0; i < CONTROLLER_COUNT; i++)
		if (set & cgroup_controllers[i].bit && cgroup_controllers[i].v2)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%c%s",
			    used ? " " : "", sign, cgroup_controllers[i].v2);
	return cgroup_file_write(own_group(cgroup), "cgroup.subtree_control", text);
}

int cgroup_v2_step_aside(struct cgroup *cgroup, struct err *err)
{
	const char *name = strrchr(cgroup->leaf, '/') + 1;

	if (mkdirat(own_group(cgroup), name, 0755) < 0)
		return err_sys(err, errno, "cannot make control group %s", cgroup->leaf);
	cgroup->leaf_made = true;
	cleanup_fd int leaf = openat(own_group(cgroup), name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = leaf < 0 ? -errno : cgroup_file_write(leaf, "cgroup.procs", "0");
	return r < 0 ? err_sys(err, -r, "cannot move into control group %s", cgroup->leaf) : 0;
}

static int v2_prepare(struct cgroup *cgroup, struct err *err)
{
	int r = cgroup->leaf ? cgroup_v2_step_aside(cgroup, err) : 0;

	if (r < 0 || !cgroup->enable)
		return r;
	r = switch_controllers(cgroup, cgroup->enable, '+');
	if (r < 0) {
		/* One that only accounting wants may be what failed. */
		cgroup->enable &= cgroup->needed;
		r = cgroup->enable ? switch_controllers(cgroup, cgroup->enable, '+') : 0;
	}
	if (r < 0)
		return err_sys(err, -r,
		    "%s: cannot enable the controller in %.*s/cgroup.subtree_control",
		    cgroup_option(&cgroup->limits, cgroup->enable), own_length(cgroup),
		    cgroup->folders[0].path);
	return 0;
}

/* In the root of the hierarchy, the controllers stay on: others may rely on them by now. */
static int v2_unprepare(struct cgroup *cgroup, struct err *err)
{
	if (!cgroup->leaf_made)
		return 0;
	int r = cgroup->enable ? switch_controllers(cgroup, cgroup->enable, '-') : 0;
	if (r == 0)
		r = cgroup_file_write(own_group(cgroup), "cgroup.procs", "0");
	if (r < 0)
		return err_sys(err, -r, "cannot move back to control group %.*s",
		    own_length(cgroup), cgroup->folders[0].path);
	r = cgroup_folder_remove(own_group(cgroup), cgroup->leaf, err);
	cgroup->leaf_made = r < 0;
	return r;
}

static int v2_limit(const struct cgroup *cgroup, struct err *err)
{
	return cgroup_v2_limits_write(cgroup, &cgroup->folders[0], err);
}

int cgroup_v2_clone_fd(const struct cgroup *cgroup)
{
	return cgroup->folders[0].dir;
}

int cgroup_v2_attach(const struct cgroup *cgroup, pid_t pid, struct err *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	int r = cgroup_file_write(cgroup->folders[0].dir, "cgroup.procs", text);
	if (r < 0)
		return err_sys(err, -r, "cannot put process %d into control group %s",
		    pid ? (int)pid : (int)getpid(), cgroup->folders[0].path);
	return 0;
}

/*
 * What a fresh mount shows is the root of the caller's cgroup namespace. If that were any other
 * group, the jail would see its neighbours, so it is compared before it goes anywhere.
 */
int cgroup_v2_mount(const struct cgroup *cgroup, int target, struct err *err)
{
	cleanup_fd int fs = fsopen("cgroup2", FSOPEN_CLOEXEC);
	struct stat root, own;

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, errno, "cannot make the jail's cgroup2 file system");
	cleanup_fd int mount = fsmount(fs, FSMOUNT_CLOEXEC,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mount < 0 || fstat(mount, &root) < 0 || fstat(cgroup->folders[0].dir, &own) < 0)
		return err_sys(err, errno, "cannot mount the jail's cgroup2 file system");
	if (root.st_ino != own.st_ino)
		return err_say(err, EINVAL,
		    "the jail's cgroup namespace does not begin at its own control "
		    "group %s",
		    cgroup->folders[0].path);
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
	    0)
		return err_sys(err, errno, "cannot mount the jail's cgroup2 file system");
	return 0;
}

int cgroup_v2_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err)
{
#define ROW(name, file, key)                                                                       \
	{                                                                                          \
		offsetof(struct cgroup_stats, name), CONTROLLERS_ALL, file, key, 1                 \
	}
	static const struct cgroup_source rows[] = {
		ROW(memory_peak, "memory.peak", NULL),
		ROW(memory_current, "memory.current", NULL),
		ROW(oom_kills, "memory.events", "oom_kill"),
		ROW(cpu_usage, "cpu.stat", "usage_usec"),
		ROW(pids_peak, "pids.peak", NULL),
		ROW(pids_denied, "pids.events", "max"),
		{ 0, 0, NULL, NULL, 0 },
	};
#undef ROW
	char text[32768];

	(void)err;
	cgroup_sources_read(cgroup, rows, ret);
	ret->io_read = ret->io_written = SPEC_UNSET;
	if (cgroup_file_read(cgroup->folders[0].dir, "io.stat", text, sizeof(text)) == 0)
		cgroup_text_io_v2(text, &ret->io_read, &ret->io_written);
	return 0;
}

int cgroup_v2_kill(const struct cgroup *cgroup, struct err *err)
{
	return cgroup_folder_kill(cgroup->folders[0].dir, cgroup->folders[0].path, err);
}

/* cgroup.events raises POLLPRI when one of its values changes after it was read. */
static int wait_frozen(const struct cgroup *cgroup, bool frozen, struct err *err)
{
	cleanup_fd int events =
	    openat(cgroup->folders[0].dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	uint64_t deadline = clock_now() + CGROUP_PATIENCE, now = 0, value = 0;
	struct pollfd change = { .fd = events, .events = POLLPRI };

	while (events >= 0 && now < deadline) {
		char text[256];
		ssize_t n = pread(events, text, sizeof(text) - 1, 0);
		if (n < 0)
			break;
		text[n] = '\0';
		if (cgroup_text_key(text, "frozen", &value) == 0 && value == frozen)
			return 0;
		now = clock_now();
		if (now < deadline)
			(void)poll(&change, 1, (int)((deadline - now) / 1000 + 1));
	}
	if (now >= deadline)
		return err_say(err, ETIMEDOUT, "control group %s did not %s within 2 s",
		    cgroup->folders[0].path, frozen ? "freeze" : "thaw");
	return err_sys(err, errno, "cannot read %s/cgroup.events", cgroup->folders[0].path);
}

int cgroup_v2_freeze(const struct cgroup *cgroup, bool frozen, struct err *err)
{
	int r = cgroup_file_write(cgroup->folders[0].dir, "cgroup.freeze", frozen ? "1" : "0");

	if (r < 0)
		return err_sys(
		    err, -r, "cannot write to %s/cgroup.freeze", cgroup->folders[0].path);
	return wait_frozen(cgroup, frozen, err);
}

const struct cgroup_backend cgroup_v2 = {
	.open = v2_open,
	.prepare = v2_prepare,
	.unprepare = v2_unprepare,
	.limit = v2_limit,
	.clone_fd = cgroup_v2_clone_fd,
	.attach = cgroup_v2_attach,
	.entrance = "cgroup.procs",
	.mount = cgroup_v2_mount,
	.stats = cgroup_v2_stats,
	.kill = cgroup_v2_kill,
	.freeze = cgroup_v2_freeze,
};
