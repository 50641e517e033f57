/* SPDX-License-Identifier: MIT */
#include "lib/kernel/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

struct idmap idmap_identity(void)
{
	struct idmap_extent all = { 0, 0, UINT32_MAX };

	return (struct idmap){
		.uids = { all }, .gids = { all }, .uid_count = 1, .gid_count = 1, .setgroups = true
	};
}

struct idmap idmap_block(unsigned n)
{
	struct idmap_extent block = { 0, IDMAP_BLOCK_FIRST + n * IDMAP_BLOCK_SIZE,
		IDMAP_BLOCK_SIZE };

	return (struct idmap){ .uids = { block },
		.gids = { block },
		.uid_count = 1,
		.gid_count = 1,
		.setgroups = true };
}

/* Of an ordinary user's: their own id, and what /etc/subuid or /etc/subgid gives them. */
#define RANGES_MAX 8u

/* A range of ids in a line of `getsubids`: "0: alice 100000 65536". */
static bool parse_range(const char *line, unsigned long *first, unsigned long *size)
{
	const char *start = strchr(line, ' ');
	char *end;

	start = start ? strchr(start + 1, ' ') : NULL;
	if (!start)
		return false;
	*first = strtoul(start, &end, 10);
	if (*end != ' ')
		return false;
	*size = strtoul(end, &end, 10);
	return *end == '\0' && *size && *first < UINT32_MAX && *size < UINT32_MAX - *first;
}

static unsigned add_ranges(const char *option, const char *user, struct idmap_extent *extents)
{
	char *const argv[] = { "/usr/bin/getsubids", (char *)(option ?: user),
		(char *)(option ? user : NULL), NULL };
	cleanup_free char *text = NULL;
	unsigned count = 1;

	if (child_capture(argv, 65536, &text, NULL) < 0)
		return 1;
	uint32_t next = 1;
	char *state = NULL;
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		unsigned long first, size;
		if (count == RANGES_MAX || !parse_range(line, &first, &size) ||
		    size > UINT32_MAX - 1 - next)
			break;
		extents[count++] = (struct idmap_extent){ next, (uint32_t)first, (uint32_t)size };
		next += (uint32_t)size;
	}
	return count;
}

struct idmap idmap_of_user(uid_t uid, gid_t gid)
{
	struct idmap map = { .uids = { { 0, uid, 1 } },
		.gids = { { 0, gid, 1 } },
		.uid_count = 1,
		.gid_count = 1,
		.setgroups = false };
	char number[16];

	if (access("/usr/bin/newuidmap", X_OK) < 0 || access("/usr/bin/newgidmap", X_OK) < 0)
		return map;
	/* /etc/subuid may name the user or give the number; getsubids knows only what it is told.
	 */
	const struct passwd *entry = getpwuid(uid);
	snprintf(number, sizeof(number), "%u", uid);
	const char *user = entry ? entry->pw_name : number;
	unsigned uids = add_ranges(NULL, user, map.uids), gids = add_ranges("-g", user, map.gids);
	if (uids == 1 || gids == 1)
		return map;
	map.uid_count = uids;
	map.gid_count = gids;
	map.setgroups = true;
	return map;
}

static uint32_t translate(const struct idmap_extent *extents, unsigned count, uint32_t inside)
{
	for (unsigned i = 0; i < count; i++)
		if (inside >= extents[i].inside && inside - extents[i].inside < extents[i].count)
			return extents[i].outside + (inside - extents[i].inside);
	return UINT32_MAX;
}

uint32_t idmap_uid(const struct idmap *map, uint32_t inside)
{
	return translate(map->uids, map->uid_count, inside);
}

uint32_t idmap_gid(const struct idmap *map, uint32_t inside)
{
	return translate(map->gids, map->gid_count, inside);
}

static uint32_t limit_of(const struct idmap_extent *extents, unsigned count)
{
	uint32_t limit = 0;

	for (unsigned i = 0; i < count && extents[i].inside == limit; i++)
		limit += extents[i].count;
	return limit;
}

uint32_t idmap_limit(const struct idmap *map)
{
	uint32_t uids = limit_of(map->uids, map->uid_count);
	uint32_t gids = limit_of(map->gids, map->gid_count);

	return uids < gids ? uids : gids;
}

static int write_proc(pid_t pid, const char *name, const char *text, struct err *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "cannot open %s", path);
	/* One write(2) for the whole map: the kernel takes no second. */
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return err_sys(err, errno, "cannot write the map of ids to %s", path);
	return 0;
}

size_t idmap_format(const struct idmap_extent *extents, unsigned count, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%u %u %u\n", extents[i].inside,
		    extents[i].outside, extents[i].count);
	return used;
}

static int run_helper(const char *program, pid_t pid, const struct idmap_extent *extents,
    unsigned count, struct err *err)
{
	char numbers[3 * RANGES_MAX + 1][16];
	char *argv[3 * RANGES_MAX + 3] = { (char *)program, numbers[0] };

	snprintf(numbers[0], sizeof(numbers[0]), "%d", pid);
	for (unsigned i = 0; i < count; i++) {
		const uint32_t parts[3] = { extents[i].inside, extents[i].outside,
			extents[i].count };
		for (unsigned j = 0; j < 3; j++) {
			char *number = numbers[1 + 3 * i + j];
			snprintf(number, sizeof(numbers[0]), "%u", parts[j]);
			argv[2 + 3 * i + j] = number;
		}
	}
	return child_capture(argv, 4096, NULL, err);
}

static int write_with_helpers(const struct idmap *map, pid_t pid, struct err *err)
{
	int r = run_helper("/usr/bin/newuidmap", pid, map->uids, map->uid_count, err);

	return r < 0 ? r : run_helper("/usr/bin/newgidmap", pid, map->gids, map->gid_count, err);
}

int idmap_write(const struct idmap *map, pid_t pid, struct err *err)
{
	char text[IDMAP_TEXT_MAX];
	int r = 0;

	if (geteuid() != 0 && map->uid_count > 1)
		return write_with_helpers(map, pid, err);
	/* Without this an unprivileged writer could not write gid_map: CVE-2014-8989. */
	if (!map->setgroups)
		r = write_proc(pid, "setgroups", "deny", err);
	if (r == 0) {
		(void)idmap_format(map->uids, map->uid_count, text, sizeof(text));
		r = write_proc(pid, "uid_map", text, err);
	}
	if (r == 0) {
		(void)idmap_format(map->gids, map->gid_count, text, sizeof(text));
		r = write_proc(pid, "gid_map", text, err);
	}
	return r;
}

/*
 * The holder: it waits to be killed, or dies with its parent, which may have died before it could
 * ask for that. It shares the parent's memory and errno, so it makes no call that can fail.
 */
static int hold(void *data)
{
	const pid_t *parent = data;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == *parent)
		pause();
	return 0;
}

static int open_namespaces(pid_t pid, int with, int fds[IDMAP_NAMESPACES], struct err *err)
{
	static const struct {
		int flag;
		const char *name;
	} kinds[IDMAP_NAMESPACES] = { { CLONE_NEWUSER, "user" }, { CLONE_NEWNET, "net" },
		{ CLONE_NEWUTS, "uts" }, { CLONE_NEWIPC, "ipc" } };
	char path[64];

	for (int i = 0; i < IDMAP_NAMESPACES; i++) {
		if (!(kinds[i].flag & (with | CLONE_NEWUSER)))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kinds[i].name);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return err_sys(err, errno, "cannot open %s", path);
	}
	return 0;
}

static void abandon(pid_t pid, int fds[IDMAP_NAMESPACES])
{
	for (int i = 0; i < IDMAP_NAMESPACES; i++)
		fds[i] = fd_close(fds[i]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int idmap_namespaces(const struct idmap *map, int with, int ret_fds[IDMAP_NAMESPACES],
    pid_t *ret_holder, struct err *err)
{
	/* A namespace is born only with a process in it. This one shares our memory, so that there
	 * is nothing to copy, and does nothing but wait on a stack of its own for its end. */
	static char stack[8192] __attribute__((aligned(16)));
	static pid_t parent;
	int fds[IDMAP_NAMESPACES] = { -1, -1, -1, -1 };

	parent = getpid();
	pid_t pid =
	    clone(hold, stack + sizeof(stack), CLONE_NEWUSER | with | CLONE_VM | SIGCHLD, &parent);

	if (pid < 0)
		return err_sys(err, errno, "cannot make a user namespace");
	int r = idmap_write(map, pid, err);
	if (r == 0)
		r = open_namespaces(pid, with, fds, err);
	kill(pid, SIGKILL);
	if (r < 0) {
		abandon(pid, fds);
		return r;
	}
	memcpy(ret_fds, fds, sizeof(fds));
	*ret_holder = pid;
	return 0;
}
