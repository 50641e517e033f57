/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>

#include "lib/policy/parse.h"

#define SECOND UINT64_C(1000)
#define MINUTE (UINT64_C(60) * SECOND)
#define DAY    (UINT64_C(24) * 60 * MINUTE)

static const struct parse_unit units[] = {
	{ "", SECOND },
	{ "ms", 1 },
	{ "s", SECOND },
	{ "m", MINUTE },
	{ "h", UINT64_C(60) * MINUTE },
	{ "d", DAY },
	{ NULL, 0 },
};

int parse_duration(const char *text, uint64_t min_ms, uint64_t *ret_ms, struct err *err)
{
	uint64_t value;
	int r = parse_with_unit(text, units, UINT64_C(10000) * DAY, &value);

	if (r == -ERANGE)
		return err_say(err, ERANGE, "\"%.128s\" is too long: 10000d is the most", text);
	if (r < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a duration: use a number with ms, s, m, h or d, as in 10s",
		    text);
	if (value < min_ms)
		return err_say(err, ERANGE, "\"%.128s\" is too short: %" PRIu64 "ms is the least",
		    text, min_ms);
	*ret_ms = value;
	return 0;
}
