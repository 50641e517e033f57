/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/policy/parse.h"

#define FILE_MAX	((size_t)1024 * 1024)
#define NAME_MAX_LENGTH 255

/* Shells take less, but programs see what execve(2) was given: anything but "=" and NUL. A space or
 * a control character in a name is a line that was meant to be something else. */
static bool is_name(const char *name)
{
	if (!*name)
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name >= 0x7f)
			return false;
	return true;
}

int parse_environment(struct strv *environment, const char *text, struct err *err)
{
	const char *equals = strchrnul(text, '=');
	size_t length = (size_t)(equals - text);
	char name[NAME_MAX_LENGTH + 1] = "";

	if (length <= NAME_MAX_LENGTH)
		memcpy(name, text, length);
	if (!is_name(name))
		return err_say(err, EINVAL,
		    "\"%.64s\" is not a variable: use NAME=VALUE, or NAME for the value that it "
		    "has "
		    "here",
		    text);
	const char *value = *equals ? equals + 1 : getenv(name);
	if (value && strv_set(environment, name, value) < 0)
		return err_sys(err, ENOMEM, "cannot keep a variable");
	return 0;
}

static int parse_line(struct strv *environment, char *line, struct err *err)
{
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	if (line[strlen(line) - 1] == '\r')
		return err_say(err, EINVAL, "the line ends as in Windows: take the CR off");
	return parse_environment(environment, line, err);
}

static int read_file(const char *path, char **ret, struct err *err)
{
	size_t length;
	cleanup_free char *text = NULL;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	int r = fd_read_all(fd, FILE_MAX, &text, &length, err);
	if (r < 0)
		return err_prefix(err, "%s", path);
	if (strlen(text) != length)
		return err_say(err, EINVAL, "%s: is not text: there is a NUL byte in it", path);
	*ret = take_ptr(text);
	return 0;
}

int parse_environment_file(struct strv *environment, const char *path, struct err *err)
{
	cleanup_free char *text = NULL;
	int r = read_file(path, &text, err);
	char *next = text, *line;

	for (unsigned number = 1; r == 0 && (line = strsep(&next, "\n")); number++)
		if (parse_line(environment, line, err) < 0)
			r = err_prefix(err, "%s:%u", path, number);
	return r;
}
