/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "lib/policy/parse.h"

#define MODE_DEFAULT 01777

static int parse_mode(const char *text, unsigned *ret, struct err *err)
{
	unsigned mode = 0;

	if (!*text || strlen(text) > 5 || strspn(text, "01234567") != strlen(text))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a file mode: use octal digits, as in 1777 or 755", text);
	for (; *text; text++)
		mode = mode * 8 + (unsigned)(*text - '0');
	if (mode > 07777)
		return err_say(err, ERANGE, "mode %o is too large: 7777 is the most", mode);
	*ret = mode;
	return 0;
}

static int apply_options(const char *options, struct spec_tmpfs *tmpfs, struct err *err)
{
	char option[64];
	int r = 0;

	while (r == 0 && options) {
		if (parse_field(&options, ',', option, sizeof(option)) < 0)
			return err_say(
			    err, EINVAL, "\"%.32s...\" is too long for an option", options);
		if (strncmp(option, "size=", 5) == 0)
			/* To the kernel a size of 0 means no limit. */
			r = parse_size(option + 5, 1, &tmpfs->size, err);
		else if (strncmp(option, "mode=", 5) == 0)
			r = parse_mode(option + 5, &tmpfs->mode, err);
		else
			r = err_say(err, EINVAL,
			    "\"%.128s\" is not an option of a tmpfs: use size=SIZE or mode=OCTAL",
			    option);
	}
	return r;
}

int parse_tmpfs(const char *text, struct spec_tmpfs *ret, struct err *err)
{
	struct spec_tmpfs tmpfs = { .size = SPEC_UNSET, .mode = MODE_DEFAULT };
	char target[PATH_MAX];
	const char *rest = text;

	if (parse_field(&rest, ':', target, sizeof(target)) < 0)
		return err_say(err, ENAMETOOLONG, "\"%.32s...\" is too long for a path", text);
	int r = apply_options(rest, &tmpfs, err);
	if (r == 0)
		r = parse_target(target, &tmpfs.target, err);
	if (r == 0)
		*ret = tmpfs;
	return r;
}
