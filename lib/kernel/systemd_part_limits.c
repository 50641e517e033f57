/* SPDX-License-Identifier: MIT */
/* Limits as properties of a unit: org.freedesktop.systemd1(5), systemd.resource-control(5). */
#include <inttypes.h>
#include <stdio.h>

#include "lib/kernel/systemd_part_internal.h"

#define SECOND 1000000

static uint64_t quota_per_second(const struct spec_limits *limits)
{
	uint64_t scaled;

	if (limits->cpu_quota == SPEC_UNSET ||
	    __builtin_mul_overflow(limits->cpu_quota, SECOND, &scaled))
		return SPEC_UNSET;
	/* Rounded up, since systemd rounds down when it makes the quota of it again. */
	return (scaled + limits->cpu_period - 1) / limits->cpu_period;
}

/* As on the other backends: a limit of memory means no swap unless it is asked for. */
static uint64_t swap(const struct spec_limits *limits)
{
	if (limits->swap == SPEC_UNLIMITED)
		return UINT64_MAX;
	if (limits->swap == SPEC_UNSET && limits->memory != SPEC_UNSET)
		return 0;
	return limits->swap;
}

static int append_numbers(sd_bus_message *message, const struct spec_limits *limits)
{
	bool swap_set = limits->memory != SPEC_UNSET || limits->swap != SPEC_UNSET;
	bool quota_set = limits->cpu_quota != SPEC_UNSET;
	const struct {
		const char *property;
		bool set;
		uint64_t value;
	} rows[] = {
		{ "MemoryMax", limits->memory != SPEC_UNSET, limits->memory },
		{ "MemorySwapMax", swap_set, swap(limits) },
		{ "CPUQuotaPeriodUSec", quota_set, limits->cpu_period },
		{ "CPUQuotaPerSecUSec", quota_set, quota_per_second(limits) },
		{ "CPUWeight", limits->cpu_weight != SPEC_UNSET, limits->cpu_weight },
		{ "TasksMax", limits->pids != SPEC_UNSET, limits->pids },
	};
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].set)
			r = sd_bus_message_append(
			    message, "(sv)", rows[i].property, "t", rows[i].value);
	return r;
}

/* A bit for each processor, the first one the lowest of the first byte. */
static int append_cpus(sd_bus_message *message, const struct spec_limits *limits)
{
	uint8_t mask[CPU_SETSIZE / 8] = { 0 };
	int last = 0;

	if (!limits->cpus_set)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &limits->cpus))
			continue;
		mask[cpu / 8] |= (uint8_t)(1u << cpu % 8);
		last = cpu / 8;
	}
	int r = sd_bus_message_open_container(message, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(message, "s", "AllowedCPUs");
	if (r >= 0)
		r = sd_bus_message_open_container(message, 'v', "ay");
	if (r >= 0)
		r = sd_bus_message_append_array(message, 'y', mask, (size_t)last + 1);
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	return r >= 0 ? sd_bus_message_close_container(message) : r;
}

static int append_io(sd_bus_message *message, const struct spec_limits *limits)
{
	int r = 0;

	for (unsigned i = 0; r >= 0 && i < limits->io_count; i++) {
		const struct spec_io *io = &limits->io[i];
		const struct {
			const char *property;
			uint64_t value;
		} rows[] = {
			{ "IOReadBandwidthMax", io->rbps },
			{ "IOWriteBandwidthMax", io->wbps },
			{ "IOReadIOPSMax", io->riops },
			{ "IOWriteIOPSMax", io->wiops },
		};
		char device[48];
		snprintf(device, sizeof(device), "/dev/block/%u:%u", io->major, io->minor);
		for (unsigned j = 0; r >= 0 && j < sizeof(rows) / sizeof(rows[0]); j++)
			if (rows[j].value != SPEC_UNSET)
				r = sd_bus_message_append(message, "(sv)", rows[j].property,
				    "a(st)", 1, device, rows[j].value);
	}
	return r;
}

int systemd_limits_append(sd_bus_message *message, const struct spec_limits *limits)
{
	int r = append_numbers(message, limits);

	if (r >= 0)
		r = append_cpus(message, limits);
	return r >= 0 ? append_io(message, limits) : r;
}
