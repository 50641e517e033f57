/* SPDX-License-Identifier: MIT */
#include "contain-exec/statistics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum unit { SECONDS, BYTES, COUNT };

struct figure {
	const char *label;  /* of the text */
	const char *member; /* of the JSON */
	enum unit unit;
	uint64_t value; /* microseconds for SECONDS; SPEC_UNSET: unknown */
};

#define FIGURES 8

/* In the order of both outputs. */
static void collect(const struct jail_result *result, struct figure figures[FIGURES])
{
	const struct cgroup_stats *stats = &result->stats;
	uint64_t cpu = stats->cpu_usage == SPEC_UNSET ? result->cpu_us : stats->cpu_usage;
	const struct figure all[FIGURES] = {
		{ "wall time", "wall_seconds", SECONDS, result->wall_us },
		{ "processor time", "cpu_seconds", SECONDS, cpu },
		{ "peak memory", "memory_peak_bytes", BYTES, stats->memory_peak },
		{ "out-of-memory kills", "oom_kills", COUNT, stats->oom_kills },
		{ "peak processes", "processes_peak", COUNT, stats->pids_peak },
		{ "refused processes", "processes_refused", COUNT, stats->pids_denied },
		{ "read", "io_read_bytes", BYTES, stats->io_read },
		{ "written", "io_written_bytes", BYTES, stats->io_written },
	};

	memcpy(figures, all, sizeof(all));
}

static void format_bytes(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t i = 0;

	for (; value >= 1024 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
		value /= 1024;
	snprintf(text, size, "%.*f %s", i ? 1 : 0, value, units[i]);
}

static void format_value(const struct figure *figure, char *text, size_t size)
{
	if (figure->value == SPEC_UNSET)
		snprintf(text, size, "unknown");
	else if (figure->unit == SECONDS)
		snprintf(text, size, "%" PRIu64 ".%03" PRIu64 " s", figure->value / 1000000,
		    figure->value / 1000 % 1000);
	else if (figure->unit == BYTES)
		format_bytes(figure->value, text, size);
	else
		snprintf(text, size, "%" PRIu64, figure->value);
}

void statistics_format(const struct jail_result *result, char *text, size_t size)
{
	struct figure figures[FIGURES];
	size_t used = 0;

	text[0] = '\0';
	collect(result, figures);
	for (size_t i = 0; i < FIGURES && used < size; i++) {
		char value[48];
		format_value(&figures[i], value, sizeof(value));
		used += (size_t)snprintf(
		    text + used, size - used, "%-20s %s\n", figures[i].label, value);
	}
}

void statistics_members(const struct jail_result *result, struct json *json)
{
	struct figure figures[FIGURES];

	collect(result, figures);
	for (size_t i = 0; i < FIGURES; i++) {
		if (figures[i].value == SPEC_UNSET)
			json_null(json, figures[i].member);
		else if (figures[i].unit == SECONDS)
			json_double(json, figures[i].member, (double)figures[i].value / 1e6);
		else
			json_uint(json, figures[i].member, figures[i].value);
	}
}
