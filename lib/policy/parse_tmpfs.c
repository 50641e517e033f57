/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/parse.h"

#define MODE_DEFAULT 01777

static int parse_mode(const char *text, unsigned *ret, struct err *err)
{
	unsigned mode = 0;

	if (!*text || strlen(text) > 5 || strspn(text, "01234567") != strlen(text))
		return err_say(err, EINVAL,
		    "\"%s\" is not a file mode: use octal digits, as in 1777 or 755", text);
	for (; *text; text++)
		mode = mode * 8 + (unsigned)(*text - '0');
	if (mode > 07777)
		return err_say(err, ERANGE, "mode %o is too large: 7777 is the most", mode);
	*ret = mode;
	return 0;
}

static int apply_options(char *options, struct spec_tmpfs *tmpfs, struct err *err)
{
	char *option;
	int r = 0;

	while (r == 0 && (option = strsep(&options, ","))) {
		if (strncmp(option, "size=", 5) == 0)
			/* To the kernel a size of 0 means no limit. */
			r = parse_size(option + 5, 1, &tmpfs->size, err);
		else if (strncmp(option, "mode=", 5) == 0)
			r = parse_mode(option + 5, &tmpfs->mode, err);
		else
			r = err_say(err, EINVAL,
			    "\"%s\" is not an option of a tmpfs: use size=SIZE or mode=OCTAL",
			    option);
	}
	return r;
}

int parse_tmpfs(const char *text, struct spec_tmpfs *ret, struct err *err)
{
	struct spec_tmpfs tmpfs = { .size = SPEC_UNSET, .mode = MODE_DEFAULT };
	const char *rest = text;
	cleanup_free char *target = parse_field(&rest, ':');
	cleanup_free char *options = rest ? strdup(rest) : NULL;
	cleanup_free char *path = NULL;

	if (!target || (rest && !options))
		return err_sys(err, ENOMEM, "cannot read a tmpfs");
	int r = parse_target(target, &path, err);
	if (r == 0 && options)
		r = apply_options(options, &tmpfs, err);
	if (r < 0)
		return r;
	tmpfs.target = take_ptr(path);
	*ret = tmpfs;
	return 0;
}
