/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp_part_profile.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/kernel/seccomp_part_json.h"

struct draft {
	struct seccomp_profile profile;
	struct seccomp_action default_action;
	uint64_t capabilities;
};

static int read_rule(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct draft *draft = target;
	struct seccomp_profile *profile = &draft->profile;
	bool applies;
	int r = seccomp_rule_read(
	    place, value, draft->capabilities, &profile->rules[profile->rule_count], &applies, err);

	if (r == 0 && applies)
		profile->rule_count++;
	return r;
}

static int read_rules(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct seccomp_profile *profile = &((struct draft *)target)->profile;

	profile->rules = calloc(SECCOMP_RULES_MAX, sizeof(*profile->rules));
	if (!profile->rules)
		return err_sys(err, ENOMEM, "%s", place->text);
	return json_read_array(place, value, SECCOMP_RULES_MAX, read_rule, target, err);
}

static const struct json_word arches[] = {
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
	{ "SCMP_ARCH_MIPS", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PARISC", SCMP_ARCH_PARISC },
	{ "SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64 },
	{ "SCMP_ARCH_PPC", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64 },
	{ "SCMP_ARCH_S390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", SCMP_ARCH_S390X },
	/* known to later releases of libseccomp, and never ours */
	{ "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_M68K", 0 },
	{ "SCMP_ARCH_SH", 0 },
	{ "SCMP_ARCH_SHEB", 0 },
};

/* The other system call tables that a machine's kernel may have. */
static bool runs_here(uint32_t arch)
{
	static const uint32_t pairs[][2] = {
		{ SCMP_ARCH_X86_64, SCMP_ARCH_X86 },
		{ SCMP_ARCH_X86_64, SCMP_ARCH_X32 },
		{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
		{ SCMP_ARCH_PPC64, SCMP_ARCH_PPC },
		{ SCMP_ARCH_S390X, SCMP_ARCH_S390 },
		{ SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS },
		{ SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32 },
		{ SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL },
		{ SCMP_ARCH_MIPSEL64, SCMP_ARCH_MIPSEL64N32 },
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		if (pairs[i][0] == seccomp_arch_native() && pairs[i][1] == arch)
			return true;
	return false;
}

/* Profiles list the architectures of all machines; those of other machines mean nothing here. */
static int read_arch(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct seccomp_profile *profile = target;
	uint32_t arch;
	int r = json_read_word(place, value, arches, COUNT(arches), &arch, err);

	if (r < 0 || !runs_here(arch))
		return r;
	for (unsigned i = 0; i < profile->arch_count; i++)
		if (profile->arches[i] == arch)
			return 0;
	if (profile->arch_count < SECCOMP_ARCHES_MAX)
		profile->arches[profile->arch_count++] = arch;
	return 0;
}

static int read_arches(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct draft *draft = target;

	return json_read_array(place, value, 64, read_arch, &draft->profile, err);
}

static const struct json_key arch_map_keys[] = {
	{ "architecture", json_read_any_string },
	{ "subArchitectures", read_arches },
};

static int read_arch_map_item(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct draft elsewhere = { .capabilities = 0 };
	struct json_object *main_arch = json_object_object_get(value, "architecture");
	struct json_place main_place = json_member(place, "architecture");
	uint32_t arch;

	if (!main_arch)
		return err_say(err, EINVAL, "%s: is missing", main_place.text);
	int r = json_read_word(&main_place, main_arch, arches, COUNT(arches), &arch, err);
	if (r < 0)
		return r;
	bool ours = arch == seccomp_arch_native();
	return json_read_object(
	    place, value, arch_map_keys, COUNT(arch_map_keys), ours ? target : &elsewhere, err);
}

static int read_arch_map(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return json_read_array(place, value, 64, read_arch_map_item, target, err);
}

/* TSYNC concerns programs with threads, and we have none yet. */
static int read_flag(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	static const struct json_word flags[] = { { "SECCOMP_FILTER_FLAG_TSYNC", 0 } };
	uint32_t ignored;

	(void)target;
	return json_read_word(place, value, flags, COUNT(flags), &ignored, err);
}

static int read_flags(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return json_read_array(place, value, 16, read_flag, target, err);
}

static int read_default_action(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read(place, value, &((struct draft *)target)->default_action, err);
}

static int read_default_errno(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read_errno(
	    place, value, &((struct draft *)target)->default_action, err);
}

static int read_default_errno_name(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read_errno_name(
	    place, value, &((struct draft *)target)->default_action, err);
}

static const struct json_key profile_keys[] = {
	{ "defaultAction", read_default_action },
	{ "defaultErrnoRet", read_default_errno },
	{ "defaultErrno", read_default_errno_name },
	{ "architectures", read_arches },
	{ "archMap", read_arch_map },
	{ "flags", read_flags },
	{ "syscalls", read_rules },
	{ "comment", json_read_any_string },
};

int seccomp_profile_parse(const char *text, size_t text_len, uint64_t capabilities,
    struct seccomp_profile *ret, struct err *err)
{
	struct draft draft = { .capabilities = capabilities };
	struct json_place top = { "" }, default_place = { "defaultAction" };
	int r = json_parse(text, text_len, &draft.profile.json, err);

	if (r == 0)
		r = json_read_object(
		    &top, draft.profile.json, profile_keys, COUNT(profile_keys), &draft, err);
	if (r == 0)
		r = seccomp_action_finish(
		    &default_place, &draft.default_action, &draft.profile.default_action, err);
	if (r < 0) {
		seccomp_profile_done(&draft.profile);
		return r;
	}
	*ret = draft.profile;
	return 0;
}

void seccomp_profile_done(struct seccomp_profile *profile)
{
	free(profile->rules);
	json_object_put(profile->json);
	*profile = (struct seccomp_profile){ .json = NULL };
}
