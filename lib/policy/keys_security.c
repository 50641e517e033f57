/* SPDX-License-Identifier: MIT */
#include <linux/capability.h>
#include <string.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

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

/*
 * A name counts more than "all", whatever the order: all but what is dropped, none but what is
 * added, as docker has it. An ordinary account has no use for capabilities without set-user-ID
 * programs, and what a filter or a limit of the jail leaves open is then less.
 */
void spec_combine_capabilities(struct jail_spec *spec)
{
	struct spec_identity *identity = &spec->identity;
	uint64_t added = identity->capabilities_added, dropped = identity->capabilities_dropped;
	uint64_t set = SPEC_CAPABILITIES_DEFAULT;

	if (identity->capabilities_given)
		set = identity->capabilities_base;
	else if (spec->account && !identity->allow_setuid)
		set = 0;
	if (dropped & SPEC_CAPABILITY_ALL)
		set = 0;
	if ((set | added) & SPEC_CAPABILITY_ALL)
		set = ~UINT64_C(0);
	set = (set & ~dropped) | added;
	identity->capabilities = set & ~SPEC_CAPABILITY_ALL;
	identity->jail_owned_for = identity->capabilities & ~SPEC_CAPABILITIES_DEFAULT &
				   (BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) | BIT(CAP_SYS_ADMIN));
}

int key_parse_capability(struct jail_spec *spec, const char *value, struct err *err)
{
	uint64_t mask = 0;
	int r = 0;

	if (strcmp(value, "default") == 0)
		mask = SPEC_CAPABILITIES_DEFAULT;
	else if (strcmp(value, "none") != 0)
		r = parse_capabilities(value, &mask, err);
	if (r < 0)
		return r;
	spec->identity.capabilities_given = true;
	spec->identity.capabilities_base |= mask;
	spec_combine_capabilities(spec);
	return 0;
}

void key_clear_capabilities(struct jail_spec *spec)
{
	spec->identity.capabilities_given = false;
	spec->identity.capabilities_base = 0;
	spec_combine_capabilities(spec);
}

int key_parse_cap_add(struct jail_spec *spec, const char *value, struct err *err)
{
	uint64_t mask = 0;
	int r = parse_capabilities(value, &mask, err);

	if (r < 0)
		return r;
	spec->identity.capabilities_added |= mask;
	spec_combine_capabilities(spec);
	return 0;
}

int key_parse_cap_drop(struct jail_spec *spec, const char *value, struct err *err)
{
	uint64_t mask = 0;
	int r = parse_capabilities(value, &mask, err);

	if (r < 0)
		return r;
	spec->identity.capabilities_dropped |= mask;
	spec_combine_capabilities(spec);
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

/* What came out of this and of the next two. */
void key_print_capabilities(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_capabilities(json, name, spec->identity.capabilities);
}

void key_print_cap_add(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_capabilities(json, name, spec->identity.capabilities_added);
}

void key_print_cap_drop(const struct jail_spec *spec, const char *name, struct json *json)
{
	print_capabilities(json, name, spec->identity.capabilities_dropped);
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
	int r = parse_flag(value, &spec->identity.allow_setuid, err);

	if (r == 0)
		spec_combine_capabilities(spec);
	return r;
}

void key_print_allow_setuid(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->identity.allow_setuid);
}

int key_parse_nested_userns(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->identity.nested_userns, err);
}

void key_print_nested_userns(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->identity.nested_userns);
}
