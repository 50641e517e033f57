/* SPDX-License-Identifier: MIT */
/* Apart from seccomp.c, which makes filters: the PAM module only installs them. */
#include "lib/kernel/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * No flags: SECCOMP_FILTER_FLAG_SPEC_ALLOW would give the command back what the administrator's
 * choice of spec_store_bypass_disable= takes away, and the kernel's default costs nothing.
 */
int seccomp_filter_install(const struct seccomp_filter *filter, struct err *err)
{
	struct sock_fprog program = { .len = filter->length, .filter = filter->code };

	if (!filter->code && !filter->length)
		return 0;
	if (!filter->code || filter->length < 1 || filter->length > BPF_MAXINSNS)
		return err_say(err, EINVAL, "a seccomp filter has 1-%d instructions, and not %u",
		    BPF_MAXINSNS, filter->length);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 0;
	if (errno == EACCES)
		return err_say(err, EACCES,
		    "cannot install the seccomp filter: no_new_privs is not set, and "
		    "CAP_SYS_ADMIN is missing");
	if (errno == EINVAL && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		return err_say(err, ENOSYS,
		    "cannot install the seccomp filter: the kernel was built without seccomp");
	return err_sys(err, errno, "cannot install the seccomp filter");
}

void seccomp_filter_done(struct seccomp_filter *filter)
{
	free(filter->code);
	*filter = (struct seccomp_filter){ .code = NULL };
}
