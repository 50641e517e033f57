/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_KEYS_H
#define CONTAIN_POLICY_KEYS_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/policy/spec.h"

/*
 * Everything that can be said about a jail, one row each. From a row come the policy key, the
 * command line option and its aliases, the help, the manual's list and the JSON.
 */
struct policy_key {
	const char *section; /* of a policy file: "limits"; NULL: not in policy files */
	const char *name;    /* of the key in that section, and in the JSON: "memory" */
	const char *options; /* "--memory --memory-limit -m", canonical first; NULL: no option */
	const char *value; /* what the value is called in help: "SIZE"; NULL: a flag without one */
	const char *help;  /* one sentence, lower case, no full stop */
	const char *details; /* whole sentences that the manual adds to it; NULL: none */
	/*
	 * Put `value` ("yes" or "no" for flags) into the spec. Lists grow by one item a call; of
	 * anything else the last call wins. Returns 0, or -errno with a message that says what is
	 * wrong and what is right, without the option's name, which the caller puts in front; the
	 * spec then still is one that spec_done() frees, and good for nothing else.
	 */
	int (*parse)(struct jail_spec *spec, const char *value, struct err *err);
	/* Write the spec's value as the member row->name of an open JSON object. NULL: another row
	 * writes it. */
	void (*print)(const struct jail_spec *spec, const char *name, struct json *json);
};

/* All rows, sections together, in the order of the manual; ends with a row whose name is NULL. */
extern const struct policy_key policy_keys[];

/* The whole spec as one JSON object: a member per section, then those of no section, the command.
 */
void policy_keys_print(const struct jail_spec *spec, struct json *json, const char *member);

#endif
