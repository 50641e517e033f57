/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp_part.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/seccomp_part_profile.h"

/*
 * libseccomp compiles one set of rules without an order: a system call cannot be allowed but for
 * some arguments there, nor refused with an error of its own for all arguments that are not
 * allowed. So a profile becomes up to three filters, one behind the other in one program. A call
 * falls through to the next where no rule is about it:
 *
 *	1. rules that refuse, and depend on arguments: what is refused is refused
 *	2. rules that allow
 *	3. rules that refuse whatever the arguments: what is left of a system call; then the default
 *
 * In one program, because a call that stage 2 allows then ends there, and the kernel can tell from
 * the number alone that it will; of filters installed one by one each would run for each call.
 */
enum stage { REFUSE_SOME, ALLOW, REFUSE_REST, STAGES };

/* Stands for "fall through" in a stage that has no rule with that action. */
static const uint32_t fall_through[] = {
	[REFUSE_SOME] = SCMP_ACT_ALLOW,
	[ALLOW] = SCMP_ACT_TRAP,
};

static const uint32_t fall_through_return[] = {
	[REFUSE_SOME] = SECCOMP_RET_ALLOW,
	[ALLOW] = SECCOMP_RET_TRAP,
};

static enum stage stage_of(const struct seccomp_rule *rule)
{
	if (seccomp_action_permits(rule->action))
		return ALLOW;
	return rule->arg_count ? REFUSE_SOME : REFUSE_REST;
}

static void release(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

#define cleanup_filter __attribute__((cleanup(release)))

/*
 * A call by another table of system calls than those of the profile (32-bit programs on a 64-bit
 * machine, x32) would be judged by the wrong numbers: it ends the program. KILL_PROCESS, because
 * one thread missing leaves a program that hangs.
 */
static int start_filter(const struct seccomp_profile *profile, uint32_t default_action,
    scmp_filter_ctx *ret, struct err *err)
{
	cleanup_filter scmp_filter_ctx filter = seccomp_init(default_action);

	if (!filter)
		return err_say(err, ENOMEM, "libseccomp cannot start a filter");
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A binary search for the number: the filter is larger, but the kernel takes less than half
	 * the time to install it, and calls whose arguments matter are judged sooner. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (unsigned i = 0; r == 0 && i < profile->arch_count; i++)
		r = seccomp_arch_add(filter, profile->arches[i]);
	if (r < 0)
		return err_sys(err, -r, "libseccomp cannot start a filter");
	*ret = take_ptr(filter);
	return 0;
}

/*
 * A name that libseccomp does not know is one of a newer kernel, or a mistake. Refused by default,
 * it does no harm; where the default is to allow, what was to be refused would be open.
 */
static int check_unknown(const struct seccomp_profile *profile, const struct seccomp_rule *rule,
    size_t index, struct err *err)
{
	if (!seccomp_action_permits(profile->default_action) || stage_of(rule) == ALLOW)
		return 0;
	return err_say(err, EINVAL,
	    "%s.names[%zu]: libseccomp does not know \"%.40s\", and what it does not know this "
	    "profile allows",
	    rule->place.text, index, seccomp_rule_name(rule, index));
}

static bool rule_names(const struct seccomp_rule *rule, const char *wanted)
{
	const char *name;

	for (size_t i = 0; (name = seccomp_rule_name(rule, i)); i++)
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

/*
 * What is both allowed and refused, neither depending on arguments (podman's profile has such
 * calls), is refused: without this stage 2 would have the last word.
 */
static bool is_overruled(
    const struct seccomp_profile *profile, const struct seccomp_rule *rule, const char *name)
{
	if (stage_of(rule) != ALLOW || rule->arg_count)
		return false;
	for (size_t i = 0; i < profile->rule_count; i++)
		if (stage_of(&profile->rules[i]) == REFUSE_REST &&
		    rule_names(&profile->rules[i], name))
			return true;
	return false;
}

static int add_rule(scmp_filter_ctx filter, const struct seccomp_profile *profile,
    const struct seccomp_rule *rule, struct err *err)
{
	const char *name;

	for (size_t i = 0; (name = seccomp_rule_name(rule, i)); i++) {
		int number = seccomp_syscall_resolve_name(name);
		if (is_overruled(profile, rule, name))
			continue;
		if (number == __NR_SCMP_ERROR) {
			int r = check_unknown(profile, rule, i, err);
			if (r < 0)
				return r;
			continue;
		}
		int r = seccomp_rule_add_array(
		    filter, rule->action, number, rule->arg_count, rule->args);
		/* EACCES: the stage does that anyway. EEXIST: a rule said so before. */
		if (r < 0 && r != -EACCES && r != -EEXIST)
			return err_sys(err, -r, "%s.names[%zu]: libseccomp refuses the rule for %s",
			    rule->place.text, i, name);
	}
	return 0;
}

/* Appends the filter's program at code[*length]. */
static int append_program(
    scmp_filter_ctx filter, struct sock_filter *code, size_t *length, struct err *err)
{
	size_t room = (BPF_MAXINSNS - *length) * sizeof(*code);
	cleanup_fd int file = memfd_create("seccomp", MFD_CLOEXEC);

	if (file < 0)
		return err_sys(err, errno, "cannot keep the filter");
	int r = seccomp_export_bpf(filter, file);
	if (r < 0)
		return err_sys(err, -r, "libseccomp cannot compile the filter");
	off_t size = lseek(file, 0, SEEK_END);
	if (size < 0 || size % (off_t)sizeof(*code))
		return err_say(err, EIO, "libseccomp compiled half an instruction");
	if ((uint64_t)size > room)
		return err_say(err, E2BIG, "compiles to more than %d instructions", BPF_MAXINSNS);
	if (pread(file, code + *length, (size_t)size, 0) != size)
		return err_sys(err, errno ?: EIO, "cannot read the filter");
	*length += (size_t)size / sizeof(*code);
	return 0;
}

/* Turns "no rule is about it" into a jump to the next stage, which begins at code[end]. */
static void link_stage(struct sock_filter *code, size_t begin, size_t end, uint32_t returned)
{
	for (size_t i = begin; i < end; i++)
		if (code[i].code == (BPF_RET | BPF_K) && code[i].k == returned)
			code[i] =
			    (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(end - i - 1));
}

static int compile_stage(const struct seccomp_profile *profile, enum stage stage,
    struct sock_filter *code, size_t *length, struct err *err)
{
	bool last = stage == REFUSE_REST;
	cleanup_filter scmp_filter_ctx filter = NULL;
	size_t begin = *length, rules = 0;
	int r = start_filter(
	    profile, last ? profile->default_action : fall_through[stage], &filter, err);

	for (size_t i = 0; r == 0 && i < profile->rule_count; i++) {
		if (stage_of(&profile->rules[i]) != stage)
			continue;
		rules++;
		r = add_rule(filter, profile, &profile->rules[i], err);
	}
	if (r < 0 || (!rules && !last))
		return r;
	r = append_program(filter, code, length, err);
	if (r == 0 && !last)
		link_stage(code, begin, *length, fall_through_return[stage]);
	return r;
}

__attribute__((visibility("default"))) int contain_seccomp_compile(const char *text,
    size_t text_len, uint64_t capabilities, struct sock_filter *code, size_t *ret_length,
    struct err *err)
{
	struct seccomp_profile profile;
	size_t length = 0;
	int r = seccomp_profile_parse(text, text_len, capabilities, &profile, err);

	if (r < 0)
		return r;
	for (enum stage stage = 0; r == 0 && stage < STAGES; stage++)
		r = compile_stage(&profile, stage, code, &length, err);
	seccomp_profile_done(&profile);
	if (r == 0)
		*ret_length = length;
	return r;
}
