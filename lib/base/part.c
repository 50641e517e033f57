/* SPDX-License-Identifier: MIT */
#include "lib/base/part.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

void *part_load(
    const char *libexec_dir, const char *file, const char *symbol, void **ret_part, struct err *err)
{
	char path[PATH_MAX];

	/* Without a slash dlopen() would search the library path: somebody else's choice. */
	if (libexec_dir[0] != '/') {
		err_say(
		    err, EINVAL, "cannot load %s: '%s' is not an absolute path", file, libexec_dir);
		return NULL;
	}
	if (snprintf(path, sizeof(path), "%s/%s", libexec_dir, file) >= PATH_MAX) {
		err_sys(err, ENAMETOOLONG, "cannot load %s", file);
		return NULL;
	}
	void *part = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	void *address = part ? dlsym(part, symbol) : NULL;
	if (!address) {
		err_say(err, ELIBACC, "cannot load %s: %s", file, dlerror());
		if (part)
			(void)dlclose(part);
		return NULL;
	}
	if (ret_part)
		*ret_part = part;
	return address;
}
