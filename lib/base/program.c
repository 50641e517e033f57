/* SPDX-License-Identifier: MIT */
#include "lib/base/program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool program_directory(const char *part, char *path, size_t size)
{
	char beside[PATH_MAX + NAME_MAX + 2];
	ssize_t length = readlink("/proc/self/exe", path, size - 1);

	if (length <= 0 || (size_t)length >= size - 1)
		return false;
	path[length] = '\0';
	*strrchr(path, '/') = '\0';
	return snprintf(beside, sizeof(beside), "%s/%s", path, part) < (int)sizeof(beside) &&
	       access(beside, F_OK) == 0;
}
