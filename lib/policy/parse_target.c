/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

/* Every jail has these of its own, and what stands in them keeps it locked in. */
static const char *const reserved[] = { "proc", "sys", "dev" };

static const char *reserved_above(const char *path)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		size_t length = strlen(reserved[i]);
		if (strncmp(path + 1, reserved[i], length) == 0 &&
		    (path[length + 1] == '/' || path[length + 1] == '\0'))
			return reserved[i];
	}
	return NULL;
}

/* Put the components of text into path, which has room for all of it, without "" and ".". Returns
 * 0, or -EINVAL for a component "..". */
static int normalize(const char *text, char *path)
{
	size_t used = 0;

	while (*text) {
		size_t length = strcspn(text, "/");
		if (length == 2 && strncmp(text, "..", 2) == 0)
			return -EINVAL;
		if (length && !(length == 1 && *text == '.')) {
			path[used++] = '/';
			memcpy(path + used, text, length);
			used += length;
		}
		text += length;
		text += *text == '/';
	}
	path[used] = '\0';
	return 0;
}

int parse_target(const char *text, char **ret, struct err *err)
{
	char path[PATH_MAX + 1], *copy;

	if (*text != '/')
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a path in the container: it must begin with \"/\"", text);
	if (strlen(text) >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "\"%.32s...\" is too long for a path", text);
	if (normalize(text, path) < 0)
		return err_say(
		    err, EINVAL, "\"%.128s\" has \"..\" in it: write the path without", text);
	if (!*path)
		return err_say(err, EINVAL, "nothing can be mounted on /: use --rootfs for that");
	const char *place = reserved_above(path);
	if (place)
		return err_say(err, EINVAL,
		    "nothing can be mounted on \"%.128s\": every container has a /%s of its own",
		    text, place);
	copy = strdup(path);
	if (!copy)
		return err_sys(err, ENOMEM, "cannot keep a path");
	*ret = copy;
	return 0;
}
