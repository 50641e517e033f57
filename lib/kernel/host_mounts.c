/* SPDX-License-Identifier: MIT */
#include "lib/kernel/host_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/kernel/mounts.h"

static const char *const carried_types[] = { "zfs", "btrfs", "bcachefs", "nfs", "nfs4", "cifs",
	"ceph", "9p", "virtiofs", NULL };

/* The kernel's own, what a host root hides, and what only a boot loader reads. */
static const char *const left_out[] = { "/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp",
	"/root", "/home", "/mnt", "/media", "/boot", NULL };

static bool is_below(const char *path, const char *const *places)
{
	for (; *places; places++) {
		size_t length = strlen(*places);
		if (strncmp(path, *places, length) == 0 &&
		    (path[length] == '/' || path[length] == '\0'))
			return true;
	}
	return false;
}

static bool is_octal(const char *text)
{
	return text[0] >= '0' && text[0] <= '3' && text[1] >= '0' && text[1] <= '7' &&
	       text[2] >= '0' && text[2] <= '7';
}

/* Blanks, newlines and backslashes in names are written as three octal digits: proc(5). */
static bool unescape(const char *from, size_t length, char *to, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		char c = from[i];
		if (c == '\\' && i + 3 < length && is_octal(from + i + 1)) {
			c = (char)((from[i + 1] - '0') * 64 + (from[i + 2] - '0') * 8 +
				   (from[i + 3] - '0'));
			i += 3;
		}
		if (used + 1 >= size)
			return false;
		to[used++] = c;
	}
	to[used] = '\0';
	return true;
}

bool host_mounts_parse(const char *line, char *path, size_t size)
{
	char type[64], source[PATH_MAX];
	int start = 0, end = 0;

	/* "36 35 98:0 /root /place options optional... - type source options" */
	if (sscanf(line, "%*d %*d %*s %*s %n%*s%n", &start, &end) < 0 || end <= start)
		return false;
	const char *rest = strstr(line + end, " - ");
	if (!rest || sscanf(rest, " - %63s %4095s", type, source) != 2)
		return false;
	if (!unescape(line + start, (size_t)(end - start), path, size))
		return false;
	if (strcmp(path, "/") == 0 || is_below(path, left_out))
		return false;
	if (strncmp(source, "/dev/", 5) == 0)
		return true;
	for (const char *const *known = carried_types; *known; known++)
		if (strcmp(type, *known) == 0)
			return true;
	return false;
}

static int carry(int host, int root, const char *path, struct err *err)
{
	cleanup_fd int from = path_open_strict(host, path, O_PATH);
	cleanup_fd int to = path_open_strict(root, path, O_PATH);

	/* Covered by another mount, or gone meanwhile: then it is not to be seen here either. */
	if (from == -ENOENT || to == -ENOENT || from == -ELOOP || to == -ELOOP)
		return 0;
	if (from < 0 || to < 0)
		return err_sys(
		    err, from < 0 ? -from : -to, "cannot carry over the host's %s", path);
	cleanup_fd int tree = mount_clone(from, "", false, err);
	if (tree < 0)
		return err_prefix(err, "cannot carry over the host's %s", path);
	int r = mount_change(
	    tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, false, err);
	return r < 0 ? r : mount_attach(tree, to, err);
}

int host_mounts_carry(int root, struct err *err)
{
	char line[2 * PATH_MAX + 512], path[PATH_MAX] = "";
	cleanup_file FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	cleanup_fd int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!mountinfo || host < 0)
		return err_sys(err, errno, "cannot read /proc/self/mountinfo");
	while (fgets(line, sizeof(line), mountinfo)) {
		if (!host_mounts_parse(line, path, sizeof(path)))
			continue;
		int r = carry(host, root, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}
