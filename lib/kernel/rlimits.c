/* SPDX-License-Identifier: MIT */
#include "lib/kernel/rlimits.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

static void print_value(char *to, size_t size, rlim_t value)
{
	if (value == RLIM_INFINITY)
		snprintf(to, size, "unlimited");
	else
		snprintf(to, size, "%llu", (unsigned long long)value);
}

static int explain_refusal(unsigned resource, rlim_t wanted, int errnum, struct err *err)
{
	const char *name = spec_rlimit_name(resource) ?: "?";
	struct rlimit now;
	char highest[24], asked[24];

	if (errnum != EPERM || getrlimit(resource, &now) < 0)
		return err_sys(err, errnum, "cannot set the resource limit %s", name);
	print_value(highest, sizeof(highest), now.rlim_max);
	print_value(asked, sizeof(asked), wanted);
	return err_say(err, EPERM,
	    "resource limit %s: %s is more than the highest value allowed here, %s", name, asked,
	    highest);
}

int rlimits_apply(const struct spec_rlimit *limits, struct err *err)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		const struct spec_rlimit *limit = &limits[i];
		struct rlimit value = { .rlim_cur = limit->soft, .rlim_max = limit->hard };

		if (limit->set && setrlimit(i, &value) < 0)
			return explain_refusal(i, value.rlim_max, errno, err);
	}
	return 0;
}
