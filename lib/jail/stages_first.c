/* SPDX-License-Identifier: MIT */
#include "lib/jail/stages_first.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/init/report.h"
#include "lib/jail/stages_image.h"
#include "lib/jail/sync.h"
#include "lib/kernel/account_files.h"
#include "lib/kernel/devices.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/procfs.h"
#include "lib/kernel/records.h"
#include "lib/kernel/resolver.h"

/* Every change of ids clears it, see prctl(2); so it is asked for again after the last one. */
static int die_with_supervisor(struct err *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_sys(err, errno, "cannot ask to die with the supervisor");
	return 0;
}

/* The supervisor may be dead already, and then it is end of file that tells. */
static int wait_for(struct jail *jail, enum sync_kind kind, struct err *err)
{
	int r = sync_expect(jail->sync[1], kind, NULL, err);

	if (r == -EPIPE)
		_exit(1);
	return r;
}

int first_alive(struct jail *jail, struct err *err)
{
	/* Our copies of the supervisor's ends would keep us from ever seeing end of file. */
	jail->sync[0] = fd_close(jail->sync[0]);
	jail->report[0] = fd_close(jail->report[0]);
	/* What is made in the tree has the mode that it says. */
	jail->callers_umask = umask(0);
	int r = die_with_supervisor(err);
	return r < 0 ? r : wait_for(jail, SYNC_PLACED, err);
}

/* sshd and other daemons protect themselves with a negative score, which is inherited. */
static int reset_oom_score(struct err *err)
{
	char text[16] = "";
	cleanup_fd int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return err_sys(err, errno, "cannot read /proc/self/oom_score_adj");
	if (text[0] == '-' && pwrite(fd, "0", 1, 0) != 1)
		return err_sys(err, errno, "cannot reset /proc/self/oom_score_adj");
	return 0;
}

int first_limits(struct jail *jail, struct err *err)
{
	int r = reset_oom_score(err);

	if (r == 0 && jail->cgroup && cgroup_clone_fd(jail->cgroup) < 0)
		r = cgroup_attach(jail->cgroup, 0, err);
	if (r == 0 && unshare(CLONE_NEWCGROUP) < 0)
		r = err_sys(err, errno, "cannot make a cgroup namespace");
	return r;
}

int first_namespaces(struct jail *jail, struct err *err)
{
	/* Not the user namespace: that is entered last, when no rights over the host are needed. */
	for (int i = IDMAP_NETNS; i < IDMAP_NAMESPACES; i++)
		if (jail->namespaces[i] >= 0 && setns(jail->namespaces[i], 0) < 0)
			return err_sys(err, errno, "cannot enter a namespace of the jail");
	return 0;
}

int first_hostname(struct jail *jail, struct err *err)
{
	const char *name = jail->spec->identity.hostname ?: jail->spec->name;

	if (sethostname(name, strlen(name)) < 0)
		return err_sys(err, errno, "--hostname: cannot set %s", name);
	return 0;
}

int first_loopback(struct jail *jail, struct err *err)
{
	return jail->spec->network.mode == NETWORK_HOST ? 0 : network_loopback_up(err);
}

int first_init(struct jail *jail, struct err *err)
{
	char path[PATH_MAX];

	if (jail->spec->run.no_init)
		return 0;
	snprintf(path, sizeof(path), "%s/contain-init", jail->settings->libexec_dir);
	/* Through a read-only mount, so that /proc/1/exe cannot be opened for writing
	 * (CVE-2019-5736). */
	cleanup_fd int tree = mount_clone(AT_FDCWD, path, false, err);
	if (tree < 0)
		return tree;
	int r = mount_change(
	    tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, false, err);
	if (r == 0)
		jail->init = take_fd(&tree);
	return r;
}

int first_root(struct jail *jail, struct err *err)
{
	jail->rootfs = (struct rootfs){ .spec = &jail->spec->root,
		.map = &jail->map,
		.layers = jail->layers,
		.layer_count = jail->layer_count,
		.userns = jail->namespaces[IDMAP_USERNS],
		.account = jail->spec->account,
		.home = jail->home,
		.rootless = jail->rootless,
		.allow_setuid = jail->spec->identity.allow_setuid,
		.host_sys = -1,
		.root = -1 };
	int r = rootfs_attach(&jail->rootfs, err);
	image_close_layers(jail);
	return r;
}

int first_dev(struct jail *jail, struct err *err)
{
	return devices_mount(&jail->rootfs, err);
}

int first_proc(struct jail *jail, struct err *err)
{
	int r = procfs_mount(&jail->rootfs, err);

	if (r == 0 && jail->spec->network.mode != NETWORK_HOST)
		r = procfs_open_network(&jail->rootfs, err);
	return r < 0 ? r : procfs_protect(&jail->rootfs, err);
}

int first_sys(struct jail *jail, struct err *err)
{
	int r = sysfs_mount(&jail->rootfs, err);

	if (r < 0)
		return r;
	cleanup_fd int target = path_open_strict(jail->rootfs.root, "sys/fs/cgroup", O_PATH);
	if (target == -ENOENT)
		return 0; /* a kernel without cgroups */
	if (target < 0)
		return err_sys(err, -target, "cannot open /sys/fs/cgroup of the jail");
	return cgroup_mount(jail->cgroup, target, err);
}

int first_hide(struct jail *jail, struct err *err)
{
	return rootfs_hide(&jail->rootfs, err);
}

int first_home(struct jail *jail, struct err *err)
{
	return rootfs_home(&jail->rootfs, err);
}

int first_volumes(struct jail *jail, struct err *err)
{
	return rootfs_volumes(&jail->rootfs, err);
}

int first_names(struct jail *jail, struct err *err)
{
	return resolver_files_mount(&jail->rootfs, jail->spec, err);
}

int first_account(struct jail *jail, struct err *err)
{
	if (!jail->spec->account)
		return 0;
	int r = account_files_mount(&jail->rootfs, err);
	return r < 0 ? r : records_mount(&jail->rootfs, err);
}

/* Accounts whose shell is one of these are for services that need none, such as sftp. */
static bool is_no_shell(const char *shell)
{
	const char *name = strrchr(shell, '/');

	return !name || strcmp(name, "/nologin") == 0 || strcmp(name, "/false") == 0;
}

/* Said now, in so many words: what sshd says of it later is "No such file or directory". */
static int check_shell(const struct jail *jail, struct err *err)
{
	const struct account *account = jail->spec->account;
	struct stat st;

	if (is_no_shell(account->shell))
		return 0;
	cleanup_fd int shell = path_open_in_root(jail->rootfs.root, account->shell, O_PATH);
	if (shell < 0 || fstat(shell, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		return err_say(err, ENOENT,
		    "the login shell of %.64s, %.128s, is not in the container's root",
		    account->name, account->shell);
	return 0;
}

int first_user(struct jail *jail, struct err *err)
{
	if (jail->spec->run.resident)
		return check_shell(jail, err);
	if (jail->spec->account && !jail->spec->identity.user)
		return accounts_of_host(jail->spec->account, &jail->user, err);
	if (accounts_lookup(jail->rootfs.root, jail->spec->identity.user, idmap_limit(&jail->map),
		&jail->user, err) < 0)
		return err_prefix(err, "--user");
	return 0;
}

int first_terminal(struct jail *jail, struct err *err)
{
	uid_t owner = jail->rootless ? jail->user.uid : idmap_uid(&jail->map, jail->user.uid);

	if (!jail->terminal)
		return 0;
	int r = devices_open_terminal(&jail->rootfs, owner, &jail->master, &jail->slave, err);
	if (r == 0)
		terminal_imitate(jail->slave);
	return r;
}

int first_readonly(struct jail *jail, struct err *err)
{
	return rootfs_readonly(&jail->rootfs, err);
}

int first_pivot(struct jail *jail, struct err *err)
{
	return rootfs_pivot(&jail->rootfs, err);
}

/* Only ids that are root's in the jail, and none of the caller's groups. */
static int become_root_of_jail(const struct jail *jail, struct err *err)
{
	if (jail->map.setgroups && setgroups(0, NULL) < 0)
		return err_sys(err, errno, "cannot give up the caller's groups");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, errno, "cannot become root of the jail");
	if (getuid() != 0 || geteuid() != 0 || getgid() != 0 || getegid() != 0)
		return err_say(err, EPERM, "did not become root of the jail");
	return 0;
}

/*
 * The host's root must not come back: its ids are not in the map, so that nothing in this user
 * namespace can name them. Proven by trying.
 */
static int prove_locked(struct err *err)
{
	if (mount_setattr(AT_FDCWD, "/proc/sys", 0,
		&(struct mount_attr){ .attr_clr = MOUNT_ATTR_RDONLY },
		sizeof(struct mount_attr)) == 0)
		return err_say(err, EPERM, "/proc/sys could be made writable after the lock");
	return 0;
}

int first_lock(struct jail *jail, struct err *err)
{
	if (!jail->private_userns)
		return become_root_of_jail(jail, err);
	if (setns(jail->namespaces[IDMAP_USERNS], CLONE_NEWUSER) < 0)
		return err_sys(err, errno, "cannot enter the user namespace");
	/* Copied into a namespace of less privilege, every mount becomes locked to the others:
	 * mount_namespaces(7). */
	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, errno, "cannot lock the mounts");
	int r = become_root_of_jail(jail, err);
	return r < 0 ? r : prove_locked(err);
}

int first_clean(struct jail *jail, struct err *err)
{
	/* Keyrings are no namespace's: the caller's session keyring would come along. */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_sys(err, errno, "cannot get a session keyring of its own");
	(void)jail;
	return die_with_supervisor(err);
}

int first_built(struct jail *jail, struct err *err)
{
	int r = sync_send(jail->sync[1], SYNC_BUILT, jail->master);

	/* EPIPE: the supervisor is dead. It did not die since die_with_supervisor() unnoticed,
	 * then: either that kills us, or this tells. */
	if (r < 0)
		_exit(1);
	jail->master = fd_close(jail->master);
	return stages_first_waits(jail) ? wait_for(jail, SYNC_START, err) : 0;
}

/* Never returns on success: what called it is contain-init from then on. command 0: there is none.
 */
static int become_init(struct jail *jail, pid_t command, struct err *err)
{
	char number[16];
	char *const argv[] = { "contain-init", command ? number : NULL, NULL };
	char *const environment[] = { NULL };
	sigset_t all;

	snprintf(number, sizeof(number), "%d", command);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* The descriptor may be 3 itself, and then dup2() would leave it close-on-exec. */
	int report = fcntl(jail->report[1], F_DUPFD_CLOEXEC, INIT_REPORT_FD + 1);
	if (report < 0 || dup2(report, INIT_REPORT_FD) < 0)
		return err_sys(err, errno, "cannot hand over to contain-init");
	execveat(jail->init, "", argv, environment, AT_EMPTY_PATH);
	return err_sys(err, errno, "cannot run contain-init");
}

/* Only in the command's process: never returns. */
static void be_the_command(struct jail *jail)
{
	struct err err = ERR_INIT;

	if (stages_apply(jail, STAGE_COMMAND, &err) < 0)
		sync_fail(jail->sync[1], &err);
	_exit(127);
}

/* Above the number that contain-init knows its socket by, so that dup2() closes none of these. */
static int move_up(int *fd)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, INIT_REPORT_FD + 1);

	if (moved < 0)
		return -errno;
	fd_close(*fd);
	*fd = moved;
	return 0;
}

static int open_gate(struct jail *jail)
{
	if (pipe2(jail->gate, O_CLOEXEC) < 0)
		return -errno;
	return move_up(&jail->gate[1]);
}

static int fork_command(struct jail *jail, struct err *err)
{
	int r = jail->spec->run.no_init ? 0 : open_gate(jail);

	/* The session is init's, so that the command's process group is never an orphaned one,
	 * which could not be stopped from the keyboard. */
	if (r == 0 && setsid() < 0)
		r = -errno;
	if (r == 0 && jail->slave >= 0 && ioctl(jail->slave, TIOCSCTTY, 0) < 0)
		r = -errno;
	if (r < 0)
		return err_sys(err, -r, "cannot start a session");
	pid_t command = jail->spec->run.no_init ? 0 : fork();
	if (command < 0)
		return err_sys(err, errno, "cannot fork the command");
	if (command == 0)
		be_the_command(jail);
	return command;
}

int first_command(struct jail *jail, struct err *err)
{
	int command = jail->spec->run.resident ? 0 : fork_command(jail, err);

	if (command < 0)
		return command;
	if (move_up(&jail->sync[1]) < 0 || move_up(&jail->init) < 0)
		return err_sys(err, errno, "cannot hand over to contain-init");
	return become_init(jail, command, err);
}
