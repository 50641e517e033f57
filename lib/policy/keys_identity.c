/* SPDX-License-Identifier: MIT */
#include <linux/capability.h>
#include <string.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_hostname(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_name(value, err);

	return r < 0 ? r : parse_text(value, &spec->identity.hostname, err);
}

void key_print_hostname(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->identity.hostname ?: spec->name);
}

int key_parse_user(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_user(value, err);

	return r < 0 ? r : parse_text(value, &spec->identity.user, err);
}

void key_print_user(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->identity.user ?: "0");
}

int key_parse_env(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_environment(&spec->identity.environment, value, err);
}

int key_parse_env_file(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_environment_file(&spec->identity.environment, value, err);
}

void key_print_env(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_array(json, name);
	for (size_t i = 0; i < spec->identity.environment.count; i++)
		json_string(json, NULL, spec->identity.environment.items[i]);
	json_end(json);
}

int key_parse_clear_env(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->identity.clear_environment, err);
}

void key_print_clear_env(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->identity.clear_environment);
}

static const struct parse_choice userns_modes[] = { { "private", USERNS_PRIVATE },
	{ "host", USERNS_HOST }, { NULL, 0 } };

int key_parse_userns(struct jail_spec *spec, const char *value, struct err *err)
{
	int mode = 0;
	int r = parse_choice(value, userns_modes, &mode, err);

	if (r == 0)
		spec->identity.userns = (enum userns_mode)mode;
	return r;
}

void key_print_userns(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, parse_choice_word(userns_modes, spec->identity.userns));
}

#define BIT(capability) (UINT64_C(1) << (capability))

/* A name counts more than "all", whatever the order: all but what is dropped, none but what is
 * added, as docker has it. */
static void combine_capabilities(struct spec_identity *identity)
{
	uint64_t added = identity->capabilities_added, dropped = identity->capabilities_dropped;
	uint64_t set = SPEC_CAPABILITIES_DEFAULT;

	if (dropped & SPEC_CAPABILITY_ALL)
		set = 0;
	if (added & SPEC_CAPABILITY_ALL)
		set = ~UINT64_C(0);
	set = (set & ~dropped) | added;
	identity->capabilities = set & ~SPEC_CAPABILITY_ALL;
	identity->jail_owned_for = identity->capabilities & ~SPEC_CAPABILITIES_DEFAULT &
				   (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_ADMIN));
}

int key_parse_cap_add(struct jail_spec *spec, const char *value, struct err *err)
{
	uint64_t mask = 0;
	int r = parse_capabilities(value, &mask, err);

	if (r < 0)
		return r;
	spec->identity.capabilities_added |= mask;
	combine_capabilities(&spec->identity);
	return 0;
}

int key_parse_cap_drop(struct jail_spec *spec, const char *value, struct err *err)
{
	uint64_t mask = 0;
	int r = parse_capabilities(value, &mask, err);

	if (r < 0)
		return r;
	spec->identity.capabilities_dropped |= mask;
	combine_capabilities(&spec->identity);
	return 0;
}

static void print_capabilities(struct json *json, const char *name, uint64_t mask)
{
	json_array(json, name);
	if (mask & SPEC_CAPABILITY_ALL)
		json_string(json, NULL, "all");
	for (unsigned n = 0; n <= CAP_LAST_CAP; n++) {
		char text[PARSE_CAPABILITY_MAX];
		parse_capability_name(n, text);
		if (mask & BIT(n))
			json_string(json, NULL, text);
	}
	json_end(json);
}

void key_print_cap_add(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_capabilities(json, name, spec->identity.capabilities_added);
}

/* And, since it is the last of the two, what came out of both. */
void key_print_cap_drop(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_capabilities(json, name, spec->identity.capabilities_dropped);
	print_capabilities(json, "capabilities", spec->identity.capabilities);
}

int key_parse_seccomp(struct jail_spec *spec, const char *value, struct err *err)
{
	if (strcmp(value, "default") == 0) {
		spec->identity.seccomp = SECCOMP_PROFILE_DEFAULT;
		return 0;
	}
	if (strcmp(value, "none") == 0) {
		spec->identity.seccomp = SECCOMP_PROFILE_NONE;
		return 0;
	}
	spec->identity.seccomp = SECCOMP_PROFILE_FILE;
	return parse_text(value, &spec->identity.seccomp_path, err);
}

void key_print_seccomp(const struct jail_spec *spec, const char *name, struct json *json)
{
	const char *words[] = { [SECCOMP_PROFILE_DEFAULT] = "default",
		[SECCOMP_PROFILE_NONE] = "none",
		[SECCOMP_PROFILE_FILE] = spec->identity.seccomp_path };

	json_string(json, name, words[spec->identity.seccomp]);
}

int key_parse_allow_setuid(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->identity.allow_setuid, err);
}

void key_print_allow_setuid(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->identity.allow_setuid);
}
