/* SPDX-License-Identifier: MIT */
/* What a jail does not see of its root, or gets new and empty. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"
#include "lib/kernel/rootfs.h"

/* Of a host: a fresh writable tmpfs where a mode is given, else an empty directory. */
static const struct hidden {
	const char *path;
	const char *mode;
	bool of_account; /* only where it is the jail of an account */
} hidden[] = {
	{ "tmp", "1777", false },
	{ "var/tmp", "1777", false },
	{ "run", "0755", false },
	{ "root", "0700", false },
	{ "home", NULL, false },
	{ "mnt", NULL, false },
	{ "media", NULL, false },
	{ "var/log", "0755", true },
};

/* A tmpfs of the spec takes the place of ours. */
static bool is_in_spec(const struct rootfs *rootfs, const char *path)
{
	for (unsigned i = 0; i < rootfs->spec->tmpfs_count; i++)
		if (strcmp(rootfs->spec->tmpfs[i].target + 1, path) == 0)
			return true;
	return false;
}

static int hide_of_host(struct rootfs *rootfs, const struct hidden *what, struct err *err)
{
	/* Where the host has a link in its place, root has made it: "/home" -> "/var/home". */
	cleanup_fd int target = path_open_in_root(rootfs->root, what->path, O_PATH | O_DIRECTORY);

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return err_sys(err, -target, "/%s", what->path);
	if (!what->mode)
		return rootfs_cover(rootfs, target, err);
	cleanup_fd int tree = rootfs_new_tmpfs(rootfs, what->mode, NULL, err);
	return tree < 0 ? tree : rootfs_attach_own(rootfs, tree, target, false, err);
}

static int hide_host(struct rootfs *rootfs, struct err *err)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if ((hidden[i].of_account && !rootfs->account) ||
		    is_in_spec(rootfs, hidden[i].path))
			continue;
		int r = hide_of_host(rootfs, &hidden[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int hide_listed(struct rootfs *rootfs, const char *path, struct err *err)
{
	struct stat st;
	cleanup_fd int target = path_open_in_root(rootfs->root, path, O_PATH);

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0 || fstat(target, &st) < 0)
		return err_sys(err, target < 0 ? -target : errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return rootfs_cover(rootfs, target, err);
	cleanup_fd int null = path_open_strict(rootfs->root, "dev/null", O_PATH);
	if (null < 0)
		return err_sys(err, -null, "cannot open /dev/null of the jail");
	cleanup_fd int tree = mount_clone(null, "", false, err);
	return tree < 0 ? tree : mount_attach(tree, target, err);
}

int rootfs_hide(struct rootfs *rootfs, struct err *err)
{
	const struct strv *listed = &rootfs->spec->hide;
	int r = rootfs->spec->source == ROOT_HOST ? hide_host(rootfs, err) : 0;

	for (size_t i = 0; r == 0 && i < listed->count; i++)
		if (hide_listed(rootfs, listed->items[i], err) < 0)
			r = err_prefix(err, "--hide");
	return r;
}
