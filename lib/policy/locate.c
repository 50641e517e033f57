/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/policy/load.h"

const struct policy_origin *policy_origin_named(const struct policy *policy, const struct err *err)
{
	const char *rest = err ? err->text : "", *start;
	const struct policy_key *key;

	while ((key = policy_keys_next_named(&rest, &start))) {
		const struct policy_origin *origin = policy_origin_find(policy, key, NULL);
		if (origin)
			return origin;
	}
	return NULL;
}

int policy_locate(const struct policy *policy, struct err *err)
{
	const struct policy_origin *origin = policy_origin_named(policy, err);
	char text[sizeof(err->text)];

	if (!err || !err->code)
		return err_prefix(err, "policy");
	policy_keys_rephrase(err->text, text, sizeof(text));
	memcpy(err->text, text, sizeof(text));
	if (origin)
		err_prefix(err, "%.256s:%u", origin->file, origin->line);
	return -err->code;
}
