/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/policy/keys.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"

/* The row that the text at this place names as an option; *ret_length characters of it. */
static const struct policy_key *option_at(const char *text, size_t *ret_length)
{
	if (strncmp(text, "--", 2) != 0)
		return NULL;
	*ret_length = 2 + strspn(text + 2, LETTERS "-");
	const struct policy_key *key = policy_key_of_option(text, *ret_length);
	return key && key->uses & KEY_FILE && !(key->uses & KEY_FREE) ? key : NULL;
}

/* The same for "[limits] memory". */
static const struct policy_key *key_at(const char *text, size_t *ret_length)
{
	char section[24], name[24];
	int length = 0;

	if (sscanf(text, "[%23[a-z]] %23[a-z_]%n", section, name, &length) != 2 || !length)
		return NULL;
	*ret_length = (size_t)length;
	const struct policy_key *key = policy_key_find(KEY_FILE | KEY_NETWORK, section, name);
	return key && !(key->uses & KEY_FREE) ? key : NULL;
}

const struct policy_key *policy_keys_next_named(const char **text, const char **ret_start)
{
	for (const char *at = *text; *at; at++) {
		bool begins = at == *text || !strchr(LETTERS "-_", at[-1]);
		size_t length;
		const struct policy_key *key = begins ? option_at(at, &length) : NULL;
		if (!key && *at == '[')
			key = key_at(at, &length);
		if (!key)
			continue;
		*ret_start = at;
		*text = at + length;
		return key;
	}
	return NULL;
}

void policy_keys_rephrase(const char *text, char *ret, size_t size)
{
	const struct policy_key *key;
	const char *rest = text, *start;
	size_t used = 0;

	ret[0] = '\0';
	for (; used < size && (key = policy_keys_next_named(&rest, &start)); text = rest)
		used += (size_t)snprintf(ret + used, size - used, "%.*s[%s] %s",
		    (int)(start - text), text, key->section, key->name);
	if (used < size)
		snprintf(ret + used, size - used, "%s", text);
}
