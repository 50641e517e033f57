/* SPDX-License-Identifier: MIT */
/*
 * Where the control groups of this process lie: /proc/self/cgroup says which group it is in on each
 * hierarchy, /proc/self/mountinfo where that hierarchy can be seen. Formats: cgroups(7),
 * proc_pid_mountinfo(5).
 */
#include "lib/kernel/cgroup_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"

const struct controller cgroup_controllers[CONTROLLER_COUNT] = {
	{ CONTROLLER_MEMORY, "memory", "memory" },
	{ CONTROLLER_CPU, "cpu", "cpu" },
	{ CONTROLLER_CPUACCT, "cpuacct", NULL },
	{ CONTROLLER_CPUSET, "cpuset", "cpuset" },
	{ CONTROLLER_PIDS, "pids", "pids" },
	{ CONTROLLER_IO, "blkio", "io" },
};

static const char *name_of(const struct controller *controller, bool v2)
{
	return v2 ? controller->v2 : controller->v1;
}

unsigned cgroup_controllers_parse(const char *list, bool v2)
{
	unsigned set = 0;

	while (*list) {
		size_t length = strcspn(list, ", \n");
		for (unsigned i = 0; i < CONTROLLER_COUNT; i++) {
			const char *name = name_of(&cgroup_controllers[i], v2);
			if (name && strlen(name) == length && memcmp(name, list, length) == 0)
				set |= cgroup_controllers[i].bit;
		}
		list += length;
		list += strspn(list, ", \n");
	}
	return set;
}

const char *cgroup_controllers_first(unsigned set, bool v2)
{
	for (unsigned i = 0; i < CONTROLLER_COUNT; i++)
		if (set & cgroup_controllers[i].bit && name_of(&cgroup_controllers[i], v2))
			return name_of(&cgroup_controllers[i], v2);
	return "any";
}

int cgroup_hierarchies_add_group(struct hierarchies *hierarchies, char *line)
{
	struct hierarchy found = { .unified = false };
	char *rest = line;
	const char *id = strsep(&rest, ":");
	const char *list = strsep(&rest, ":");

	if (!list || !rest || rest[0] != '/')
		return -EINVAL;
	rest[strcspn(rest, "\n")] = '\0';
	found.unified = strcmp(id, "0") == 0 && !*list;
	found.controllers = cgroup_controllers_parse(list, false);
	if (!found.unified && !found.controllers)
		return 0;
	if (hierarchies->count == sizeof(hierarchies->items) / sizeof(hierarchies->items[0]))
		return -EINVAL;
	found.group = strdup(rest);
	if (!found.group)
		return -ENOMEM;
	hierarchies->items[hierarchies->count++] = found;
	return 0;
}

/* mountinfo writes space, tab, newline and backslash of paths as \ooo. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

struct mount_line {
	char *root, *point, *type, *options;
};

static bool split_mount(char *line, struct mount_line *ret)
{
	char *rest = line, *field = NULL;

	for (unsigned i = 0; i < 5 && (field = strsep(&rest, " ")); i++) {
		if (i == 3)
			ret->root = field;
		ret->point = field;
	}
	while ((field = strsep(&rest, " ")) && strcmp(field, "-") != 0)
		;
	if (!field)
		return false;
	ret->type = strsep(&rest, " ");
	strsep(&rest, " "); /* the source, which is whatever mount(8) was told */
	ret->options = rest;
	if (!ret->root || !ret->options)
		return false;
	unescape(ret->root);
	unescape(ret->point);
	return true;
}

/*
 * The part of `group` below `root`, or NULL if the mount does not show it. A process outside of its
 * cgroup namespace's root has a group that begins with "/..", which must never become part of a
 * path.
 */
static const char *below(const char *group, const char *root)
{
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(group, "/..", 3) == 0 && (group[3] == '/' || !group[3]))
		return NULL;
	if (strncmp(group, root, length) != 0)
		return NULL;
	group += length;
	if (*group && *group != '/')
		return NULL;
	return strcmp(group, "/") == 0 ? "" : group;
}

static bool shows(const struct mount_line *mount, const struct hierarchy *hierarchy)
{
	if (hierarchy->unified)
		return strcmp(mount->type, "cgroup2") == 0;
	return strcmp(mount->type, "cgroup") == 0 &&
	       cgroup_controllers_parse(mount->options, false) & hierarchy->controllers;
}

int cgroup_hierarchies_add_mount(struct hierarchies *hierarchies, char *line)
{
	struct mount_line mount = { .root = NULL };

	if (!strstr(line, " - cgroup") || !split_mount(line, &mount))
		return 0;
	for (unsigned i = 0; i < hierarchies->count; i++) {
		struct hierarchy *hierarchy = &hierarchies->items[i];
		if (hierarchy->folder || !shows(&mount, hierarchy))
			continue;
		const char *rest = below(hierarchy->group, mount.root);
		if (!rest)
			continue;
		if (asprintf(&hierarchy->folder, "%s%s", mount.point, rest) < 0) {
			hierarchy->folder = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

int cgroup_hierarchies_read(struct hierarchies *ret, struct err *err)
{
	static const char path[] = "/proc/self/cgroup";
	cleanup_file FILE *file = fopen(path, "re");
	cleanup_free char *line = NULL;
	struct hierarchies found = { .count = 0 };
	size_t size = 0;

	if (!file)
		return err_sys(err, errno, "cannot open %s", path);
	while (getline(&line, &size, file) >= 0) {
		int r = cgroup_hierarchies_add_group(&found, line);
		if (r < 0) {
			cgroup_hierarchies_done(&found);
			return err_sys(err, -r, "cannot make sense of %s", path);
		}
	}
	*ret = found;
	return 0;
}

static bool located(const struct hierarchies *hierarchies, bool unified, unsigned wanted)
{
	for (unsigned i = 0; i < hierarchies->count; i++) {
		const struct hierarchy *hierarchy = &hierarchies->items[i];
		bool asked = unified ? hierarchy->unified : (hierarchy->controllers & wanted) != 0;
		if (asked && !hierarchy->folder)
			return false;
	}
	return true;
}

/*
 * mountinfo of a host with many containers is long, and the kernel makes its text while it is read;
 * the hierarchies come first, since they are mounted at boot. So it is read no further than needed.
 */
int cgroup_hierarchies_locate(
    struct hierarchies *hierarchies, bool unified, unsigned wanted, struct err *err)
{
	static const char path[] = "/proc/self/mountinfo";
	char buffer[4096]; /* outlives `file`, which is closed before this goes out of scope */
	cleanup_file FILE *file = fopen(path, "re");
	cleanup_free char *line = NULL;
	size_t size = 0;

	if (!file)
		return err_sys(err, errno, "cannot open %s", path);
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	while (!located(hierarchies, unified, wanted) && getline(&line, &size, file) >= 0) {
		int r = cgroup_hierarchies_add_mount(hierarchies, line);
		if (r < 0)
			return err_sys(err, -r, "cannot read %s", path);
	}
	return 0;
}

const struct hierarchy *cgroup_hierarchies_unified(const struct hierarchies *hierarchies)
{
	for (unsigned i = 0; i < hierarchies->count; i++)
		if (hierarchies->items[i].unified)
			return &hierarchies->items[i];
	return NULL;
}

size_t cgroup_hierarchy_root_length(const struct hierarchy *hierarchy)
{
	size_t group = strcmp(hierarchy->group, "/") == 0 ? 0 : strlen(hierarchy->group);
	size_t folder = strlen(hierarchy->folder);

	if (group <= folder &&
	    strcmp(hierarchy->folder + folder - group, group ? hierarchy->group : "") == 0)
		return folder - group;
	/* A mount of a part of the hierarchy: nothing above the caller's group is surely there. */
	return folder;
}

void cgroup_hierarchies_done(struct hierarchies *hierarchies)
{
	for (unsigned i = 0; i < hierarchies->count; i++) {
		free(hierarchies->items[i].group);
		free(hierarchies->items[i].folder);
	}
	hierarchies->count = 0;
}

enum cgroup_layout cgroup_layout_pick(const struct hierarchies *hierarchies, unsigned needed)
{
	unsigned v1 = 0;

	for (unsigned i = 0; i < hierarchies->count; i++)
		v1 |= hierarchies->items[i].controllers;
	return v1 & (needed ? needed : CONTROLLERS_ALL) ? CGROUP_V1 : CGROUP_V2;
}
