/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/policy/parse.h"

/* Bounds of the kernel's bandwidth control (kernel/sched/core.c). */
#define PERIOD_DEFAULT UINT64_C(100000)
#define PERIOD_MIN     UINT64_C(1000)
#define PERIOD_MAX     UINT64_C(1000000)
#define QUOTA_MIN      UINT64_C(1000)
#define CPUS_MAX       UINT64_C(8192) /* as many as Linux can be built for */
#define QUOTA_MAX      (CPUS_MAX * PERIOD_MAX)

int parse_cpu_quota(const char *text, uint64_t *ret_quota, uint64_t *ret_period, struct err *err)
{
	char first[24];
	const char *space = strchr(text, ' ');
	size_t length = space ? (size_t)(space - text) : strlen(text);
	uint64_t quota, period = PERIOD_DEFAULT;

	if (length >= sizeof(first))
		length = 0;
	memcpy(first, text, length);
	first[length] = '\0';
	if (parse_number(first, QUOTA_MAX, &quota) < 0 || quota < QUOTA_MIN)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a number of microseconds per 100 ms: use %" PRIu64
		    " or more, as in 50000 for half a processor",
		    text, QUOTA_MIN);
	if (space && (parse_number(space + 1, PERIOD_MAX, &period) < 0 || period < PERIOD_MIN))
		return err_say(err, EINVAL,
		    "\"%.128s\": the period must be %" PRIu64 " to %" PRIu64
		    " microseconds, as in \"50000 100000\"",
		    text, PERIOD_MIN, PERIOD_MAX);
	*ret_quota = quota;
	*ret_period = period;
	return 0;
}

/* The digits behind the point, as a number of 1/100000. Returns 0 or -EINVAL. */
static int parse_fraction(const char *digits, uint64_t *ret)
{
	uint64_t value;

	if (strlen(digits) > 5 || str_to_u64(digits, PERIOD_DEFAULT, &value) < 0)
		return -EINVAL;
	for (size_t i = strlen(digits); i < 5; i++)
		value *= 10;
	*ret = value;
	return 0;
}

int parse_cpus(const char *text, uint64_t *ret_quota, struct err *err)
{
	char whole[8] = "";
	const char *point = strchr(text, '.');
	size_t length = point ? (size_t)(point - text) : strlen(text);
	uint64_t cpus = 0, fraction = 0, quota = 0;

	if (length < sizeof(whole))
		memcpy(whole, text, length);
	if (parse_number(whole, CPUS_MAX, &cpus) == 0 &&
	    (!point || parse_fraction(point + 1, &fraction) == 0))
		quota = cpus * PERIOD_DEFAULT + fraction;
	if (quota < QUOTA_MIN || quota > CPUS_MAX * PERIOD_DEFAULT)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a number of processors: use 0.01 to %" PRIu64
		    ", with at most five decimals, as in 0.5",
		    text, CPUS_MAX);
	*ret_quota = quota;
	return 0;
}
