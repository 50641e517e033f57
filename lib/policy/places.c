/* SPDX-License-Identifier: MIT */
/* Where policy files are, and what they are called. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/loader.h"

#define SUFFIX ".conf"

int policy_open_file(const struct policy_places *places, int parent, const char *name,
    const char *path, enum safe_owner owner, struct err *err)
{
	if (places->draft && strcmp(places->draft_of, path) == 0)
		return safe_open_file(AT_FDCWD, places->draft, path, SAFE_OWNER_ROOT, err);
	return safe_open_file(parent, name, path, owner, err);
}

bool policy_name_file(const char *name, char file[NAME_MAX + 1])
{
	return *name && !strchr(name, '/') &&
	       snprintf(file, NAME_MAX + 1, "%s" SUFFIX, name) <= NAME_MAX;
}

bool policy_file_name(const char *file, char name[NAME_MAX + 1])
{
	size_t length = strlen(file), suffix = strlen(SUFFIX);

	if (*file == '.' || length <= suffix || strcmp(file + length - suffix, SUFFIX) != 0)
		return false;
	snprintf(name, NAME_MAX + 1, "%.*s", (int)(length - suffix), file);
	return true;
}

int policy_path(const struct policy_places *places, enum policy_part part, const char *name,
    char path[PATH_MAX], struct err *err)
{
	static const char *const directories[] = { [POLICY_DEFAULT] = "",
		[POLICY_GROUP] = "groups/",
		[POLICY_USER] = "users/",
		[POLICY_NETWORK] = "networks/" };
	char file[NAME_MAX + 1] = POLICY_DEFAULT_FILE;

	if (part != POLICY_DEFAULT && (!policy_name_file(name, file) || *file == '.'))
		return err_say(
		    err, EINVAL, "\"%.64s\" is not a name that a policy file can have", name);
	if (snprintf(path, PATH_MAX, "%s/%s%s", places->directory, directories[part], file) >=
	    PATH_MAX)
		return err_say(
		    err, ENAMETOOLONG, "%.256s: the path is too long", places->directory);
	return 0;
}

int policy_open_part(const struct policy_places *places, int directory, const char *name,
    char full[PATH_MAX], int *ret, struct err *err)
{
	const char *path = places->directory;

	*ret = -1;
	if (snprintf(full, PATH_MAX, "%s/%s", path, name) >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "%.256s: the path is too long", path);
	if (directory < 0)
		return 0;
	int fd = safe_open_subdirectory(directory, name, full, err);
	if (fd == -ENOENT)
		err_clear(err);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	*ret = fd;
	return 0;
}
