/* SPDX-License-Identifier: MIT */
#include "lib/layer/confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/str.h"
#include "lib/kernel/caps.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/privs.h"
#include "lib/kernel/seccomp.h"

#define PROFILE "seccomp/image.json"
#define STAGING "/sys" /* a directory that every root has, and nobody looks at meanwhile */

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define TREE_CAPABILITIES                                                                          \
	(CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FOWNER) | CAP(FSETID) | CAP(SETFCAP))

/* Who is not to write files is nobody, and not the user that the files belong to. */
#define NOBODY 65534

#define FILES_MAX 64

/* Bytes: a zstd window of 128 MiB, what is remembered of 500000 directories, and libraries. A
 * sanitizer's shadow is address space as well. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (UINT64_C(1) << 30)
#endif

/* Seconds of CPU: thirty times what 32 GiB take. */
#define CPU_MAX 3600

/* What differs. */
struct confinement {
	uint64_t capabilities;
	uid_t id; /* user and group, in the user namespace */
	rlim_t file_size_max;
	const struct seccomp_filter *filter;
	pid_t parent;
};

/*
 * For all of this process's children: they cannot reach each other in these namespaces, having
 * neither sockets nor signals nor shared memory that is not their parent's.
 */
static struct {
	bool ready;
	struct seccomp_filter pipes_only, with_tree;
	int namespaces[IDMAP_NAMESPACES];
} kept;

static int get_filter(const char *data_dir, const char *libexec_dir, uint64_t capabilities,
    struct seccomp_filter *ret, struct err *err)
{
	char path[PATH_MAX];
	const struct spec_identity identity = {
		.capabilities = capabilities,
		.seccomp = SECCOMP_PROFILE_FILE,
		.seccomp_path = path,
	};

	if (snprintf(path, sizeof(path), "%s/" PROFILE, data_dir) >= PATH_MAX)
		return err_sys(err, ENAMETOOLONG, "seccomp profile for images");
	return seccomp_filter_get(&identity, -1, data_dir, libexec_dir, ret, err);
}

static int make_namespaces(int ret[IDMAP_NAMESPACES], struct err *err)
{
	const struct idmap map = idmap_block(IDMAP_BLOCK_OF_IMAGES);
	pid_t holder;
	int r =
	    idmap_namespaces(&map, CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC, ret, &holder, err);

	if (r < 0)
		return r;
	while (waitpid(holder, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int confine_prepare(const char *data_dir, const char *libexec_dir, struct err *err)
{
	if (kept.ready)
		return 0;
	int r = get_filter(data_dir, libexec_dir, 0, &kept.pipes_only, err);
	if (r == 0)
		r = get_filter(data_dir, libexec_dir, TREE_CAPABILITIES, &kept.with_tree, err);
	if (r == 0)
		r = make_namespaces(kept.namespaces, err);
	kept.ready = r == 0;
	if (r < 0) {
		seccomp_filter_done(&kept.pipes_only);
		seccomp_filter_done(&kept.with_tree);
	}
	return r;
}

/* ---------------------------------------------------------------------------- descriptors */

/* Standard error, where messages of the C library go, may be /dev/null; a sanitizer's go to
 * whatever it is. */
static bool may_keep(int fd, int tree)
{
	struct stat st;

	for (int i = 0; i < IDMAP_NAMESPACES; i++)
		if (fd == kept.namespaces[i])
			return true; /* until they are entered */
	if (fd == tree || fstat(fd, &st) < 0)
		return fd == tree;
#ifdef __SANITIZE_ADDRESS__
	if (fd == 2)
		return true;
#endif
	return S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

static int close_others(int tree, struct err *err)
{
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t fd;

	if (!dir)
		return err_sys(err, errno, "cannot look into /proc/self/fd");
	while ((entry = readdir(dir))) {
		if (str_to_u64(entry->d_name, INT_MAX, &fd) < 0 || (int)fd == dirfd(dir))
			continue;
		if (!may_keep((int)fd, tree))
			(void)close((int)fd);
	}
	return 0;
}

/* ----------------------------------------------------------------------------- namespaces */

/* The user namespace first: after it the capabilities are those in it, which rule the others. */
static int enter_namespaces(struct err *err)
{
	for (int i = 0; i < IDMAP_NAMESPACES; i++) {
		if (setns(kept.namespaces[i], 0) < 0)
			return err_sys(err, errno, "cannot enter a namespace for images");
		kept.namespaces[i] = fd_close(kept.namespaces[i]);
	}
	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(err, errno, "cannot make a mount namespace");
	/* Its root first, also on the way to another id: only from there a change of ids takes the
	 * capabilities away. */
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, errno, "cannot become root of a user namespace");
	return 0;
}

static int enter_empty_root(struct err *err)
{
	int r = mount_make_private(err);

	if (r < 0)
		return r;
	cleanup_fd int root = mount_empty(err);
	if (root < 0)
		return root;
	cleanup_fd int staging = open(STAGING, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (staging < 0)
		return err_sys(err, errno, "cannot open " STAGING);
	r = mount_attach(root, staging, err);
	if (r < 0)
		return r;
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_sys(err, errno, "cannot enter an empty root");
	return 0;
}

/* --------------------------------------------------------------------------------- limits */

static int limit(const struct confinement *confinement, struct err *err)
{
	const struct {
		int resource;
		rlim_t most;
	} limits[] = { { RLIMIT_CORE, 0 }, { RLIMIT_FSIZE, confinement->file_size_max },
		{ RLIMIT_AS, MEMORY_MAX }, { RLIMIT_NOFILE, FILES_MAX }, { RLIMIT_NPROC, 0 },
		{ RLIMIT_CPU, CPU_MAX } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const struct rlimit both = { limits[i].most, limits[i].most };
		if (setrlimit(limits[i].resource, &both) < 0)
			return err_sys(err, errno, "cannot limit a process for images");
	}
	return 0;
}

/* Keyrings are no namespace's: the caller's session keyring would come along. */
static int leave_keyring(struct err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return err_sys(err, errno, "cannot get a session keyring for images");
	return 0;
}

static int drop(const struct confinement *confinement, struct err *err)
{
	const struct credentials who = { .uid = confinement->id,
		.gid = confinement->id,
		.groups = { confinement->id },
		.group_count = 1 };
	int r = privs_become(&who, true, err);

	if (r == 0)
		r = caps_reduce(0, confinement->capabilities, err);
	/* Changing ids has taken it back. */
	if (r == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		r = err_sys(err, errno, "cannot ask to die with the parent");
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = err_sys(err, errno, "cannot set no_new_privs");
	return r;
}

/* ---------------------------------------------------------------------------------- proof */

static bool root_is_empty(void)
{
	cleanup_dir DIR *dir = opendir("/");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	return dir;
}

/* What privs_become() and caps_reduce() do they prove themselves; this is the rest. */
static int prove(const struct confinement *confinement, struct err *err)
{
	if (getppid() != confinement->parent)
		return err_say(err, ESRCH, "the process that takes an image is gone");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_say(err, EPERM, "a process for images could gain privileges");
	if (!root_is_empty() || open("/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0) >= 0)
		return err_say(err, EPERM, "a process for images is not where it should be");
	return 0;
}

/* That the filter is there, by what it refuses: the default, and what depends on an argument. */
static int prove_filter(struct err *err)
{
	bool holds = open("/", O_PATH | O_CLOEXEC) < 0 && errno == ENOSYS;

	holds = holds && socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 && errno == ENOSYS;
	holds = holds && mprotect(NULL, 4096, PROT_EXEC) < 0 && errno == ENOSYS;
	return holds ? 0
		     : err_say(err, EPERM,
			   "the seccomp filter of a process for images holds "
			   "nothing back");
}

static int confine(const struct confinement *confinement, struct err *err)
{
	umask(0);
	int r = enter_namespaces(err);
	if (r == 0)
		r = enter_empty_root(err);
	if (r == 0)
		r = limit(confinement, err);
	if (r == 0)
		r = leave_keyring(err);
	if (r == 0)
		r = drop(confinement, err);
	if (r == 0)
		r = prove(confinement, err);
	if (r == 0)
		r = seccomp_filter_install(confinement->filter, err);
	return r < 0 ? r : prove_filter(err);
}

static int check_ready(struct err *err)
{
	return kept.ready ? 0 : err_say(err, EINVAL, "nothing is prepared to confine a process");
}

int confine_to_pipes(struct err *err)
{
	const struct confinement confinement = {
		.id = NOBODY, .filter = &kept.pipes_only, .parent = getppid()
	};
	int r = check_ready(err);

	if (r == 0)
		r = close_others(-1, err);
	return r < 0 ? r : confine(&confinement, err);
}

/* Where a link leads the kernel does not go, whatever the unpacker asks for; since Linux 5.14. */
static int harden(int tree, struct err *err)
{
	const uint64_t attributes =
	    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME;

	if (mount_change(tree, MOUNT_ATTR_NOSYMFOLLOW, 0, false, err) < 0)
		err_clear(err);
	return mount_change(tree, attributes, MOUNT_ATTR__ATIME, false, err);
}

static int map_tree(int directory, int userns, struct err *err)
{
	cleanup_fd int tree = mount_clone(directory, "", false, err);

	if (tree < 0)
		return tree;
	int r = harden(tree, err);
	if (r == 0)
		r = mount_idmap(tree, userns, err);
	if (r == -EOPNOTSUPP)
		err_prefix(err, "images need ext4, xfs, btrfs, or tmpfs of Linux 6.3");
	return r < 0 ? r : take_fd(&tree);
}

int confine_to_tree(int *tree, struct err *err)
{
	const struct confinement confinement = { .capabilities = TREE_CAPABILITIES,
		.file_size_max = RLIM_INFINITY,
		.filter = &kept.with_tree,
		.parent = getppid() };
	int r = check_ready(err);

	if (r == 0)
		r = close_others(*tree, err);
	if (r < 0)
		return r;
	int mapped = map_tree(*tree, kept.namespaces[IDMAP_USERNS], err);
	if (mapped < 0)
		return mapped;
	fd_close(*tree);
	*tree = mapped;
	return confine(&confinement, err);
}

void confine_clean_error(struct err *err)
{
	for (char *c = err->text; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	err->stage[0] = '\0';
}
