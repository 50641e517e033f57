/* SPDX-License-Identifier: MIT */
/* The interface over both backends: picks one, and makes and removes the folders for it. */
#include "lib/kernel/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/cgroup_internal.h"

static unsigned controllers_needed(const struct spec_limits *limits)
{
	unsigned set = 0;

	if (limits->memory != SPEC_UNSET || limits->swap != SPEC_UNSET)
		set |= CONTROLLER_MEMORY;
	if (limits->cpu_quota != SPEC_UNSET || limits->cpu_weight != SPEC_UNSET)
		set |= CONTROLLER_CPU;
	if (limits->cpus_set)
		set |= CONTROLLER_CPUSET;
	if (limits->pids != SPEC_UNSET)
		set |= CONTROLLER_PIDS;
	if (limits->io_count)
		set |= CONTROLLER_IO;
	return set;
}

const char *cgroup_option(const struct spec_limits *limits, unsigned set)
{
	if (set & CONTROLLER_MEMORY)
		return limits->memory != SPEC_UNSET ? "--memory" : "--swap";
	if (set & CONTROLLER_CPU)
		return limits->cpu_quota != SPEC_UNSET ? "--cpu" : "--cpu-weight";
	if (set & CONTROLLER_CPUSET)
		return "--cpu-core-ids";
	if (set & CONTROLLER_PIDS)
		return "--pids";
	return set & CONTROLLER_IO ? "--io-max" : "control group";
}

static int refuse_unwritable(
    const struct cgroup *cgroup, const char *group, long magic, struct err *err)
{
	const char *option = cgroup_option(&cgroup->limits, cgroup->needed);

	if (errno != EACCES && errno != EPERM)
		return err_sys(err, errno, "%s: control group %s cannot be written", option, group);
	return err_say(err, EACCES,
	    "%s: control group %s is not writable by uid %u; run as root, or %s", option, group,
	    (unsigned)geteuid(),
	    magic == CGROUP2_SUPER_MAGIC
		? "in a group that is delegated to the user: systemd-run --user --scope -p "
		  "Delegate=yes COMMAND"
		: "have root chown a group of this hierarchy to the user and start it there");
}

int cgroup_folder_add(
    struct cgroup *cgroup, const char *group, unsigned controllers, long magic, struct err *err)
{
	struct cgroup_folder *folder = &cgroup->folders[cgroup->folder_count];
	cleanup_fd int parent = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	char *path;

	if (parent < 0)
		return err_sys(err, errno, "cannot open control group %s", group);
	/* Something else may be mounted over the place that mountinfo names. */
	if (fstatfs(parent, &fs) < 0 || fs.f_type != magic)
		return err_say(err, EOPNOTSUPP, "%s is not on a control group file system", group);
	if (faccessat(parent, ".", W_OK, AT_EACCESS) < 0)
		return refuse_unwritable(cgroup, group, magic, err);
	if (asprintf(&path, "%s/%s", group, cgroup->name) < 0)
		return err_sys(err, ENOMEM, "cannot open control group %s", group);
	*folder = (struct cgroup_folder){
		.path = path, .parent = take_fd(&parent), .dir = -1, .controllers = controllers
	};
	cgroup->folder_count++;
	return 0;
}

void cgroup_folder_drop(struct cgroup *cgroup)
{
	struct cgroup_folder *folder = &cgroup->folders[--cgroup->folder_count];

	fd_close(folder->parent);
	free(folder->path);
	*folder = (struct cgroup_folder){ .path = NULL };
}

const struct cgroup_folder *cgroup_folder_of(const struct cgroup *cgroup, unsigned set)
{
	for (unsigned i = 0; i < cgroup->folder_count; i++)
		if (cgroup->folders[i].controllers & set && cgroup->folders[i].dir >= 0)
			return &cgroup->folders[i];
	return NULL;
}

static struct cgroup *cgroup_new(const struct cgroup_request *request)
{
	const struct jail_spec *spec = request->spec;
	struct cgroup *cgroup = calloc(1, sizeof(*cgroup));

	if (!cgroup)
		return NULL;
	snprintf(cgroup->name, sizeof(cgroup->name), "contain-%s", spec->name);
	cgroup->limits = spec->limits;
	cgroup->ending = request->ending;
	cgroup->needed = controllers_needed(&spec->limits);
	if (request->accounting)
		cgroup->wanted =
		    CONTROLLER_MEMORY | CONTROLLER_CPUACCT | CONTROLLER_PIDS | CONTROLLER_IO;
	if (cgroup_units_plan(cgroup, spec, request->libexec_dir) < 0) {
		cgroup_close(cgroup);
		return NULL;
	}
	return cgroup;
}

static const struct cgroup_backend *backend_of(enum cgroup_layout layout)
{
	if (layout == CGROUP_SYSTEMD)
		return &cgroup_systemd;
	return layout == CGROUP_V1 ? &cgroup_v1 : &cgroup_v2;
}

/* Success without a folder means that there is no use for a group. */
static int open_backend(struct cgroup *cgroup, enum cgroup_layout layout, struct err *err)
{
	__attribute__((cleanup(cgroup_hierarchies_done))) struct hierarchies own = { .count = 0 };
	unsigned asked = cgroup->needed | cgroup->wanted;
	int r = cgroup_hierarchies_read(&own, err);
	bool automatic = layout == CGROUP_AUTO;

	if (r < 0)
		return r;
	if (automatic)
		layout = cgroup_layout_pick(&own, cgroup->needed);
	if (layout == CGROUP_V1 && !asked)
		return 0;
	r = cgroup_hierarchies_locate(&own, layout != CGROUP_V1, asked, err);
	if (r == 0 && automatic && layout == CGROUP_V2 &&
	    cgroup_systemd_rules(cgroup_hierarchies_unified(&own)))
		layout = CGROUP_SYSTEMD;
	if (layout == CGROUP_SYSTEMD && !asked)
		return 0;
	cgroup->backend = backend_of(layout);
	return r < 0 ? r : cgroup->backend->open(cgroup, &own, err);
}

int cgroup_open(const struct cgroup_request *request, struct cgroup **ret, struct err *err)
{
	struct cgroup *cgroup = cgroup_new(request);

	if (!cgroup)
		return err_sys(err, ENOMEM, "cannot open a control group");
	/* A group that nothing needs is a convenience: an ordinary user goes without. */
	bool optional = !cgroup->needed && request->layout == CGROUP_AUTO;
	int r = open_backend(cgroup, request->layout, err);
	bool usable = r == 0 && cgroup->folder_count;
	if (!usable) {
		cgroup_close(take_ptr(cgroup));
		if (r < 0 && (!optional || r == -ENOMEM))
			return r;
		err_clear(err);
	}
	*ret = cgroup;
	return 0;
}

int cgroup_folders(const struct cgroup *cgroup, struct strv *ret, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < cgroup->folder_count; i++)
		r = strv_add(ret, cgroup->folders[i].path);
	/* In a scope the leaf is systemd's to remove, and the caller is in it to the end. */
	if (r == 0 && cgroup->leaf && cgroup->backend != &cgroup_systemd)
		r = strv_add(ret, cgroup->leaf);
	return r < 0 ? err_sys(err, -r, "cannot list the control groups") : 0;
}

static int folder_make(const struct cgroup *cgroup, struct cgroup_folder *folder, struct err *err)
{
	if (mkdirat(folder->parent, cgroup->name, 0755) < 0) {
		if (errno == EEXIST)
			return err_say(err, EEXIST,
			    "control group %s exists already: it belongs to a "
			    "container that runs or has left it behind",
			    folder->path);
		return err_sys(err, errno, "cannot make control group %s", folder->path);
	}
	folder->dir =
	    openat(folder->parent, cgroup->name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->dir >= 0)
		return 0;
	int code = errno;
	(void)unlinkat(folder->parent, cgroup->name, AT_REMOVEDIR);
	return err_sys(err, code, "cannot open control group %s", folder->path);
}

int cgroup_create(struct cgroup *cgroup, struct err *err)
{
	int r = cgroup->backend->prepare ? cgroup->backend->prepare(cgroup, err) : 0;

	for (unsigned i = 0; r == 0 && i < cgroup->folder_count; i++)
		r = folder_make(cgroup, &cgroup->folders[i], err);
	if (r == 0)
		r = cgroup->backend->limit(cgroup, err);
	if (r < 0)
		(void)cgroup_remove(cgroup, NULL);
	return r;
}

int cgroup_clone_fd(const struct cgroup *cgroup)
{
	return cgroup->backend->clone_fd ? cgroup->backend->clone_fd(cgroup) : -1;
}

int cgroup_settle(struct cgroup *cgroup, struct err *err)
{
	return cgroup->backend->settle ? cgroup->backend->settle(cgroup, err) : 0;
}

int cgroup_attach(const struct cgroup *cgroup, pid_t pid, struct err *err)
{
	return cgroup->backend->attach(cgroup, pid, err);
}

int cgroup_open_entrances(
    const struct cgroup *cgroup, pid_t pid, int ret_fds[CGROUP_FOLDERS_MAX], struct err *err)
{
	if (cgroup->backend->holds && cgroup->backend->holds(cgroup, pid))
		return 0;
	for (unsigned i = 0; i < cgroup->folder_count; i++) {
		ret_fds[i] = openat(cgroup->folders[i].dir, cgroup->backend->entrance,
		    O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
		if (ret_fds[i] >= 0)
			continue;
		int r = err_sys(err, errno, "cannot open control group %s for entering",
		    cgroup->folders[i].path);
		while (i > 0)
			fd_close(ret_fds[--i]);
		return r;
	}
	return (int)cgroup->folder_count;
}

int cgroup_mount_empty(int target, struct err *err)
{
	cleanup_fd int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0555", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "size", "4k", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_sys(err, errno, "cannot make a tmpfs for the jail's control groups");
	cleanup_fd int mount = fsmount(fs, FSMOUNT_CLOEXEC,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (mount < 0 || move_mount(mount, "", target, "",
			     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return err_sys(err, errno, "cannot mount a tmpfs for the jail's control groups");
	return 0;
}

int cgroup_mount(const struct cgroup *cgroup, int target, struct err *err)
{
	if (cgroup && cgroup->backend->mount)
		return cgroup->backend->mount(cgroup, target, err);
	return cgroup_mount_empty(target, err);
}

int cgroup_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err)
{
	return cgroup->backend->stats(cgroup, ret, err);
}

int cgroup_kill(const struct cgroup *cgroup, struct err *err)
{
	return cgroup->backend->kill(cgroup, err);
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct err *err)
{
	if (cgroup->backend->freeze)
		return cgroup->backend->freeze(cgroup, frozen, err);
	return err_say(err, EOPNOTSUPP,
	    "this machine's cgroup v1 layout has no freezer in use: a container can "
	    "only be frozen on cgroup v2");
}

int cgroup_remove(struct cgroup *cgroup, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < cgroup->folder_count; i++) {
		struct cgroup_folder *folder = &cgroup->folders[i];
		if (folder->dir < 0)
			continue;
		int one = cgroup_folder_remove(folder->parent, folder->path, r == 0 ? err : NULL);
		if (one == 0)
			folder->dir = fd_close(folder->dir);
		else if (r == 0)
			r = one;
	}
	if (r == 0 && cgroup->backend->unprepare)
		r = cgroup->backend->unprepare(cgroup, err);
	return r;
}

/* Only what is certainly ours: gc reads the path from a file, and everything in it is killed. */
static int open_left_folder(const char *path, int *ret_parent, int *ret_dir, struct err *err)
{
	const char *name = strrchr(path, '/');
	struct statfs fs;

	if (path[0] != '/' || !name || strncmp(name, "/contain-", 9) != 0)
		return err_say(err, EINVAL, "%s is not the control group of a container", path);
	cleanup_fd int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, errno, "cannot open control group %s", path);
	if (fstatfs(dir, &fs) < 0 ||
	    (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC))
		return err_say(err, EINVAL, "%s is not on a control group file system", path);
	*ret_parent = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_parent < 0)
		return err_sys(err, errno, "cannot open the control group above %s", path);
	*ret_dir = take_fd(&dir);
	return 0;
}

int cgroup_remove_folder(const char *path, struct err *err)
{
	cleanup_fd int parent = -1, dir = -1;
	int r = open_left_folder(path, &parent, &dir, err);

	if (r == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (r == 0)
		r = cgroup_folder_kill(dir, path, err);
	return r < 0 ? r : cgroup_folder_remove(parent, path, err);
}

void cgroup_close(struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	for (unsigned i = 0; i < cgroup->folder_count; i++) {
		fd_close(cgroup->folders[i].dir);
		fd_close(cgroup->folders[i].parent);
		free(cgroup->folders[i].path);
	}
	cgroup_units_done(&cgroup->units);
	free(cgroup->leaf);
	free(cgroup);
}
