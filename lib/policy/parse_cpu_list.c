/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

/* "3" or "0-7". Returns 0 or -EINVAL, with *ret_from > *ret_to for a range in reverse. */
static int parse_range(char *text, uint64_t *ret_from, uint64_t *ret_to)
{
	char *dash = strchr(text, '-');

	if (dash)
		*dash = '\0';
	if (parse_number(text, CPU_SETSIZE - 1, ret_from) < 0)
		return -EINVAL;
	if (!dash) {
		*ret_to = *ret_from;
		return 0;
	}
	return parse_number(dash + 1, CPU_SETSIZE - 1, ret_to) < 0 ? -EINVAL : 0;
}

int parse_cpu_list(const char *text, cpu_set_t *ret, struct err *err)
{
	const char *next = text;
	char item[16]; /* the longest is 1023-1023 */
	cpu_set_t set;
	uint64_t from, to;

	CPU_ZERO(&set);
	while (next) {
		if (parse_field(&next, ',', item, sizeof(item)) < 0 ||
		    parse_range(item, &from, &to) < 0)
			return err_say(err, EINVAL,
			    "\"%.128s\" is not a list of cores, which have numbers from 0 to %d: "
			    "use "
			    "numbers and ranges, as in 1,3 or 0-7",
			    text, CPU_SETSIZE - 1);
		if (from > to)
			return err_say(err, EINVAL,
			    "\"%.128s\" has a range in reverse: write %d-%d", text, (int)to,
			    (int)from);
		for (uint64_t core = from; core <= to; core++)
			CPU_SET(core, &set);
	}
	*ret = set;
	return 0;
}

void spec_format_cpus(const cpu_set_t *cpus, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned from = 0; from < CPU_SETSIZE; from++) {
		unsigned to = from;
		char item[16];
		if (!CPU_ISSET(from, cpus))
			continue;
		while (to + 1 < CPU_SETSIZE && CPU_ISSET(to + 1, cpus))
			to++;
		int n = from == to ? snprintf(item, sizeof(item), "%u", from)
				   : snprintf(item, sizeof(item), "%u-%u", from, to);
		if (used + (size_t)n + 2 > size)
			return;
		used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "," : "", item);
		from = to;
	}
}

int spec_check_cpus(const cpu_set_t *wanted, const cpu_set_t *online, struct err *err)
{
	cpu_set_t missing, both;
	char missing_text[128], online_text[128];

	CPU_AND(&both, wanted, online);
	if (CPU_EQUAL(&both, wanted))
		return 0;
	CPU_XOR(&missing, wanted, &both);
	spec_format_cpus(&missing, missing_text, sizeof(missing_text));
	spec_format_cpus(online, online_text, sizeof(online_text));
	return err_say(err, EINVAL, "--cpu-core-ids: this machine has no core %s, only %s",
	    missing_text, online_text);
}
