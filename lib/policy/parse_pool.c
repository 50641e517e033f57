/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

/* At least two hosts, the bridge and one more; and no more than anybody can have meant. */
#define PREFIX_MIN    8
#define PREFIX_MAX_V4 30
#define PREFIX_MAX_V6 126

int parse_pool(const char *text, struct spec_address *ret, struct err *err)
{
	struct spec_address pool;
	char first[SPEC_ADDRESS_TEXT_MAX];

	if (parse_subnet(text, &pool) < 0 || !strchr(text, '/'))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a network: use IP/PREFIX, with zeros behind the prefix, as "
		    "in "
		    "10.98.0.0/16 or fd98::/64",
		    text);
	unsigned most = pool.family == AF_INET ? PREFIX_MAX_V4 : PREFIX_MAX_V6;
	if (pool.prefix < PREFIX_MIN || pool.prefix > most)
		return err_say(err, EINVAL, "\"%.128s\": a prefix of %d to %u is possible", text,
		    PREFIX_MIN, most);
	((uint8_t *)&pool.ip)[pool.family == AF_INET ? 3 : 15] |= 1;
	spec_format_address(&pool, first);
	if (parse_address(first, &pool, NULL) < 0)
		return err_say(err, EINVAL,
		    "\"%.128s\" is no network of hosts: use a private one, as in 10.98.0.0/16",
		    text);
	*ret = pool;
	return 0;
}
