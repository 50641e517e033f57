/* SPDX-License-Identifier: MIT */
#include "lib/jail/stages_supervisor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/hash.h"
#include "lib/base/path.h"
#include "lib/jail/control.h"
#include "lib/jail/stages_image.h"
#include "lib/jail/sync.h"
#include "lib/policy/parse.h"

int stage_name(struct jail *jail, struct err *err)
{
	char path[SPEC_NAME_MAX + 8], pid[16];
	int r = registry_open(&jail->registry, jail->settings->libexec_dir, err);

	if (r < 0)
		return r;
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(path, sizeof(path), "jails/%s", jail->spec->name);
	r = registry_note(&jail->registry, "supervisor", pid, err);
	if (r < 0)
		return r;
	r = registry_claim(&jail->registry, path);
	if (r == -EEXIST)
		return err_say(
		    err, EEXIST, "--name: a jail called \"%s\" runs already", jail->spec->name);
	return r < 0 ? err_sys(err, -r, "cannot register the name %s", jail->spec->name) : 0;
}

void undo_name(struct jail *jail)
{
	registry_close(&jail->registry);
}

int stage_control(struct jail *jail, struct err *err)
{
	if (!jail->spec->run.resident)
		return 0;
	jail->control = control_listen(&jail->registry, err);
	return jail->control < 0 ? jail->control : 0;
}

void undo_control(struct jail *jail)
{
	jail->control = fd_close(jail->control);
}

static int map_block(struct jail *jail, unsigned block, struct err *err)
{
	const struct account *account = jail->spec->account;

	if (account)
		return idmap_of_account(
		    block, account->uid, account->groups, account->group_count, &jail->map, err);
	jail->map = idmap_block(block);
	return 0;
}

static int claim_block(struct jail *jail, struct err *err)
{
	/* Spread by the name, so that starts do not all collide at the first. */
	unsigned guess = (unsigned)(hash_text(jail->spec->name) % IDMAP_BLOCKS);
	char path[32];

	for (unsigned i = 0; i < IDMAP_BLOCKS; i++) {
		unsigned block = (guess + i) % IDMAP_BLOCKS;
		snprintf(path, sizeof(path), "leases/ids/%u", block);
		int r = registry_claim(&jail->registry, path);
		if (r == 0)
			return map_block(jail, block, err);
		if (r != -EEXIST)
			return err_sys(err, -r, "cannot claim a block of ids");
	}
	return err_say(err, EAGAIN, "all %u blocks of ids are in use: %u jails run already",
	    IDMAP_BLOCKS, IDMAP_BLOCKS);
}

int stage_ids(struct jail *jail, struct err *err)
{
	jail->map = jail->rootless ? idmap_of_user(geteuid(), getegid()) : idmap_identity();
	if (!jail->private_userns)
		return 0;
	int r = claim_block(jail, err);
	if (r < 0)
		return r;
	return idmap_namespaces(&jail->map,
	    spec_jail_owned_namespaces(jail->spec) & (CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC),
	    jail->namespaces, &jail->holder, err);
}

static void reap_holder(struct jail *jail)
{
	while (jail->holder > 0 && waitpid(jail->holder, NULL, 0) < 0 && errno == EINTR)
		;
	jail->holder = 0;
}

void undo_ids(struct jail *jail)
{
	reap_holder(jail);
	for (int i = 0; i < IDMAP_NAMESPACES; i++)
		jail->namespaces[i] = fd_close(jail->namespaces[i]);
}

int stage_home(struct jail *jail, struct err *err)
{
	const struct account *account = jail->spec->account;

	(void)err;
	/* Accounts without one have "/", "/nonexistent", "" and the like. */
	if (account && parse_target(account->home, &jail->home, NULL) < 0)
		jail->home = NULL;
	return 0;
}

void undo_home(struct jail *jail)
{
	free(jail->home);
	jail->home = NULL;
}

int stage_layer(struct jail *jail, struct err *err)
{
	const struct spec_root *root = &jail->spec->root;
	char path[64];
	struct stat st;

	if (spec_overlay(root) != OVERLAY_DIRECTORY)
		return 0;
	cleanup_fd int dir = path_open_trusted(root->overlay_path, err);
	if (dir < 0)
		return err_prefix(err, "--overlay");
	if (fstat(dir, &st) < 0)
		return err_sys(err, errno, "--overlay: %s", root->overlay_path);
	if (!S_ISDIR(st.st_mode))
		return err_say(
		    err, ENOTDIR, "--overlay: %s is not a directory", root->overlay_path);
	snprintf(path, sizeof(path), "leases/layers/%lx-%lx", (unsigned long)st.st_dev,
	    (unsigned long)st.st_ino);
	int r = registry_claim(&jail->registry, path);
	if (r == -EEXIST)
		return err_say(
		    err, EBUSY, "--overlay: %s is in use by another container", root->overlay_path);
	return r < 0 ? err_sys(err, -r, "cannot claim %s", root->overlay_path) : 0;
}

int stage_filter(struct jail *jail, struct err *err)
{
	cleanup_fd int cache = registry_cache(&jail->registry);

	return seccomp_filter_get(&jail->spec->identity, cache, jail->settings->data_dir,
	    jail->settings->libexec_dir, &jail->filter, err);
}

void undo_filter(struct jail *jail)
{
	seccomp_filter_done(&jail->filter);
}

static int note_folders(struct jail *jail, struct err *err)
{
	struct strv folders = { NULL, 0 };
	int r = cgroup_folders(jail->cgroup, &folders, err);

	for (size_t i = 0; r == 0 && i < folders.count; i++)
		r = registry_note(&jail->registry, "cgroup", folders.items[i], err);
	strv_free(&folders);
	if (r == 0 && cgroup_slice(jail->cgroup))
		r = registry_note(&jail->registry, "slice", cgroup_slice(jail->cgroup), err);
	return r;
}

int stage_cgroup(struct jail *jail, struct err *err)
{
	const struct cgroup_request request = { .layout = jail->settings->cgroup_layout,
		.spec = jail->spec,
		.accounting = jail->settings->accounting,
		.libexec_dir = jail->settings->libexec_dir,
		.ending = jail->holder };
	int r = cgroup_open(&request, &jail->cgroup, err);

	if (r < 0 || !jail->cgroup)
		return r;
	r = note_folders(jail, err);
	return r < 0 ? r : cgroup_create(jail->cgroup, err);
}

void undo_cgroup(struct jail *jail)
{
	/* What cannot be removed now is in the record, and the next gc removes it. */
	if (jail->cgroup)
		(void)cgroup_remove(jail->cgroup, NULL);
	cgroup_close(jail->cgroup);
	jail->cgroup = NULL;
}

/* The namespaces that the first process is born into; the others it joins or makes. */
static uint64_t clone_flags(const struct jail *jail)
{
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

	if (jail->spec->network.mode != NETWORK_HOST)
		flags |= CLONE_NEWNET;
	if (jail->rootless)
		flags |= CLONE_NEWUSER;
	if (jail->namespaces[IDMAP_NETNS] >= 0)
		flags &= ~(uint64_t)CLONE_NEWNET;
	if (jail->namespaces[IDMAP_UTSNS] >= 0)
		flags &= ~(uint64_t)CLONE_NEWUTS;
	if (jail->namespaces[IDMAP_IPCNS] >= 0)
		flags &= ~(uint64_t)CLONE_NEWIPC;
	return flags;
}

/* Only in the first process: never returns. */
static void be_the_first(struct jail *jail)
{
	struct err err = ERR_INIT;

	if (stages_apply(jail, STAGE_FIRST, &err) < 0)
		sync_fail(jail->sync[1], &err);
	_exit(1);
}

static const char *hint_for_clone(const struct jail *jail, int errnum)
{
	if (errnum == EPERM && jail->rootless)
		return " (unprivileged user namespaces are off: sysctl "
		       "kernel.unprivileged_userns_clone "
		       "or kernel.apparmor_restrict_unprivileged_userns, or run it as root)";
	if (errnum == EPERM)
		return " (CAP_SYS_ADMIN is missing)";
	if (errnum == ENOSPC || errnum == EUSERS)
		return " (a limit in /proc/sys/user is reached)";
	return "";
}

int stage_clone(struct jail *jail, struct err *err)
{
	struct clone_args args = { .flags = clone_flags(jail) | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&jail->pidfd,
		.exit_signal = SIGCHLD };
	int group = jail->cgroup ? cgroup_clone_fd(jail->cgroup) : -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, jail->sync) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, jail->report) < 0)
		return err_sys(err, errno, "cannot make a socket pair");
	if (group >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)group;
	}
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return err_sys(
		    err, errno, "cannot make the namespaces%s", hint_for_clone(jail, errno));
	if (pid == 0)
		be_the_first(jail);
	jail->first = (pid_t)pid;
	image_forget(jail);
	jail->sync[1] = fd_close(jail->sync[1]);
	jail->report[1] = fd_close(jail->report[1]);
	return 0;
}

void undo_clone(struct jail *jail)
{
	/* By the descriptor: it cannot mean anybody else. With the first process the whole PID
	 * namespace dies, and it is reaped only when the others are gone. */
	if (jail->pidfd >= 0 && !jail->reaped) {
		(void)pidfd_send_signal(jail->pidfd, SIGKILL, NULL, 0);
		while (waitpid(jail->first, NULL, 0) < 0 && errno == EINTR)
			;
		jail->reaped = true;
	}
	jail->pidfd = fd_close(jail->pidfd);
	for (int i = 0; i < 2; i++) {
		jail->sync[i] = fd_close(jail->sync[i]);
		jail->report[i] = fd_close(jail->report[i]);
	}
}

int stage_placed(struct jail *jail, struct err *err)
{
	if (jail->rootless) {
		int r = idmap_write(&jail->map, jail->first, err);
		if (r < 0)
			return r;
	}
	int r = jail->cgroup ? cgroup_settle(jail->cgroup, err) : 0;
	if (r < 0)
		return r;
	r = sync_send(jail->sync[0], SYNC_PLACED, -1);
	/* EPIPE: it is dead already; what killed it is told by stage_built(). */
	return r == 0 || r == -EPIPE ? 0 : err_sys(err, -r, "cannot talk to the first process");
}

/* Why the first process went without a word. */
static int explain_death(struct jail *jail, struct err *err)
{
	struct cgroup_stats stats;
	int status = 0;

	while (waitpid(jail->first, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "cannot wait for the first process");
	jail->reaped = true;
	if (jail->cgroup && cgroup_stats(jail->cgroup, &stats, NULL) == 0 &&
	    stats.oom_kills != SPEC_UNSET && stats.oom_kills > 0)
		return err_say(
		    err, ENOMEM, "--memory: the limit is too low for a container to start in");
	if (WIFSIGNALED(status))
		return err_say(err, ECHILD, "the first process was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return err_say(err, ECHILD, "the first process ended with code %d", WEXITSTATUS(status));
}

int stage_built(struct jail *jail, struct err *err)
{
	int r = sync_expect(jail->sync[0], SYNC_BUILT, &jail->master, err);

	reap_holder(jail);
	return r == -EPIPE ? explain_death(jail, err) : r;
}

int stage_start(struct jail *jail, struct err *err)
{
	if (jail->terminal)
		terminal_start(&jail->relay, take_fd(&jail->master));
	jail->started_us = clock_now();
	if (stages_first_waits(jail)) {
		int r = sync_send(jail->sync[0], SYNC_START, -1);
		if (r < 0 && r != -EPIPE)
			return err_sys(err, -r, "cannot talk to the first process");
	}
	return sync_expect_end(jail->sync[0], err);
}

void undo_start(struct jail *jail)
{
	if (!jail->terminal || jail->relay.master < 0)
		return;
	terminal_restore(&jail->relay);
	jail->relay.slave = fd_close(jail->relay.slave);
	jail->relay.master = fd_close(jail->relay.master);
}
