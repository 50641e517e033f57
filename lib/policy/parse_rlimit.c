/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/policy/parse.h"

static const struct {
	const char *name;
	bool bytes; /* takes a size, not only a number */
} resources[] = {
	[RLIMIT_AS] = { "as", true },
	[RLIMIT_CORE] = { "core", true },
	[RLIMIT_CPU] = { "cpu", false },
	[RLIMIT_DATA] = { "data", true },
	[RLIMIT_FSIZE] = { "fsize", true },
	[RLIMIT_LOCKS] = { "locks", false },
	[RLIMIT_MEMLOCK] = { "memlock", true },
	[RLIMIT_MSGQUEUE] = { "msgqueue", true },
	[RLIMIT_NICE] = { "nice", false },
	[RLIMIT_NOFILE] = { "nofile", false },
	[RLIMIT_NPROC] = { "nproc", false },
	[RLIMIT_RSS] = { "rss", true },
	[RLIMIT_RTPRIO] = { "rtprio", false },
	[RLIMIT_RTTIME] = { "rttime", false },
	[RLIMIT_SIGPENDING] = { "sigpending", false },
	[RLIMIT_STACK] = { "stack", true },
};

#define RESOURCES (sizeof(resources) / sizeof(resources[0]))
_Static_assert(RLIM_NLIMITS == 16, "struct spec_limits has room for 16 resource limits");
_Static_assert(RESOURCES == RLIM_NLIMITS, "a resource limit without a name");

const char *spec_rlimit_name(unsigned resource)
{
	return resource < RESOURCES ? resources[resource].name : NULL;
}

static const char *resource_name(size_t index, const void *data)
{
	(void)data;
	return spec_rlimit_name((unsigned)index);
}

static int parse_resource(const char *name, unsigned *ret, struct err *err)
{
	const char *near;

	for (unsigned i = 0; i < RESOURCES; i++) {
		if (strcmp(resources[i].name, name) == 0) {
			*ret = i;
			return 0;
		}
	}
	near = str_nearest(name, resource_name, NULL);
	return err_say(err, EINVAL,
	    "\"%.128s\" is not a resource limit: use the names of setrlimit(2), as in "
	    "nofile=1024%s%s%s",
	    name, near ? "; did you mean " : "", near ?: "", near ? "?" : "");
}

static int parse_value(const char *text, unsigned resource, uint64_t *ret, struct err *err)
{
	if (strcmp(text, "unlimited") == 0) {
		*ret = RLIM_INFINITY;
		return 0;
	}
	if (resources[resource].bytes)
		return parse_size(text, 0, ret, err);
	if (parse_number(text, RLIM_INFINITY - 1, ret) < 0)
		return err_say(
		    err, EINVAL, "\"%.128s\" is not a number: use digits, or unlimited", text);
	return 0;
}

int parse_rlimit(const char *text, unsigned *ret_resource, struct spec_rlimit *ret, struct err *err)
{
	struct spec_rlimit limit = { .set = true };
	char name[24], soft[32], hard[32];
	const char *rest = text;
	unsigned resource = 0;

	if (parse_field(&rest, '=', name, sizeof(name)) < 0 || !rest ||
	    parse_field(&rest, ':', soft, sizeof(soft)) < 0 ||
	    snprintf(hard, sizeof(hard), "%s", rest ?: soft) >= (int)sizeof(hard))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a resource limit: use NAME=SOFT or NAME=SOFT:HARD, as in "
		    "nofile=1024:4096",
		    text);
	int r = parse_resource(name, &resource, err);
	if (r == 0)
		r = parse_value(soft, resource, &limit.soft, err);
	if (r == 0)
		r = parse_value(hard, resource, &limit.hard, err);
	if (r < 0)
		return r;
	if (limit.soft > limit.hard)
		return err_say(err, EINVAL,
		    "\"%.128s\": the soft limit, which comes first, is above the hard one", text);
	*ret_resource = resource;
	*ret = limit;
	return 0;
}
