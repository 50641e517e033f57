/* SPDX-License-Identifier: MIT */
#include "lib/jail/enter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/rlimits.h"

#define DIRECTORIES_MAX 64

/* What is found out while the host can still be seen, and used inside. */
struct passage {
	struct entry *entry;
	struct rlimit rlimits[RLIM_NLIMITS]; /* as they were */
	uid_t uids[3];			     /* real, effective, saved */
	gid_t gids[3];
	gid_t *groups;
	int group_count;
	char workdir[PATH_MAX]; /* "" if it has no name */
	int oom_score;		/* /proc/self/oom_score_adj if that is negative, else -1 */
	char oom_text[16];	/* what it said */
	int death_signal;	/* PR_SET_PDEATHSIG, which a change of ids clears */
	int directories[DIRECTORIES_MAX];
	unsigned directory_count;
};

/* setns(2) refuses a process with threads, but not before it was asked half a dozen times. */
static int one_thread(struct passage *passage, struct err *err)
{
	struct stat tasks;

	(void)passage;
	if (stat("/proc/self/task", &tasks) < 0)
		return err_sys(err, errno, "cannot look at /proc/self/task");
	/* ".", ".." and one for each thread. */
	if (tasks.st_nlink > 3)
		return err_say(err, EBUSY,
		    "the application has %u threads, and only a process with one can enter a "
		    "container",
		    (unsigned)tasks.st_nlink - 2);
	return 0;
}

static bool is_planned(const struct enter_plan *plan, gid_t group)
{
	for (uint32_t i = 0; i < plan->group_count; i++)
		if (plan->groups[i] == group)
			return true;
	return false;
}

/*
 * A group that the application has taken for the session (sudo -g) must be one of the account's:
 * no other is there. One that only comes from who runs the application is no matter.
 */
static int check_group(const struct passage *passage, struct err *err)
{
	gid_t group = passage->gids[1];

	if (group == 0 || is_planned(&passage->entry->plan, group) ||
	    (passage->uids[0] != 0 && group == passage->gids[0]))
		return 0;
	return err_say(err, EPERM,
	    "the session is to run with group %u, which is not one of the account's", group);
}

static int look_at_ids(struct passage *passage, struct err *err)
{
	int count = getgroups(0, NULL);

	if (count < 0 || getresuid(&passage->uids[0], &passage->uids[1], &passage->uids[2]) < 0 ||
	    getresgid(&passage->gids[0], &passage->gids[1], &passage->gids[2]) < 0)
		return err_sys(err, errno, "cannot read the ids");
	passage->groups = calloc((size_t)count + 1, sizeof(gid_t));
	if (!passage->groups)
		return err_sys(err, ENOMEM, "cannot read the groups");
	passage->group_count = getgroups(count, passage->groups);
	if (passage->group_count < 0)
		return err_sys(err, errno, "cannot read the groups");
	int r = check_group(passage, err);
	if (r < 0)
		return r;
	if (prctl(PR_GET_PDEATHSIG, &passage->death_signal) < 0)
		return err_sys(err, errno, "cannot read the parent death signal");
	if (!getcwd(passage->workdir, sizeof(passage->workdir)))
		passage->workdir[0] = '\0';
	return 0;
}

/* sshd and other daemons protect themselves with a negative score, which is inherited. */
static int look_at_oom_score(struct passage *passage, struct err *err)
{
	char text[16] = "";
	cleanup_fd int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return err_sys(err, errno, "cannot read /proc/self/oom_score_adj");
	if (text[0] != '-')
		return 0;
	passage->oom_score = take_fd(&fd);
	memcpy(passage->oom_text, text, sizeof(text));
	return 0;
}

static int add_directory(struct passage *passage, int fd, struct err *err)
{
	if (fd <= 2)
		return err_say(err, EINVAL,
		    "descriptor %d of the application is a directory, through which the container "
		    "could be left",
		    fd);
	if (passage->directory_count == DIRECTORIES_MAX)
		return err_say(err, E2BIG, "the application has more than %d directories open",
		    DIRECTORIES_MAX);
	passage->directories[passage->directory_count++] = fd;
	return 0;
}

/* A directory of the host that is open inside leads back out, with all that is below and above it
 * (CVE-2024-21626). */
static int look_for_directories(struct passage *passage, struct err *err)
{
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	struct stat st;
	int r = 0;

	if (!dir)
		return err_sys(err, errno, "cannot look at /proc/self/fd");
	for (const struct dirent *entry; r == 0 && (entry = readdir(dir));) {
		uint64_t fd;
		if (str_to_u64(entry->d_name, INT_MAX, &fd) < 0 || (int)fd == dirfd(dir))
			continue;
		if (fstat((int)fd, &st) == 0 && S_ISDIR(st.st_mode))
			r = add_directory(passage, (int)fd, err);
	}
	return r;
}

static void restore_rlimits(const struct passage *passage)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		if (passage->entry->plan.rlimits[i].set)
			(void)setrlimit(i, &passage->rlimits[i]);
}

/* While they can still be raised. */
static int set_rlimits(struct passage *passage, struct err *err)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit(i, &passage->rlimits[i]) < 0)
			return err_sys(err, errno, "cannot read a resource limit");
	int r = rlimits_apply(passage->entry->plan.rlimits, err);
	if (r < 0)
		restore_rlimits(passage);
	return r;
}

/*
 * Outside: only there does the kernel take it for the lowest value that the process and its
 * children may choose again, too, which needs the host's CAP_SYS_RESOURCE
 * (proc_pid_oom_score_adj(5)).
 */
static int reset_oom_score(struct passage *passage, struct err *err)
{
	if (passage->oom_score >= 0 && pwrite(passage->oom_score, "0", 1, 0) != 1) {
		int errnum = errno;
		restore_rlimits(passage);
		return err_sys(err, errnum, "cannot reset the OOM score");
	}
	return 0;
}

static void restore_oom_score(const struct passage *passage)
{
	if (passage->oom_score >= 0)
		(void)!pwrite(passage->oom_score, passage->oom_text, strlen(passage->oom_text), 0);
}

/* All at once, or none: setns(2) with a pidfd, Linux 5.8. */
static int join_namespaces(struct passage *passage, struct err *err)
{
	const struct entry *entry = passage->entry;

	if (setns(entry->jail, entry->plan.namespaces) == 0)
		return 0;
	int errnum = errno;
	restore_oom_score(passage);
	restore_rlimits(passage);
	if (errnum == ESRCH)
		return err_say(err, ESRCH, "the container ended before it could be entered");
	return err_sys(err, errnum, "cannot enter the container's namespaces");
}

/* Itself: to move another process takes the kernel 10 ms on cgroup v1. */
static int join_cgroups(struct passage *passage, struct err *err)
{
	const struct entry *entry = passage->entry;

	for (unsigned i = 0; i < entry->cgroup_count; i++)
		if (write(entry->cgroups[i], "0", 1) != 1)
			return err_sys(err, errno, "cannot enter the container's control group");
	return 0;
}

static int let_go(struct passage *passage, struct err *err)
{
	for (unsigned i = 0; i < passage->directory_count; i++)
		if (fcntl(passage->directories[i], F_SETFD, FD_CLOEXEC) < 0)
			return err_sys(err, errno, "cannot mark a directory close-on-exec");
	return 0;
}

/* Those of the account are the same inside; all others are the host's, root's among them. */
static int reduce_groups(struct passage *passage, struct err *err)
{
	size_t kept = 0;

	for (int i = 0; i < passage->group_count; i++)
		if (is_planned(&passage->entry->plan, passage->groups[i]))
			passage->groups[kept++] = passage->groups[i];
	if (setgroups(kept, passage->groups) < 0)
		return err_sys(err, errno, "cannot give up the host's groups");
	if (getgroups(0, NULL) != (int)kept)
		return err_say(err, EPERM, "the host's groups could not be given up");
	return 0;
}

#define KEEP ((uid_t)-1)

static uid_t uid_inside(uid_t was)
{
	return was == 0 ? 0 : KEEP;
}

/* sudo has the group of its target already when it opens the session, and must keep it; any other
 * group of the host gives way to the account's first. */
static gid_t gid_inside(const struct passage *passage, gid_t was)
{
	const struct enter_plan *plan = &passage->entry->plan;

	if (was == 0 || plan->group_count == 0)
		return 0;
	return is_planned(plan, was) ? was : plan->groups[0];
}

/*
 * What was root's becomes the jail's root's. A real uid of whoever runs su stays: it is not what
 * decides about access.
 */
static int become_root_of_jail(struct passage *passage, struct err *err)
{
	uid_t uids[3], now_uids[3];
	gid_t gids[3], now_gids[3];

	for (int i = 0; i < 3; i++) {
		uids[i] = uid_inside(passage->uids[i]);
		gids[i] = gid_inside(passage, passage->gids[i]);
	}
	if (setresgid(gids[0], gids[1], gids[2]) < 0 || setresuid(uids[0], uids[1], uids[2]) < 0)
		return err_sys(err, errno, "cannot become root of the container");
	if (getresuid(&now_uids[0], &now_uids[1], &now_uids[2]) < 0 ||
	    getresgid(&now_gids[0], &now_gids[1], &now_gids[2]) < 0)
		return err_sys(err, errno, "cannot read the ids back");
	for (int i = 0; i < 3; i++)
		if ((uids[i] == 0) != (now_uids[i] == 0) || now_gids[i] != gids[i])
			return err_say(err, EPERM, "did not become root of the container");
	return 0;
}

/* Its ids are not in the map, so that nothing here can name them. Proven by trying. */
static int prove_confined(struct passage *passage, struct err *err)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };

	(void)passage;
	if (mount_setattr(AT_FDCWD, "/proc/sys", 0, &writable, sizeof(writable)) == 0)
		return err_say(err, EPERM, "/proc/sys could be made writable inside");
	return 0;
}

/* Keyrings are no namespace's: the host's session keyring would come along. And what the process
 * has in its memory is not for the jail, in which its children can be seen. */
static int leave_behind(struct passage *passage, struct err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_sys(err, errno, "cannot get a session keyring of its own");
	if (passage->death_signal && prctl(PR_SET_PDEATHSIG, passage->death_signal) < 0)
		return err_sys(err, errno, "cannot keep the parent death signal");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_sys(err, errno, "cannot forbid to be traced");
	return 0;
}

/* Without no_new_privs a filter takes CAP_SYS_ADMIN, which goes next. */
static int early_filter(struct passage *passage, struct err *err)
{
	const struct entry *entry = passage->entry;

	return entry->plan.allow_setuid ? seccomp_filter_install(&entry->filter, err) : 0;
}

#define BIT(capability) (UINT64_C(1) << (capability))

/* What PAM applications do for a session as its root: open its terminal, write its records, change
 * to the user, end it. */
static const uint64_t of_application = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
				       BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) |
				       BIT(CAP_SETUID) | BIT(CAP_SETPCAP) |
				       BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SYS_CHROOT);

static int reduce_capabilities(struct passage *passage, struct err *err)
{
	/* A process that is not root has none that it could use, and keeps none. */
	uint64_t own = geteuid() == 0 ? of_application & caps_available() : 0;

	return caps_reduce(passage->entry->plan.capabilities, own, err);
}

static int last_filter(struct passage *passage, struct err *err)
{
	const struct entry *entry = passage->entry;

	if (entry->plan.allow_setuid)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_sys(err, errno, "cannot set no_new_privs");
	return seccomp_filter_install(&entry->filter, err);
}

/* The namespace put us into its "/", which is where we stay if there is no better place. */
static int change_directory(struct passage *passage, struct err *err)
{
	(void)err;
	if (passage->workdir[0] == '/')
		(void)!chdir(passage->workdir);
	return 0;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*apply)(struct passage *passage, struct err *err);
} steps[] = {
	/* Outside: only looking, so that all that can fail fails here. */
	{ "threads", one_thread },
	{ "ids", look_at_ids },
	{ "oom score", look_at_oom_score },
	{ "directories", look_for_directories },
	/* The last things that take the host's rights; undone where the next fails. */
	{ "rlimits", set_rlimits },
	{ "oom reset", reset_oom_score },
	{ "namespaces", join_namespaces },
	/* Inside, with all rights in the jail's user namespace and none elsewhere: each step takes away
	 * what the ones after it do not need. */
	{ "cgroup", join_cgroups },
	{ "let go", let_go },
	{ "groups", reduce_groups },
	{ "root", become_root_of_jail },
	{ "proof", prove_confined },
	{ "keyring", leave_behind },
	{ "setuid filter", early_filter },
	{ "capabilities", reduce_capabilities },
	{ "filter", last_filter },
	{ "workdir", change_directory },
};
/* clang-format on */

int enter_jail(struct entry *entry, struct err *err)
{
	struct passage passage = { .entry = entry, .oom_score = -1 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].apply(&passage, err) < 0)
			r = err_stage(err, steps[i].name);
	fd_close(passage.oom_score);
	free(passage.groups);
	return r;
}
