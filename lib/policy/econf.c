/* SPDX-License-Identifier: MIT */
#include "lib/policy/econf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/cleanup.h"
#include "lib/base/part.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static int load(struct econf *econf, struct err *err)
{
	if (econf->values)
		return 0;
	econf->values = (econf_values_fn *)part_load(
	    econf->libexec_dir, ECONF_PART_FILE, ECONF_PART_SYMBOL, &econf->part, err);
	return econf->values ? 0 : -err->code;
}

/*
 * libeconf takes only names of files. This one nobody can change any more, so that what has been
 * checked is what it reads.
 */
static int make_file(const char *text, int *ret, struct err *err)
{
	const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	cleanup_fd int fd = memfd_create("contain-policy", flags | MFD_NOEXEC_SEAL);

	/* Before Linux 6.3 the flag was not known; since then vm.memfd_noexec can demand it. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("contain-policy", flags);
	if (fd < 0)
		return err_sys(err, errno, "cannot make a file in memory");
	int r = fd_write_all(fd, text, strlen(text));
	if (r < 0)
		return err_sys(err, -r, "cannot write a file in memory");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return err_sys(err, errno, "cannot seal a file in memory");
	*ret = take_fd(&fd);
	return 0;
}

int econf_read(struct econf *econf, const char *text, struct econf_value *values, size_t count,
    struct err *err)
{
	cleanup_fd int fd = -1;
	char path[32];
	int r = load(econf, err);

	if (r == 0)
		r = make_file(text, &fd, err);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return econf->values(path, values, count, err);
}

void econf_unload(struct econf *econf)
{
	if (econf->part)
		dlclose(econf->part);
	econf->part = NULL;
	econf->values = NULL;
}
