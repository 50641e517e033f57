/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/policy/parse.h"

/* Linux has 12 bits for the major and 20 for the minor number of a device. */
#define MAJOR_MAX 4095
#define MINOR_MAX 1048575

/* Returns 0, or -EINVAL if text is not MAJOR:MINOR. */
static int parse_numbers(const char *text, struct spec_io *io)
{
	char first[8] = "";
	const char *colon = strchr(text, ':');
	uint64_t device_major, device_minor;

	if (!colon || (size_t)(colon - text) >= sizeof(first))
		return -EINVAL;
	memcpy(first, text, (size_t)(colon - text));
	if (parse_number(first, MAJOR_MAX, &device_major) < 0 ||
	    parse_number(colon + 1, MINOR_MAX, &device_minor) < 0)
		return -EINVAL;
	io->major = (unsigned)device_major;
	io->minor = (unsigned)device_minor;
	return 0;
}

static int look_up_device(const char *path, struct spec_io *io, struct err *err)
{
	char partition[64];
	struct stat st;

	/* Relative to which directory? A policy is read in any. */
	if (*path != '/')
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a device: use its path, as in /dev/sda, or its MAJOR:MINOR",
		    path);
	if (stat(path, &st) < 0)
		return err_sys(err, errno, "device %s", path);
	if (!S_ISBLK(st.st_mode))
		return err_say(err, ENOTBLK,
		    "%s is not a block device: use one, as in /dev/sda, or its MAJOR:MINOR", path);
	io->major = major(st.st_rdev);
	io->minor = minor(st.st_rdev);
	snprintf(
	    partition, sizeof(partition), "/sys/dev/block/%u:%u/partition", io->major, io->minor);
	if (access(partition, F_OK) == 0)
		return err_say(err, EINVAL,
		    "%s is a partition: limits are those of the whole disk, name that", path);
	return 0;
}

static int parse_limit(const char *limit, struct spec_io *io, struct err *err)
{
	const struct {
		const char *name;
		uint64_t *value;
		bool bytes;
	} limits[] = { { "rbps=", &io->rbps, true }, { "wbps=", &io->wbps, true },
		{ "riops=", &io->riops, false }, { "wiops=", &io->wiops, false } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		size_t length = strlen(limits[i].name);
		if (strncmp(limit, limits[i].name, length) != 0)
			continue;
		if (limits[i].bytes)
			return parse_size(limit + length, 1, limits[i].value, err);
		/* The kernel keeps operations a second in 32 bits. */
		return parse_count(limit + length, 1, UINT32_MAX - 1,
		    "a number of operations a second", limits[i].value, err);
	}
	return err_say(err, EINVAL,
	    "\"%.128s\" is not an I/O limit: use rbps=SIZE, wbps=SIZE, riops=N or wiops=N", limit);
}

int parse_io(const char *text, struct spec_io *ret, struct err *err)
{
	struct spec_io io = {
		.rbps = SPEC_UNSET, .wbps = SPEC_UNSET, .riops = SPEC_UNSET, .wiops = SPEC_UNSET
	};
	char device[PATH_MAX], limit[64];
	const char *limits = strrchr(text, ':');
	int r = 0;

	if (!limits || !strchr(limits, '=') || (size_t)(limits - text) >= sizeof(device))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not an I/O limit: use DEV:rbps=SIZE,wbps=SIZE,riops=N,wiops=N, "
		    "as "
		    "in /dev/sda:rbps=10M",
		    text);
	snprintf(device, sizeof(device), "%.*s", (int)(limits - text), text);
	limits++;
	if (parse_numbers(device, &io) < 0)
		r = look_up_device(device, &io, err);
	while (r == 0 && limits) {
		if (parse_field(&limits, ',', limit, sizeof(limit)) < 0)
			return err_say(err, EINVAL, "\"%.32s...\" is too long for a limit", limits);
		r = parse_limit(limit, &io, err);
	}
	if (r == 0)
		*ret = io;
	return r;
}
