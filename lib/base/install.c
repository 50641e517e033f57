/* SPDX-License-Identifier: MIT */
#include "lib/base/install.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool lies_in(const char *directory, const char *file)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	return access(path, F_OK) == 0;
}

int install_find(char libexec_dir[PATH_MAX], char data_dir[PATH_MAX], struct err *err)
{
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (length <= 0)
		return err_sys(err, errno, "cannot find out where this program lies");
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(libexec_dir, PATH_MAX, "%s", lies_in(own, "contain-init") ? own : LIBEXECDIR);
	snprintf(data_dir, PATH_MAX, "%s", lies_in(own, "seccomp/default.json") ? own : DATADIR);
	return 0;
}
