/* SPDX-License-Identifier: MIT */
#include "lib/kernel/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

/* The newest message of the file system, without its "e " or "w " in front; "" if there is none. */
static void read_complaint(int context, char *text, size_t size)
{
	char line[256];

	text[0] = '\0';
	for (;;) {
		ssize_t n = read(context, line, sizeof(line) - 1);
		if (n <= 2)
			return;
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%.*s", (int)size - 1, line + 2);
	}
}

static int complain(int context, int errnum, const char *type, const char *what, struct err *err)
{
	char said[200];

	read_complaint(context, said, sizeof(said));
	if (said[0])
		return err_sys(err, errnum, "cannot mount %s%s (%s)", type, what, said);
	return err_sys(err, errnum, "cannot mount %s%s", type, what);
}

int mount_new(
    const char *type, const struct mount_option *options, uint64_t attributes, struct err *err)
{
	cleanup_fd int context = fsopen(type, FSOPEN_CLOEXEC);

	if (context < 0)
		return err_sys(err, errno, "cannot mount %s", type);
	/* What mount(8) shows in front: the type, as people are used to, instead of "none". */
	(void)fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0);
	for (; options && options->key; options++) {
		unsigned command = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		if (fsconfig(context, command, options->key, options->value, 0) < 0)
			return complain(context, errno, type, " with its options", err);
	}
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return complain(context, errno, type, "", err);
	int tree = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
	return tree >= 0 ? tree : complain(context, errno, type, "", err);
}

int mount_clone(int at, const char *path, bool recursive, struct err *err)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0u) |
			 (*path ? 0u : AT_EMPTY_PATH);
	int tree = open_tree(at, path, flags);

	return tree >= 0 ? tree : err_sys(err, errno, "cannot take a copy of the mount %s", path);
}

static int set_attributes(int tree, struct mount_attr *attributes, bool recursive)
{
	unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);

	return mount_setattr(tree, "", flags, attributes, sizeof(*attributes)) < 0 ? -errno : 0;
}

int mount_change(int tree, uint64_t set, uint64_t clear, bool recursive, struct err *err)
{
	struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };
	int r = set_attributes(tree, &attributes, recursive);

	return r == 0 ? 0 : err_sys(err, -r, "cannot change the attributes of a mount");
}

int mount_idmap(int tree, int userns, struct err *err)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (uint64_t)userns };
	int r = set_attributes(tree, &attributes, false);

	/* The kernel says EINVAL of file systems without FS_ALLOW_IDMAP. */
	if (r == -EINVAL)
		return err_say(
		    err, EOPNOTSUPP, "its file system cannot map ids (mount_setattr(2))");
	return r == 0 ? 0 : err_sys(err, -r, "cannot map the ids of a mount");
}

int mount_attach(int tree, int target, struct err *err)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	if (move_mount(tree, "", target, "", flags) < 0)
		return err_sys(err, errno, "cannot attach a mount");
	return 0;
}

int mount_make_private(struct err *err)
{
	struct mount_attr attributes = { .propagation = MS_PRIVATE };

	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof(attributes)) < 0)
		return err_sys(err, errno, "cannot make the mounts private");
	return 0;
}

int mount_empty(struct err *err)
{
	static const struct mount_option options[] = { { "mode", "0755" }, { "size", "4k" },
		{ "nr_inodes", "2" }, { NULL, NULL } };

	return mount_new("tmpfs", options,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
}
