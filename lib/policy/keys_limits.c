/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

void key_print_amount(struct json *json, const char *name, uint64_t value)
{
	if (value == SPEC_UNSET)
		json_null(json, name);
	else
		json_uint(json, name, value);
}

/* The word that takes back what was said before; files and options may lift what others set. */
static bool unset(const char *value, const char *word, uint64_t *field)
{
	if (strcmp(value, word) != 0)
		return false;
	*field = SPEC_UNSET;
	return true;
}

int key_parse_memory(struct jail_spec *spec, const char *value, struct err *err)
{
	if (unset(value, "unlimited", &spec->limits.memory))
		return 0;
	return parse_size(value, 1, &spec->limits.memory, err);
}

void key_print_memory(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_amount(json, name, spec->limits.memory);
}

int key_parse_swap(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "unlimited") == 0) {
		spec->limits.swap = SPEC_UNLIMITED;
		return 0;
	}
	if (unset(value, "auto", &spec->limits.swap))
		return 0;
	return parse_size(value, 0, &spec->limits.swap, err);
}

void key_print_swap(const struct jail_spec *spec, const char *name, struct json *json)
{
	if (spec->limits.swap == SPEC_UNLIMITED)
		json_string(json, name, "unlimited");
	else
		key_print_amount(json, name, spec->limits.swap);
}

int key_parse_cpu(struct jail_spec *spec, const char *value, struct err *err)
{
	if (unset(value, "unlimited", &spec->limits.cpu_quota))
		return 0;
	return parse_cpu_quota(value, &spec->limits.cpu_quota, &spec->limits.cpu_period, err);
}

int key_parse_cpus(struct jail_spec *spec, const char *value, struct err *err)
{
	if (unset(value, "unlimited", &spec->limits.cpu_quota))
		return 0;
	int r = parse_cpus(value, &spec->limits.cpu_quota, err);
	if (r == 0)
		spec->limits.cpu_period = 100000;
	return r;
}

void key_print_cpu(const struct jail_spec *spec, const char *name, struct json *json)
{
	char text[48];

	snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, spec->limits.cpu_quota,
	    spec->limits.cpu_period);
	json_string(json, name, spec->limits.cpu_quota == SPEC_UNSET ? NULL : text);
}

int key_parse_core_ids(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "all") == 0) {
		spec->limits.cpus_set = false;
		return 0;
	}
	int r = parse_cpu_list(value, &spec->limits.cpus, err);
	if (r == 0)
		spec->limits.cpus_set = true;
	return r;
}

void key_print_core_ids(const struct jail_spec *spec, const char *name, struct json *json)
{
	char text[4096];

	spec_format_cpus(&spec->limits.cpus, text, sizeof(text));
	json_string(json, name, spec->limits.cpus_set ? text : NULL);
}

int key_parse_cpu_weight(struct jail_spec *spec, const char *value, struct err *err)
{
	if (unset(value, "auto", &spec->limits.cpu_weight))
		return 0;
	return parse_count(value, 1, 10000, "a weight", &spec->limits.cpu_weight, err);
}

void key_print_cpu_weight(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_amount(json, name, spec->limits.cpu_weight);
}

int key_parse_pids(struct jail_spec *spec, const char *value, struct err *err)
{
	if (unset(value, "unlimited", &spec->limits.pids))
		return 0;
	/* PID_MAX_LIMIT of the kernel. */
	return parse_count(value, 1, 4194304, "a number of processes", &spec->limits.pids, err);
}

void key_print_pids(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_amount(json, name, spec->limits.pids);
}

/* What a second --io-max says of a device is added to what the first said. */
static void merge_io(struct spec_io *into, const struct spec_io *from)
{
	if (from->rbps != SPEC_UNSET)
		into->rbps = from->rbps;
	if (from->wbps != SPEC_UNSET)
		into->wbps = from->wbps;
	if (from->riops != SPEC_UNSET)
		into->riops = from->riops;
	if (from->wiops != SPEC_UNSET)
		into->wiops = from->wiops;
}

int key_parse_io_max(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_limits *limits = &spec->limits;
	struct spec_io io;
	int r = parse_io(value, &io, err);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < limits->io_count; i++) {
		if (limits->io[i].major != io.major || limits->io[i].minor != io.minor)
			continue;
		merge_io(&limits->io[i], &io);
		return 0;
	}
	if (limits->io_count == SPEC_IO_MAX)
		return err_say(err, E2BIG, "there are more than %d of them", SPEC_IO_MAX);
	limits->io[limits->io_count++] = io;
	return 0;
}

void key_print_io_max(const struct jail_spec *spec, const char *name, struct json *json)
{
	char device[24];

	json_array(json, name);
	for (unsigned i = 0; i < spec->limits.io_count; i++) {
		const struct spec_io *io = &spec->limits.io[i];
		snprintf(device, sizeof(device), "%u:%u", io->major, io->minor);
		json_object(json, NULL);
		json_string(json, "device", device);
		key_print_amount(json, "rbps", io->rbps);
		key_print_amount(json, "wbps", io->wbps);
		key_print_amount(json, "riops", io->riops);
		key_print_amount(json, "wiops", io->wiops);
		json_end(json);
	}
	json_end(json);
}

void key_clear_io_max(struct jail_spec *spec)
{
	spec->limits.io_count = 0;
}

int key_parse_rlimit(struct jail_spec *spec, const char *value, struct err *err)
{
	struct spec_rlimit limit;
	unsigned resource;
	int r = parse_rlimit(value, &resource, &limit, err);

	if (r == 0)
		spec->limits.rlimits[resource] = limit;
	return r;
}

static void print_rlimit_value(struct json *json, const char *name, uint64_t value)
{
	if (value == RLIM_INFINITY)
		json_string(json, name, "unlimited");
	else
		json_uint(json, name, value);
}

void key_print_rlimits(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_object(json, name);
	for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
		const struct spec_rlimit *limit = &spec->limits.rlimits[i];
		if (!limit->set)
			continue;
		json_object(json, spec_rlimit_name(i));
		print_rlimit_value(json, "soft", limit->soft);
		print_rlimit_value(json, "hard", limit->hard);
		json_end(json);
	}
	json_end(json);
}

void key_clear_rlimits(struct jail_spec *spec)
{
	memset(spec->limits.rlimits, 0, sizeof(spec->limits.rlimits));
}
