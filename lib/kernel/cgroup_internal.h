/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_CGROUP_INTERNAL_H
#define CONTAIN_KERNEL_CGROUP_INTERNAL_H

/*
 * What the files of the cgroup family share; everybody else includes cgroup.h.
 *
 *	cgroup.c	 the interface: picks a backend, makes and removes folders
 *	cgroup_layout.c	 where this process's groups are: /proc/self/cgroup and mountinfo
 *	cgroup_files.c	 control files by descriptor, and the formats that the kernel has in them
 *	cgroup_kill.c	 ending and removing whatever is in a folder
 *	cgroup_v1.c	 backend: one folder in each hierarchy that is needed
 *	cgroup_v2.c	 backend: one folder in the unified hierarchy
 *	cgroup_v2_limits.c what its control files say of limits
 *	cgroup_systemd.c backend: that folder in a scope that systemd has made for it
 *	cgroup_keeper.c	 what asks systemd for the scope, and holds it
 */

#include "lib/base/child.h"
#include "lib/kernel/cgroup.h"

/* A set of these is an unsigned. */
enum {
	CONTROLLER_MEMORY = 1 << 0,
	CONTROLLER_CPU = 1 << 1,
	CONTROLLER_CPUACCT = 1 << 2, /* v1 only; part of cpu on v2 */
	CONTROLLER_CPUSET = 1 << 3,
	CONTROLLER_PIDS = 1 << 4,
	CONTROLLER_IO = 1 << 5, /* "blkio" on v1 */
};

#define CONTROLLER_COUNT CGROUP_FOLDERS_MAX
#define CONTROLLERS_ALL	 ((1U << CONTROLLER_COUNT) - 1)

struct controller {
	unsigned bit;
	const char *v1; /* its name on v1 */
	const char *v2; /* and on v2; NULL: it does not exist there */
};

/* All of them, in the order of their bits. */
extern const struct controller cgroup_controllers[CONTROLLER_COUNT];

/* The set that a list such as "cpu,cpuacct" (v1) or "cpu memory" (v2) names; others are skipped. */
unsigned cgroup_controllers_parse(const char *list, bool v2);

/* Name of the first controller of the set. */
const char *cgroup_controllers_first(unsigned set, bool v2);

/* The option that needs the first controller of the set, for messages. */
const char *cgroup_option(const struct spec_limits *limits, unsigned set);

/* ---- cgroup_layout.c ---- */

/* One hierarchy as this process sees it. */
struct hierarchy {
	unsigned controllers; /* v1: those of ours that it has; 0 for the unified one */
	bool unified;
	char *group;  /* this process's group, from the root of the hierarchy */
	char *folder; /* the same as an absolute path; NULL until a mount that shows it was found */
};

struct hierarchies {
	struct hierarchy items[CONTROLLER_COUNT + 1];
	unsigned count;
};

/* Read /proc/self/cgroup; hierarchies without a controller of ours are left out. */
int cgroup_hierarchies_read(struct hierarchies *ret, struct err *err);

/*
 * Fill in `folder` from /proc/self/mountinfo, for the unified hierarchy or for those with a
 * controller of `wanted`. One that is not mounted keeps NULL.
 */
int cgroup_hierarchies_locate(
    struct hierarchies *hierarchies, bool unified, unsigned wanted, struct err *err);

/* The unified one, or NULL. */
const struct hierarchy *cgroup_hierarchies_unified(const struct hierarchies *hierarchies);

/*
 * How much of `folder` is the place of the hierarchy's root; all of it where the root is not
 * mounted.
 */
size_t cgroup_hierarchy_root_length(const struct hierarchy *hierarchy);

void cgroup_hierarchies_done(struct hierarchies *hierarchies);

/* One line of each file; `line` is taken apart. 0 (also where it is of no interest) or -errno. */
int cgroup_hierarchies_add_group(struct hierarchies *hierarchies, char *line);
int cgroup_hierarchies_add_mount(struct hierarchies *hierarchies, char *line);

/* CGROUP_AUTO decided: v1 if a needed controller (or, where none is, any of ours) is there. */
enum cgroup_layout cgroup_layout_pick(const struct hierarchies *hierarchies, unsigned needed);

/* ---- the group ---- */

struct cgroup_folder {
	char *path;	      /* absolute, ends in contain-NAME */
	int parent;	      /* O_PATH: the caller's own group */
	int dir;	      /* O_PATH: path itself; -1 unless we made it */
	unsigned controllers; /* what its files are about */
};

/* Units of systemd, and their folders as absolute paths. */
struct cgroup_units {
	char scope[SPEC_NAME_MAX + sizeof("contain-.scope")], slice[32];
	char *scope_folder, *slice_folder;
	bool of_login;	     /* its sessions are in the slice, which has the limits */
	struct child keeper; /* holds the scope until somebody else is in it for good */
	int release;	     /* the keeper ends when a byte comes through this */
	int limited;	     /* O_PATH: the folder of the unit that has the limits */
	char *libexec_dir;
};

struct cgroup {
	const struct cgroup_backend *backend;
	struct spec_limits limits;
	char name[sizeof("contain-") + SPEC_NAME_MAX];
	unsigned needed; /* controllers that limits need */
	unsigned wanted; /* controllers for accounting only, where they can be had */
	struct cgroup_folder folders[CONTROLLER_COUNT];
	unsigned folder_count;

	/* v2 only */
	pid_t ending;	 /* as requested */
	unsigned enable; /* controllers to turn on for the folders below the caller's group */
	char *leaf;	 /* where the caller itself must go for that, an absolute path, or NULL */
	bool leaf_made;

	struct cgroup_units units; /* systemd only */
};

struct cgroup_backend {
	/* Add the folders that will be made (cgroup_folder_add); look only. */
	int (*open)(struct cgroup *cgroup, const struct hierarchies *hierarchies, struct err *err);
	/* What has to be done before the folders are made, and taken back after they are gone. */
	int (*prepare)(struct cgroup *cgroup, struct err *err);
	int (*unprepare)(struct cgroup *cgroup, struct err *err);
	/* Write the limits into the new folders. */
	int (*limit)(const struct cgroup *cgroup, struct err *err);
	int (*clone_fd)(const struct cgroup *cgroup);
	/* The first process is in: let go of what held the folder for it. */
	int (*settle)(struct cgroup *cgroup, struct err *err);
	int (*attach)(const struct cgroup *cgroup, pid_t pid, struct err *err);
	/* Whether a process is where the limits hold already. NULL: never. */
	bool (*holds)(const struct cgroup *cgroup, pid_t pid);
	const char *entrance; /* the file that moves whoever writes "0" to it */
	int (*mount)(const struct cgroup *cgroup, int target, struct err *err);
	int (*stats)(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err);
	int (*kill)(const struct cgroup *cgroup, struct err *err);
	int (*freeze)(const struct cgroup *cgroup, bool frozen, struct err *err);
};

extern const struct cgroup_backend cgroup_v1, cgroup_v2, cgroup_systemd;

/*
 * Plan the folder contain-NAME below the directory `group`, which must be on a file system of type
 * `magic` and writable. Returns 0 or -errno (-EACCES: not delegated to this user).
 */
int cgroup_folder_add(
    struct cgroup *cgroup, const char *group, unsigned controllers, long magic, struct err *err);

/* Forget the folder that was added last. */
void cgroup_folder_drop(struct cgroup *cgroup);

/* The folder with a controller of the set, or NULL. */
const struct cgroup_folder *cgroup_folder_of(const struct cgroup *cgroup, unsigned set);

/* Mount an empty read-only tmpfs on target. */
int cgroup_mount_empty(int target, struct err *err);

/* ---- cgroup_v2.c: what the folder of a scope does as well ---- */

/* Move the calling process into cgroup->leaf, beside the folder. */
int cgroup_v2_step_aside(struct cgroup *cgroup, struct err *err);
int cgroup_v2_clone_fd(const struct cgroup *cgroup);
int cgroup_v2_attach(const struct cgroup *cgroup, pid_t pid, struct err *err);
int cgroup_v2_mount(const struct cgroup *cgroup, int target, struct err *err);
int cgroup_v2_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err);
int cgroup_v2_kill(const struct cgroup *cgroup, struct err *err);
int cgroup_v2_freeze(const struct cgroup *cgroup, bool frozen, struct err *err);

/* ---- cgroup_v2_limits.c ---- */

/*
 * Write the limits into the files of the folder, and read back what the kernel makes of them.
 * Returns 0 or -errno.
 */
int cgroup_v2_limits_write(
    const struct cgroup *cgroup, const struct cgroup_folder *folder, struct err *err);

/* Whether the files of the folder have them, whoever writes them. Returns 0, -ERANGE or -errno. */
int cgroup_v2_limits_check(
    const struct cgroup *cgroup, const struct cgroup_folder *folder, struct err *err);

/* ---- cgroup_systemd.c ---- */

/* Whether groups are systemd's to make: it runs, and has delegated none to this process's. */
bool cgroup_systemd_rules(const struct hierarchy *unified);

/* Whether systemd has left the folder to whoever runs in it: cgroup delegation, since 236. */
bool cgroup_is_delegated(const char *folder);

/* Names of the units, once the backend is chosen. Returns 0 or -ENOMEM. */
int cgroup_units_plan(struct cgroup *cgroup, const struct jail_spec *spec, const char *libexec_dir);
void cgroup_units_done(struct cgroup_units *units);

/* ---- cgroup_keeper.c ---- */

/*
 * Start the keeper and wait until it has the scope of cgroup->units, with the limits. Returns 0 or
 * -errno, after 15 s at the most.
 */
int cgroup_keeper_start(struct cgroup *cgroup, struct err *err);

/*
 * End it and reap it; the scope goes, unless there is another process in it. Returns 0, -ECHILD if
 * it did not end of that. Harmless twice, and where none was started.
 */
int cgroup_keeper_release(struct cgroup_units *units, struct err *err);

/* ---- cgroup_files.c: `dir` is a descriptor of a folder, `file` a name in it ---- */

/* Long enough for a list of CPUs in which every second one of CPU_SETSIZE is set. */
#define CGROUP_VALUE_MAX 4096

/* Returns 0 or -errno. */
int cgroup_file_write(int dir, const char *file, const char *value);

/* Read at most size - 1 bytes, without the last newline, with a NUL. Returns 0 or -errno. */
int cgroup_file_read(int dir, const char *file, char *buffer, size_t size);

/* Read a number; "max" is UINT64_MAX. -EINVAL if it is none. */
int cgroup_file_number(int dir, const char *file, uint64_t *ret);

/* Write the value that `fmt` makes; the message names the option, the file and the value. */
int cgroup_set(const struct cgroup_folder *folder, const char *option, const char *file,
    struct err *err, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Read back what was written: the kernel rounds down by less than `step`, and some values it takes
 * as "no limit". Anything but a limit that is at most `asked` is -ERANGE.
 */
int cgroup_check(const struct cgroup_folder *folder, const char *option, const char *file,
    uint64_t asked, uint64_t step, struct err *err);

/* Read back text that must be exactly `asked`. Returns 0, -ERANGE or -errno. */
int cgroup_check_text(const struct cgroup_folder *folder, const char *option, const char *file,
    const char *asked, struct err *err);

/* The number after `key` in lines of "key number". -ENOENT without such a line. */
int cgroup_text_key(const char *text, const char *key, uint64_t *ret);

/* Sums over all devices: blkio.throttle.io_service_bytes (v1) and io.stat (v2). */
void cgroup_text_io_v1(const char *text, uint64_t *ret_read, uint64_t *ret_written);
void cgroup_text_io_v2(const char *text, uint64_t *ret_read, uint64_t *ret_written);

/* cpu.weight (1..10000, 100 is the default) as cpu.shares (1024 is the default). */
uint64_t cgroup_weight_to_shares(uint64_t weight);

/* Refuse numbers that the kernel would take as no limit. Returns 0 or -ERANGE. */
int cgroup_io_check(const struct spec_io *io, struct err *err);

/* A line for io.max: "8:0 rbps=1048576 wiops=max"; limits that are not set are left out. */
int cgroup_io_format(const struct spec_io *io, char *buffer, size_t size);

/* The line that the kernel makes of it in io.max: all four numbers, "max" for no limit. */
int cgroup_io_format_all(const struct spec_io *io, char *buffer, size_t size);

/* One number of struct cgroup_stats and where it comes from. */
struct cgroup_source {
	size_t offset;	     /* in struct cgroup_stats */
	unsigned controller; /* of the folder that has the file */
	const char *file;
	const char *key;  /* NULL: the file holds the number alone */
	uint64_t divisor; /* to get to our unit */
};

/* Fill in the rows of the table (its end: file is NULL); what cannot be read is SPEC_UNSET. */
void cgroup_sources_read(
    const struct cgroup *cgroup, const struct cgroup_source *table, struct cgroup_stats *ret);

/* ---- cgroup_kill.c ---- */

/*
 * SIGKILL everything in the folder. On v1, which has no cgroup.kill, that is done until nothing is
 * left, for at most 2 s (-ETIMEDOUT).
 */
int cgroup_folder_kill(int dir, const char *path, struct err *err);

/*
 * Remove the folder `path` by its last component, below `parent`, with all folders in it. Waits up
 * to 2 s for dying processes; -EBUSY if some are still there. A missing folder is fine.
 */
int cgroup_folder_remove(int parent, const char *path, struct err *err);

/* Sleep. */
void cgroup_pause(unsigned microseconds);

#define CGROUP_PATIENCE 2000000 /* us that anything here waits at most */

#endif
