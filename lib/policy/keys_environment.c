/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_env(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_environment(&spec->identity.environment, value, err);
}

int key_parse_env_file(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_environment_file(&spec->identity.environment, value, err);
}

/* The variables are members of the section themselves, as they are its keys in a policy file. */
void key_print_env(const struct jail_spec *spec, const char *name, struct json *json)
{
	const struct strv *environment = &spec->identity.environment;

	(void)name;
	for (size_t i = 0; i < environment->count; i++) {
		char *variable = environment->items[i];
		char *equals = strchr(variable, '=');
		*equals = '\0';
		json_string(json, variable, equals + 1);
		*equals = '=';
	}
}
