/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

#define LEAST UINT64_C(64000)
#define MOST  UINT64_C(16000000000) /* in bytes it must fit into an int of libnl's */

static const struct parse_unit units[] = {
	{ "", 1 },
	{ "K", 1000 },
	{ "Kbit", 1000 },
	{ "M", 1000000 },
	{ "Mbit", 1000000 },
	{ "G", 1000000000 },
	{ "Gbit", 1000000000 },
	{ NULL, 0 },
};

static int parse_rate(const char *text, uint64_t *ret, struct err *err)
{
	uint64_t value = 0;

	if (strcmp(text, "unlimited") == 0) {
		*ret = 0;
		return 0;
	}
	int r = parse_with_unit(text, units, MOST, &value);
	if (r == -EINVAL)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a bandwidth: use bits a second with K, M or G, as in 20M, "
		    "or "
		    "DOWN/UP, as in 20M/5M",
		    text);
	if (r < 0 || value < LEAST)
		return err_say(err, ERANGE,
		    "\"%.128s\" is too %s: 64K is the least and 16G the most", text,
		    r < 0 ? "large" : "small");
	*ret = value;
	return 0;
}

int parse_bandwidth(const char *text, uint64_t *ret_down, uint64_t *ret_up, struct err *err)
{
	const char *slash = strchr(text, '/');
	char first[32];
	uint64_t down = 0, up = 0;

	snprintf(first, sizeof(first), "%.*s", (int)(slash ? slash - text : 31), text);
	int r = parse_rate(first, &down, err);
	if (r == 0)
		r = parse_rate(slash ? slash + 1 : first, &up, err);
	if (r < 0)
		return r;
	*ret_down = down;
	*ret_up = up;
	return 0;
}
