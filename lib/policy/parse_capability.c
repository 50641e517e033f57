/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#include "lib/policy/parse.h"

void parse_capability_name(unsigned n, char text[PARSE_CAPABILITY_MAX])
{
	char *name = n <= CAP_LAST_CAP ? cap_to_name((cap_value_t)n) : NULL;

	snprintf(text, PARSE_CAPABILITY_MAX, "%s", name ? name + strlen("cap_") : "");
	cap_free(name);
}

struct names {
	char name[CAP_LAST_CAP + 1][PARSE_CAPABILITY_MAX];
};

static const char *name_of(size_t index, const void *data)
{
	const struct names *names = data;

	return index <= CAP_LAST_CAP ? names->name[index] : NULL;
}

static int refuse(const char *word, struct err *err)
{
	struct names names = { 0 };
	char lower[PARSE_CAPABILITY_MAX];
	size_t i = 0;

	for (; i < sizeof(lower) - 1 && word[i]; i++)
		lower[i] = (char)tolower((unsigned char)word[i]);
	lower[i] = '\0';
	for (unsigned n = 0; n <= CAP_LAST_CAP; n++)
		parse_capability_name(n, names.name[n]);
	const char *near = str_nearest(lower, name_of, &names);
	return err_say(err, EINVAL,
	    "\"%.128s\" is not a capability: use the names of capabilities(7), as in net_admin, or "
	    "all%s%s%s",
	    word, near ? "; did you mean " : "", near ?: "", near ? "?" : "");
}

static int parse_one(const char *word, uint64_t *mask, struct err *err)
{
	char name[40] = "cap_";
	cap_value_t value;

	if (strcasecmp(word, "all") == 0) {
		*mask |= SPEC_CAPABILITY_ALL;
		return 0;
	}
	if (strncasecmp(word, "cap_", 4) == 0)
		word += 4;
	/* libcap takes numbers too; one that is meant for another option shall not pass here. */
	if (strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") != strlen(word) ||
	    strlen(word) >= sizeof(name) - 4)
		return refuse(word, err);
	for (size_t i = 0; word[i]; i++)
		name[i + 4] = (char)tolower((unsigned char)word[i]);
	if (cap_from_name(name, &value) < 0 || value < 0 || value > 62)
		return refuse(word, err);
	*mask |= UINT64_C(1) << value;
	return 0;
}

int parse_capabilities(const char *text, uint64_t *ret, struct err *err)
{
	const char *next = text;
	char word[PARSE_CAPABILITY_MAX + 4];
	uint64_t mask = 0;

	while (next) {
		if (parse_field(&next, ',', word, sizeof(word)) < 0)
			return refuse(text, err);
		int r = parse_one(word, &mask, err);
		if (r < 0)
			return r;
	}
	*ret = mask;
	return 0;
}
