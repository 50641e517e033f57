/* SPDX-License-Identifier: MIT */
/*
 * Backend: controllers on hierarchies of their own, as legacy and hybrid hosts have them. A folder
 * is made only where a limit or the accounting needs the controller: each costs about 0.15 ms.
 * There is no freezer folder; the jail's PID namespace is what ends all of its processes.
 */
#include "lib/kernel/cgroup_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/magic.h>

#define CPU_PERIOD_DEFAULT 100000 /* us */

static int v1_missing(const struct cgroup *cgroup, unsigned missing, struct err *err)
{
	const char *name = cgroup_controllers_first(missing, false);

	return err_say(err, EOPNOTSUPP,
	    "%s needs the %s controller, which is not mounted as a cgroup v1 "
	    "hierarchy with this process's group in it (see /proc/self/cgroup and "
	    "/proc/self/mountinfo)",
	    cgroup_option(&cgroup->limits, missing), name);
}

static int v1_open(struct cgroup *cgroup, const struct hierarchies *hierarchies, struct err *err)
{
	unsigned missing = cgroup->needed;

	for (unsigned i = 0; i < hierarchies->count; i++) {
		const struct hierarchy *item = &hierarchies->items[i];
		unsigned used = item->controllers & (cgroup->needed | cgroup->wanted);
		if (!used || !item->folder)
			continue;
		int r = cgroup_folder_add(cgroup, item->folder, used, CGROUP_SUPER_MAGIC, err);
		if (r < 0 && used & cgroup->needed)
			return r;
		err_clear(err);
		missing &= ~used;
	}
	return missing ? v1_missing(cgroup, missing, err) : 0;
}

/*
 * memory.limit_in_bytes comes first: memsw, which counts memory and swap together, may never be
 * below it. Both begin at "no limit".
 */
static int v1_memory(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), both;

	if (limits->memory == SPEC_UNSET)
		return err_say(err, EOPNOTSUPP,
		    "--swap needs --memory as well on cgroup v1, which can only limit "
		    "memory and swap together");
	int r = cgroup_set(
	    folder, "--memory", "memory.limit_in_bytes", err, "%" PRIu64, limits->memory);
	if (r == 0)
		r = cgroup_check(
		    folder, "--memory", "memory.limit_in_bytes", limits->memory, page, err);
	if (r < 0 || limits->swap == SPEC_UNLIMITED)
		return r;
	bool asked = limits->swap != SPEC_UNSET;
	if (__builtin_add_overflow(limits->memory, asked ? limits->swap : 0, &both))
		return err_say(err, ERANGE,
		    "--swap: memory and swap together are more than the kernel can "
		    "count");
	r = cgroup_set(folder, "--swap", "memory.memsw.limit_in_bytes", err, "%" PRIu64, both);
	if (r == -EOPNOTSUPP && !asked) {
		err_clear(err);
		return 0;
	}
	if (r == -EOPNOTSUPP)
		return err_say(err, EOPNOTSUPP,
		    "--swap: the kernel does not count swap (no "
		    "memory.memsw.limit_in_bytes in %s); boot it with swapaccount=1",
		    folder->path);
	return r < 0
		   ? r
		   : cgroup_check(folder, "--swap", "memory.memsw.limit_in_bytes", both, page, err);
}

static int v1_cpu_quota(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	int r = 0;

	if (limits->cpu_quota == SPEC_UNSET)
		return 0;
	if (limits->cpu_period != CPU_PERIOD_DEFAULT)
		r = cgroup_set(
		    folder, "--cpu", "cpu.cfs_period_us", err, "%" PRIu64, limits->cpu_period);
	if (r == 0)
		r = cgroup_set(
		    folder, "--cpu", "cpu.cfs_quota_us", err, "%" PRIu64, limits->cpu_quota);
	if (r == 0)
		r = cgroup_check(folder, "--cpu", "cpu.cfs_quota_us", limits->cpu_quota, 1, err);
	return r;
}

static int v1_cpu(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	int r = v1_cpu_quota(limits, folder, err);

	if (r < 0 || limits->cpu_weight == SPEC_UNSET)
		return r;
	uint64_t shares = cgroup_weight_to_shares(limits->cpu_weight);
	r = cgroup_set(folder, "--cpu-weight", "cpu.shares", err, "%" PRIu64, shares);
	return r < 0 ? r : cgroup_check(folder, "--cpu-weight", "cpu.shares", shares, 1, err);
}

/* A new cpuset is empty, and no process can enter it before it has CPUs and memory nodes. */
static int v1_cpuset(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	char list[CGROUP_VALUE_MAX], nodes[CGROUP_VALUE_MAX], allowed[CGROUP_VALUE_MAX];
	int r = cgroup_file_read(folder->parent, "cpuset.mems", nodes, sizeof(nodes));

	spec_format_cpus(&limits->cpus, list, sizeof(list));
	if (r == 0)
		r = cgroup_file_read(folder->parent, "cpuset.cpus", allowed, sizeof(allowed));
	if (r < 0)
		return err_sys(
		    err, -r, "--cpu-core-ids: cannot read the cpuset above %s", folder->path);
	if (cgroup_set(folder, "--cpu-core-ids", "cpuset.cpus", err, "%s", list) < 0)
		return err_say(err, EINVAL,
		    "--cpu-core-ids: cannot have cores %s where this process may only "
		    "use %s",
		    list, allowed);
	r = cgroup_check_text(folder, "--cpu-core-ids", "cpuset.cpus", list, err);
	return r < 0 ? r : cgroup_set(folder, "--cpu-core-ids", "cpuset.mems", err, "%s", nodes);
}

static int v1_pids(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	return cgroup_set(folder, "--pids", "pids.max", err, "%" PRIu64, limits->pids);
}

static int v1_io_one(const struct spec_io *io, const struct cgroup_folder *folder, struct err *err)
{
	const struct {
		const char *file;
		uint64_t value;
	} parts[] = {
		{ "blkio.throttle.read_bps_device", io->rbps },
		{ "blkio.throttle.write_bps_device", io->wbps },
		{ "blkio.throttle.read_iops_device", io->riops },
		{ "blkio.throttle.write_iops_device", io->wiops },
	};
	int r = cgroup_io_check(io, err);

	for (unsigned i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].value != SPEC_UNSET)
			r = cgroup_set(folder, "--io-max", parts[i].file, err, "%u:%u %" PRIu64,
			    io->major, io->minor, parts[i].value);
	return r;
}

static int v1_io(
    const struct spec_limits *limits, const struct cgroup_folder *folder, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < limits->io_count; i++)
		r = v1_io_one(&limits->io[i], folder, err);
	return r;
}

static int v1_limit(const struct cgroup *cgroup, struct err *err)
{
	static const struct {
		unsigned controller;
		int (*apply)(const struct spec_limits *limits, const struct cgroup_folder *folder,
		    struct err *err);
	} rows[] = {
		{ CONTROLLER_MEMORY, v1_memory },
		{ CONTROLLER_CPU, v1_cpu },
		{ CONTROLLER_CPUSET, v1_cpuset },
		{ CONTROLLER_PIDS, v1_pids },
		{ CONTROLLER_IO, v1_io },
	};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cgroup->needed & rows[i].controller)
			r = rows[i].apply(
			    &cgroup->limits, cgroup_folder_of(cgroup, rows[i].controller), err);
	return r;
}

/*
 * To move another process the kernel stops all forks and exits of the machine, behind an RCU grace
 * period of about 10 ms for each folder. A thread that moves itself through `tasks` spares that:
 * 0.04 ms a folder.
 */
static int v1_attach(const struct cgroup *cgroup, pid_t pid, struct err *err)
{
	const char *file = pid ? "cgroup.procs" : cgroup->backend->entrance;
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	for (unsigned i = 0; i < cgroup->folder_count; i++) {
		int r = cgroup_file_write(cgroup->folders[i].dir, file, text);
		if (r < 0)
			return err_sys(err, -r, "cannot put process %d into control group %s",
			    pid ? (int)pid : (int)getpid(), cgroup->folders[i].path);
	}
	return 0;
}

static int v1_stats(const struct cgroup *cgroup, struct cgroup_stats *ret, struct err *err)
{
#define FIELD(name) offsetof(struct cgroup_stats, name)
	static const struct cgroup_source rows[] = {
		{ FIELD(memory_peak), CONTROLLER_MEMORY, "memory.max_usage_in_bytes", NULL, 1 },
		{ FIELD(memory_current), CONTROLLER_MEMORY, "memory.usage_in_bytes", NULL, 1 },
		{ FIELD(oom_kills), CONTROLLER_MEMORY, "memory.oom_control", "oom_kill", 1 },
		{ FIELD(cpu_usage), CONTROLLER_CPUACCT, "cpuacct.usage", NULL, 1000 },
		{ FIELD(pids_peak), CONTROLLER_PIDS, "pids.peak", NULL, 1 },
		{ FIELD(pids_denied), CONTROLLER_PIDS, "pids.events", "max", 1 },
		{ 0, 0, NULL, NULL, 0 },
	};
#undef FIELD
	const struct cgroup_folder *io = cgroup_folder_of(cgroup, CONTROLLER_IO);
	char text[32768];

	(void)err;
	cgroup_sources_read(cgroup, rows, ret);
	ret->io_read = ret->io_written = SPEC_UNSET;
	if (io &&
	    cgroup_file_read(io->dir, "blkio.throttle.io_service_bytes", text, sizeof(text)) == 0)
		cgroup_text_io_v1(text, &ret->io_read, &ret->io_written);
	return 0;
}

/* Every folder has the same processes. Without room for another one, none can fork away. */
static int v1_kill(const struct cgroup *cgroup, struct err *err)
{
	const struct cgroup_folder *pids = cgroup_folder_of(cgroup, CONTROLLER_PIDS);
	const struct cgroup_folder *any = cgroup_folder_of(cgroup, CONTROLLERS_ALL);

	if (pids)
		(void)cgroup_file_write(pids->dir, "pids.max", "0");
	return any ? cgroup_folder_kill(any->dir, any->path, err) : 0;
}

const struct cgroup_backend cgroup_v1 = {
	.open = v1_open,
	.limit = v1_limit,
	.attach = v1_attach,
	.entrance = "tasks",
	.stats = v1_stats,
	.kill = v1_kill,
};
