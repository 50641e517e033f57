/* SPDX-License-Identifier: MIT */
#include "pam_contain/pam_arguments.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/policy/exempt.h"
#include "lib/policy/load.h"

#define TIMEOUT_DEFAULT 10
#define TIMEOUT_MAX	300

static int parse_debug(struct arguments *arguments, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	arguments->debug = true;
	return 0;
}

static int parse_timeout(struct arguments *arguments, const char *value, struct err *err)
{
	uint64_t seconds;

	if (str_to_u64(value, TIMEOUT_MAX, &seconds) < 0 || seconds == 0)
		return err_say(err, EINVAL, "\"%.64s\" is not a number of seconds from 1 to %d",
		    value, TIMEOUT_MAX);
	arguments->timeout = (unsigned)seconds;
	return 0;
}

static int parse_conf(struct arguments *arguments, const char *value, struct err *err)
{
	if (value[0] != '/' || strlen(value) >= PATH_MAX)
		return err_say(err, EINVAL, "\"%.64s\" is not an absolute path", value);
	arguments->conf = value;
	return 0;
}

static int parse_services(struct arguments *arguments, const char *value, struct err *err)
{
	if (!*value)
		return err_say(err, EINVAL, "names no service: list them as in sshd,login");
	arguments->services = value;
	return 0;
}

static int parse_exempt_group(struct arguments *arguments, const char *value, struct err *err)
{
	if (!*value)
		return err_say(err, EINVAL, "names no group");
	arguments->exempt_group = value;
	return 0;
}

/* With "=" at the end of those that take a value. */
static const struct {
	const char *name;
	int (*parse)(struct arguments *arguments, const char *value, struct err *err);
} known[] = {
	{ "debug", parse_debug },
	{ "timeout=", parse_timeout },
	{ "conf=", parse_conf },
	{ "services=", parse_services },
	{ "exempt_group=", parse_exempt_group },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static const char *name_of(size_t index, const void *data)
{
	(void)data;
	return index < KNOWN ? known[index].name : NULL;
}

static int parse_one(struct arguments *arguments, const char *word, struct err *err)
{
	char name[32];

	for (size_t i = 0; i < KNOWN; i++) {
		size_t length = strlen(known[i].name);
		bool with_value = known[i].name[length - 1] == '=';
		if (with_value ? strncmp(word, known[i].name, length) != 0
			       : strcmp(word, known[i].name) != 0)
			continue;
		return known[i].parse(arguments, word + length, err) < 0
			   ? err_prefix(err, "%.32s", known[i].name)
			   : 0;
	}
	size_t length = strcspn(word, "=");
	snprintf(name, sizeof(name), "%.*s", (int)length + (word[length] == '='), word);
	const char *near = str_nearest(name, name_of, NULL);
	return err_say(err, EINVAL, "\"%.64s\" is not an argument of this module%s%s%s", word,
	    near ? "; did you mean " : "", near ?: "", near ? "?" : "");
}

int arguments_parse(int argc, const char **argv, struct arguments *ret, struct err *err)
{
	int r = 0;

	*ret = (struct arguments){ .timeout = TIMEOUT_DEFAULT,
		.conf = POLICY_DIRECTORY,
		.services = EXEMPT_SERVICES,
		.exempt_group = EXEMPT_GROUP };
	for (int i = 0; i < argc; i++) {
		int one = parse_one(ret, argv[i], r < 0 ? NULL : err);
		r = r < 0 ? r : one;
	}
	return r;
}
