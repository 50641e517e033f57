/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/policy/parse.h"

static const struct parse_unit units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "KB", UINT64_C(1) << 10 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "MB", UINT64_C(1) << 20 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "GB", UINT64_C(1) << 30 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ "TB", UINT64_C(1) << 40 },
	{ "TiB", UINT64_C(1) << 40 },
	{ NULL, 0 },
};

int parse_size(const char *text, uint64_t min, uint64_t *ret, struct err *err)
{
	uint64_t value;
	int r = parse_with_unit(text, units, PARSE_SIZE_MAX, &value);

	if (r == -ERANGE)
		return err_say(err, ERANGE, "\"%.128s\" is too large: %" PRIu64 "T is the most",
		    text, PARSE_SIZE_MAX >> 40);
	if (r < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a size: use a number with K, M, G or T, as in 64M", text);
	if (value < min)
		return err_say(
		    err, ERANGE, "\"%.128s\" is too small: %" PRIu64 " is the least", text, min);
	*ret = value;
	return 0;
}

void spec_format_size(uint64_t bytes, char text[SPEC_SIZE_TEXT_MAX])
{
	static const char suffixes[] = "\0KMGT";
	size_t i = 0;

	for (; bytes && bytes % 1024 == 0 && suffixes[i + 1]; i++)
		bytes /= 1024;
	snprintf(text, SPEC_SIZE_TEXT_MAX, "%" PRIu64 "%.1s", bytes, &suffixes[i]);
}
