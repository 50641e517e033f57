/* SPDX-License-Identifier: MIT */
#include "lib/jail/registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/jail/publish.h"
#include "lib/jail/tenants.h"
#include "lib/kernel/cgroup.h"

static const char *const folders[] = { "jails", "holders", "leases", "leases/ids", "leases/net",
	"leases/layers", "control", "seccomp" };

static int open_record(int directory, struct err *err)
{
	const int flags = O_RDWR | O_TMPFILE | O_APPEND | O_CLOEXEC;
	int fd = openat(directory, "seccomp", flags, 0600);

	/* The last of the folders is missing: so may be others. */
	if (fd < 0 && errno == ENOENT) {
		for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
			if (mkdirat(directory, folders[i], 0700) < 0 && errno != EEXIST)
				return err_sys(err, errno, "cannot make %s", folders[i]);
		fd = openat(directory, "seccomp", flags, 0600);
	}
	if (fd < 0)
		return err_sys(err, errno, "cannot make a record of the jail");
	/* Nobody else can have it open: it has no name yet. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = err_sys(err, errno, "cannot lock the record of the jail");
		fd_close(fd);
		return r;
	}
	return fd;
}

int registry_open(struct registry *registry, const char *libexec_dir, struct err *err)
{
	struct err own = ERR_INIT;
	char holder[REGISTRY_HOLDER_MAX], path[REGISTRY_HOLDER_MAX + 16];
	int r;
	cleanup_fd int directory = registry_open_directory(&own);

	if (directory < 0 && own.code) {
		if (err)
			*err = own;
		return err_prefix(err, "registry");
	}
	*registry = (struct registry)REGISTRY_INIT;
	if (directory < 0)
		return 0;
	registry->record = open_record(directory, err);
	if (registry->record < 0)
		return err_prefix(err, "registry");
	registry->directory = take_fd(&directory);
	registry->libexec_dir = libexec_dir;
	registry_holder(registry, holder);
	snprintf(path, sizeof(path), "holders/%s", holder);
	r = registry_claim(registry, path);
	return r < 0 ? err_sys(err, -r, "registry: cannot claim %s", path) : 0;
}

static void remove_cgroup(const char *path, void *data)
{
	bool *gone = data;

	int r = cgroup_remove_folder(path, NULL);

	/* -EINVAL: not the folder of any jail, whatever the record says. */
	if (r < 0 && r != -EINVAL)
		*gone = false;
}

static void release_slice(const char *slice, void *data)
{
	(void)data;
	(void)cgroup_release_slice(slice, NULL);
}

/* Nobody else's: its name is that of the record's holder, and goes before that. */
static void remove_socket(const char *path, void *data)
{
	const int *directory = data;

	if (strncmp(path, "control/", 8) == 0)
		(void)unlinkat(*directory, path, 0);
}

struct dead {
	int directory;
	struct stat record;
	const char *folder; /* claims in this one, "holders/", or in all others */
	bool others;
};

/* The name may be somebody else's by now: written down, but never got. */
static void remove_claim(const char *path, void *data)
{
	const struct dead *dead = data;
	struct stat st;

	if (dead->others == (strncmp(path, dead->folder, strlen(dead->folder)) == 0))
		return;
	if (fstatat(dead->directory, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_dev != dead->record.st_dev || st.st_ino != dead->record.st_ino)
		return;
	if (strncmp(path, TENANTS_LEASES, strlen(TENANTS_LEASES)) == 0)
		tenants_move_out(dead->directory, path);
	(void)unlinkat(dead->directory, path, 0);
}

static void remove_claims(struct dead *dead, const char *text, const char *folder, bool others)
{
	dead->folder = folder;
	dead->others = others;
	registry_each_line(text, "claim", remove_claim, dead);
}

static void count_line(const char *value, void *data)
{
	unsigned *count = data;

	(void)value;
	++*count;
}

/* The address must not be somebody else's while a port of the host leads to it. Where that fails
 * the record stays, and with it the lease. */
static bool unpublish(const struct registry *registry, struct dead *dead, const char *text)
{
	unsigned ports = 0;

	registry_each_line(text, "published", count_line, &ports);
	if (!ports)
		return true;
	remove_claims(dead, text, "published/", false);
	return publish_load(registry, NULL) == 0;
}

/* Remove what the record names: cgroup folders and published ports, then, unless that failed, the
 * rest. Returns whether all went. */
static bool remove_named(const struct registry *registry, int record)
{
	struct dead dead = { .directory = registry->directory };
	cleanup_free char *text = NULL;
	bool gone = true;

	if (fstat(record, &dead.record) < 0 ||
	    fd_read_all(record, REGISTRY_RECORD_MAX, &text, NULL, NULL) < 0)
		return false;
	registry_each_line(text, "cgroup", remove_cgroup, &gone);
	if (!gone || !unpublish(registry, &dead, text))
		return false;
	registry_each_line(text, "slice", release_slice, NULL);
	registry_each_line(text, "listener", remove_socket, &dead.directory);
	/* Those last, so that whoever is killed half way leaves what the next gc finds. */
	remove_claims(&dead, text, "holders/", true);
	remove_claims(&dead, text, "holders/", false);
	return true;
}

/*
 * Look at the record that has this name, and if its jail is dead, remove what is left of it: cgroup
 * folders first, so that a failure there leaves the record for the next try. Returns whether it was
 * removed.
 */
static bool remove_if_dead(const struct registry *registry, const char *path)
{
	int directory = registry->directory;
	struct stat record, named;
	cleanup_fd int fd = openat(directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	/* Locked now, so it is dead, and nobody else is removing it. But the name may have been
	 * given to a new jail between open() and flock(). */
	if (fstat(fd, &record) < 0 || fstatat(directory, path, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    named.st_ino != record.st_ino)
		return false;
	if (!remove_named(registry, fd))
		return false;
	(void)unlinkat(directory, path, 0);
	return true;
}

int registry_claim(struct registry *registry, const char *path)
{
	char self[64];

	if (registry->directory < 0)
		return 0;
	/* Looked at first, so that the record does not fill up with what others hold. */
	if (faccessat(registry->directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !remove_if_dead(registry, path))
		return -EEXIST;
	int r = registry_note(registry, "claim", path, NULL);
	if (r < 0)
		return r;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", registry->record);
	for (int tries = 0; tries < 16; tries++) {
		if (linkat(AT_FDCWD, self, registry->directory, path, AT_SYMLINK_FOLLOW) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		if (!remove_if_dead(registry, path))
			break;
	}
	return -EEXIST;
}

int registry_note(struct registry *registry, const char *word, const char *value, struct err *err)
{
	char line[PATH_MAX + 64];

	if (registry->record < 0)
		return 0;
	int length = snprintf(line, sizeof(line), "%s %s\n", word, value);
	if (length < 0 || (size_t)length >= sizeof(line))
		return err_say(err, ENAMETOOLONG, "registry: \"%s\" is too long", word);
	/* One write(2) a line: a reader sees it whole or not at all. */
	int r = fd_write_all(registry->record, line, (size_t)length);
	return r < 0 ? err_sys(err, -r, "registry: cannot write the record") : 0;
}

void registry_holder(const struct registry *registry, char name[REGISTRY_HOLDER_MAX])
{
	snprintf(name, REGISTRY_HOLDER_MAX, "%d.%d", getpid(), registry->record);
}

int registry_cache(const struct registry *registry)
{
	if (registry->directory < 0)
		return -1;
	return openat(
	    registry->directory, "seccomp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void registry_close(struct registry *registry)
{
	/* A control group that does not go keeps the record, for a gc to find. */
	if (registry->record >= 0 && lseek(registry->record, 0, SEEK_SET) == 0)
		(void)remove_named(registry, registry->record);
	registry->record = fd_close(registry->record);
	registry->directory = fd_close(registry->directory);
}

/*
 * Whether there is no process of that number. One that is there may be another, and then the record
 * waits for a later gc; one in another PID namespace may seem gone, and then the lock tells.
 */
static bool seems_dead(const char *holder)
{
	long pid = strtol(holder, NULL, 10);

	return pid <= 0 || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

unsigned registry_gc(const struct registry *registry)
{
	unsigned removed = 0;
	char path[NAME_MAX + 16];

	if (registry->directory < 0)
		return 0;
	int fd = openat(registry->directory, "holders", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return 0;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.' || !seems_dead(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "holders/%s", entry->d_name);
		removed += remove_if_dead(registry, path);
	}
	return removed;
}

/* Locked: it lives, or is being removed this moment. */
static void visit_living(const struct registry *registry, const char *path,
    void (*visit)(const char *text, void *data), void *data)
{
	cleanup_free char *text = NULL;
	cleanup_fd int fd =
	    openat(registry->directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0)
		return;
	if (fd_read_all(fd, REGISTRY_RECORD_MAX, &text, NULL, NULL) == 0)
		visit(text, data);
}

int registry_each_living(const struct registry *registry, const char *folder,
    void (*visit)(const char *text, void *data), void *data)
{
	char path[NAME_MAX + 16];
	int fd = openat(registry->directory, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return -errno;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		visit_living(registry, path, visit, data);
	}
	return 0;
}
