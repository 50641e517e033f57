/* SPDX-License-Identifier: MIT */
/*
 * Limits as the control files of cgroup v2 have them (Documentation/admin-guide/cgroup-v2.rst):
 * written by us, or by systemd, and read back in both cases. The kernel rounds some of what it is
 * given, takes some as "no limit", and quietly uses something else for processors.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/kernel/cgroup_internal.h"

/* What one file is to say. */
struct value {
	char text[CGROUP_VALUE_MAX];
	uint64_t number; /* the same, where it is a number; else SPEC_UNSET */
	uint64_t step;	 /* by less than this the kernel rounds it down */
	bool unasked;	 /* no fault where this kernel does not have the file */
};

/* False where there is no limit, which is what a new group has. */
static bool number(uint64_t limit, uint64_t step, struct value *ret)
{
	snprintf(ret->text, sizeof(ret->text), "%" PRIu64, limit);
	ret->number = limit;
	ret->step = step;
	return limit < SPEC_UNLIMITED;
}

static bool memory(const struct spec_limits *limits, struct value *ret)
{
	return number(limits->memory, (uint64_t)sysconf(_SC_PAGESIZE), ret);
}

/* Swap that nobody asked for is none, where there is something to say so with. */
static bool swap(const struct spec_limits *limits, struct value *ret)
{
	ret->unasked = limits->swap == SPEC_UNSET && limits->memory != SPEC_UNSET;
	return number(ret->unasked ? 0 : limits->swap, (uint64_t)sysconf(_SC_PAGESIZE), ret);
}

static bool quota(const struct spec_limits *limits, struct value *ret)
{
	snprintf(ret->text, sizeof(ret->text), "%" PRIu64 " %" PRIu64, limits->cpu_quota,
	    limits->cpu_period);
	return limits->cpu_quota != SPEC_UNSET;
}

static bool weight(const struct spec_limits *limits, struct value *ret)
{
	return number(limits->cpu_weight, 1, ret);
}

static bool cores(const struct spec_limits *limits, struct value *ret)
{
	spec_format_cpus(&limits->cpus, ret->text, sizeof(ret->text));
	return limits->cpus_set;
}

static bool pids(const struct spec_limits *limits, struct value *ret)
{
	return number(limits->pids, 1, ret);
}

static const struct row {
	unsigned controller;
	const char *option, *file;
	const char *told; /* the file that tells what holds */
	bool (*value)(const struct spec_limits *limits, struct value *ret);
} rows[] = {
	{ CONTROLLER_MEMORY, "--memory", "memory.max", "memory.max", memory },
	{ CONTROLLER_MEMORY, "--swap", "memory.swap.max", "memory.swap.max", swap },
	{ CONTROLLER_CPU, "--cpu", "cpu.max", "cpu.max", quota },
	{ CONTROLLER_CPU, "--cpu-weight", "cpu.weight", "cpu.weight", weight },
	{ CONTROLLER_CPUSET, "--cpu-core-ids", "cpuset.cpus", "cpuset.cpus.effective", cores },
	{ CONTROLLER_PIDS, "--pids", "pids.max", "pids.max", pids },
	{ .file = NULL },
};

/* Whether the row says something of this group. */
static bool applies(const struct row *row, const struct cgroup *cgroup,
    const struct cgroup_folder *folder, struct value *ret)
{
	*ret = (struct value){ .number = SPEC_UNSET };
	return (cgroup->needed & row->controller) && row->value(&cgroup->limits, ret) &&
	       (!ret->unasked || faccessat(folder->dir, row->file, F_OK, AT_EACCESS) == 0);
}

static int check(const struct row *row, const struct value *value,
    const struct cgroup_folder *folder, struct err *err)
{
	if (value->number == SPEC_UNSET)
		return cgroup_check_text(folder, row->option, row->told, value->text, err);
	return cgroup_check(folder, row->option, row->told, value->number, value->step, err);
}

/* Cores that the group above does not have. */
static int explain_cores(
    const struct value *value, const struct cgroup_folder *folder, struct err *err)
{
	char above[CGROUP_VALUE_MAX];
	int r = cgroup_file_read(folder->parent, "cpuset.cpus.effective", above, sizeof(above));

	if (r < 0)
		return err_sys(
		    err, -r, "--cpu-core-ids: cannot read the cpuset above %s", folder->path);
	return err_say(err, EINVAL,
	    "--cpu-core-ids: cannot have cores %s where this process may only use %s", value->text,
	    above);
}

static int write_io(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	char line[256];
	int r = 0;

	for (unsigned i = 0; r == 0 && i < limits->io_count; i++) {
		r = cgroup_io_check(&limits->io[i], err);
		if (r == 0)
			r = cgroup_io_format(&limits->io[i], line, sizeof(line));
		if (r == 0)
			r = cgroup_set(folder, "--io-max", "io.max", err, "%s", line);
	}
	return r;
}

/* The kernel writes the four numbers in this order, and "max" for none. */
static int check_io(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	char text[8192], line[256];
	int r = cgroup_file_read(folder->dir, "io.max", text, sizeof(text));

	if (r < 0)
		return err_sys(err, -r, "--io-max: cannot read back %s/io.max", folder->path);
	for (unsigned i = 0; r == 0 && i < limits->io_count; i++) {
		r = cgroup_io_check(&limits->io[i], err);
		if (r == 0)
			r = cgroup_io_format_all(&limits->io[i], line, sizeof(line));
		if (r == 0 && !strstr(text, line))
			r = err_say(err, ERANGE, "--io-max: '%s' of '%s' in %s/io.max", text, line,
			    folder->path);
	}
	return r;
}

int cgroup_v2_limits_write(
    const struct cgroup *cgroup, const struct cgroup_folder *folder, struct err *err)
{
	struct value value;
	int r = 0;

	for (const struct row *row = rows; r == 0 && row->file; row++) {
		if (!applies(row, cgroup, folder, &value))
			continue;
		r = cgroup_set(folder, row->option, row->file, err, "%s", value.text);
		if (r == 0)
			r = check(row, &value, folder, err);
		if (r < 0 && row->controller == CONTROLLER_CPUSET)
			r = explain_cores(&value, folder, err);
	}
	return r == 0 && (cgroup->needed & CONTROLLER_IO) ? write_io(&cgroup->limits, folder, err)
							  : r;
}

int cgroup_v2_limits_check(
    const struct cgroup *cgroup, const struct cgroup_folder *folder, struct err *err)
{
	struct value value;
	int r = 0;

	for (const struct row *row = rows; r == 0 && row->file; row++)
		if (applies(row, cgroup, folder, &value))
			r = check(row, &value, folder, err);
	return r == 0 && (cgroup->needed & CONTROLLER_IO) ? check_io(&cgroup->limits, folder, err)
							  : r;
}
