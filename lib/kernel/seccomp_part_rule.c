/* SPDX-License-Identifier: MIT */
#include "lib/kernel/seccomp_part_rule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* The kernel takes MAX_ERRNO, 4095, too; libseccomp does not. */
#define ERRNO_MAX 4094

/* Actions. */

/* The number of ERRNO and TRACE is added by seccomp_action_finish(). */
static const struct json_word actions[] = {
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
};

bool seccomp_action_permits(uint32_t action)
{
	return action == SCMP_ACT_ALLOW || action == SCMP_ACT_LOG;
}

int seccomp_action_read(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct seccomp_action *action = target;
	const char *text;
	int r = json_read_string(place, value, &text, err);

	if (r == 0 && strcmp(text, "SCMP_ACT_NOTIFY") == 0)
		return err_say(err, EOPNOTSUPP,
		    "%s: SCMP_ACT_NOTIFY needs a process that answers, and there is none",
		    place->text);
	action->given = true;
	return r < 0 ? r
		     : json_read_word(place, value, actions, COUNT(actions), &action->value, err);
}

static int set_number(
    const struct json_place *place, struct seccomp_action *action, uint64_t number, struct err *err)
{
	if (action->number && action->number != number)
		return err_say(err, EINVAL, "%s: says %" PRIu64 ", and another key says %" PRIu64,
		    place->text, number, action->number);
	action->number = number;
	return 0;
}

/*
 * 0 is refused: a call that is not carried out and reports success breaks programs where it
 * matters, such as one that sheds its privileges and believes that it has.
 */
int seccomp_action_read_errno(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	uint64_t number;
	int r = json_read_uint(place, value, 1, ERRNO_MAX, &number, err);

	return r < 0 ? r : set_number(place, target, number, err);
}

/* Podman writes "EPERM" besides the number. */
int seccomp_action_read_errno_name(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	const char *text;
	int r = json_read_string(place, value, &text, err);

	if (r < 0 || !text[0])
		return r;
	for (int number = 1; number <= ERRNO_MAX; number++) {
		const char *name = strerrorname_np(number);
		if (name && strcmp(name, text) == 0)
			return set_number(place, target, (uint64_t)number, err);
	}
	return err_say(err, EINVAL, "%s: \"%.40s\" is not the name of an error; \"EPERM\" would be",
	    place->text, text);
}

int seccomp_action_finish(const struct json_place *place, const struct seccomp_action *action,
    uint32_t *ret, struct err *err)
{
	uint64_t number = action->number ?: EPERM;

	if (!action->given)
		return err_say(err, EINVAL, "%s: is missing", place->text);
	if (action->value == SCMP_ACT_ERRNO(0))
		*ret = SCMP_ACT_ERRNO(number);
	else if (action->value == SCMP_ACT_TRACE(0))
		*ret = SCMP_ACT_TRACE(number);
	else if (action->number)
		return err_say(err, EINVAL, "%s: takes no errno value", place->text);
	else
		*ret = action->value;
	return 0;
}

/* "args": comparisons with the arguments of the call. */

static const struct json_word operators[] = {
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
};

struct comparison {
	bool index_given, op_given, value_given;
	uint64_t index, value, value_two;
	uint32_t op;
};

static int read_index(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct comparison *comparison = target;

	comparison->index_given = true;
	return json_read_uint(place, value, 0, 5, &comparison->index, err);
}

static int read_value(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct comparison *comparison = target;

	comparison->value_given = true;
	return json_read_uint(place, value, 0, UINT64_MAX, &comparison->value, err);
}

static int read_value_two(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct comparison *comparison = target;

	return json_read_uint(place, value, 0, UINT64_MAX, &comparison->value_two, err);
}

static int read_op(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct comparison *comparison = target;

	comparison->op_given = true;
	return json_read_word(place, value, operators, COUNT(operators), &comparison->op, err);
}

static const struct json_key arg_keys[] = {
	{ "index", read_index },
	{ "value", read_value },
	{ "valueTwo", read_value_two },
	{ "op", read_op },
};

static int read_arg(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct seccomp_rule *rule = target;
	struct comparison found = { .index = 0 };
	int r = json_read_object(place, value, arg_keys, COUNT(arg_keys), &found, err);

	if (r < 0)
		return r;
	if (!found.index_given || !found.op_given || !found.value_given)
		return err_say(err, EINVAL, "%s: needs index, value and op", place->text);
	for (unsigned i = 0; i < rule->arg_count; i++)
		if (rule->args[i].arg == found.index)
			return err_say(err, EINVAL,
			    "%s: compares argument %u a second time; write a second rule",
			    place->text, (unsigned)found.index);
	rule->args[rule->arg_count++] = (struct scmp_arg_cmp){
		.arg = (unsigned)found.index,
		.op = (enum scmp_compare)found.op,
		.datum_a = found.value,
		.datum_b = found.value_two,
	};
	return 0;
}

/* "includes" and "excludes": what a rule depends on. */

/* Bits as in <linux/capability.h>. */
static const char *const capability_names[] = { "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
	"FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
	"NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT",
	"SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE",
	"AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
	"BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE" };

/* As the Go language calls architectures, which is what docker compares them to. */
static const struct json_word go_arches[] = {
	{ "amd64", SCMP_ARCH_X86_64 },
	{ "386", SCMP_ARCH_X86 },
	{ "x32", SCMP_ARCH_X32 },
	{ "arm64", SCMP_ARCH_AARCH64 },
	{ "arm", SCMP_ARCH_ARM },
	{ "ppc64le", SCMP_ARCH_PPC64LE },
	{ "ppc64", SCMP_ARCH_PPC64 },
	{ "riscv64", SCMP_ARCH_RISCV64 },
	{ "s390x", SCMP_ARCH_S390X },
};

/*
 * How a list of conditions compares to this machine. Capabilities must all be there to include a
 * rule, and any of them excludes it; of the architectures there is only one.
 */
struct condition {
	uint64_t have; /* capabilities of the command */
	bool some;     /* something listed is so ... */
	bool not_all;  /* ... or is not so */
};

static void count_condition(struct condition *condition, bool so)
{
	condition->some |= so;
	condition->not_all |= !so;
}

static int read_capability(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct condition *condition = target;
	const char *text;
	int r = json_read_string(place, value, &text, err);

	if (r < 0)
		return r;
	for (size_t i = 0; strncmp(text, "CAP_", 4) == 0 && i < COUNT(capability_names); i++) {
		if (strcmp(text + 4, capability_names[i]) != 0)
			continue;
		count_condition(condition, condition->have >> i & 1);
		return 0;
	}
	return err_say(err, EINVAL, "%s: \"%.40s\" is not a capability; \"CAP_SYS_ADMIN\" would be",
	    place->text, text);
}

static int read_caps(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return json_read_array(place, value, COUNT(capability_names), read_capability, target, err);
}

/* Names that are not in the table are those of machines that we do not run on. */
static int match_go_arch(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	const char *text;
	int r = json_read_string(place, value, &text, err);

	for (size_t i = 0; r == 0 && i < COUNT(go_arches); i++)
		if (go_arches[i].value == seccomp_arch_native() &&
		    strcmp(go_arches[i].text, text) == 0)
			*(bool *)target = true;
	return r;
}

static int read_go_arches(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	bool ours = false;
	int r = json_read_array(place, value, 64, match_go_arch, &ours, err);

	if (r == 0 && json_object_array_length(value) > 0)
		count_condition(target, ours);
	return r;
}

/* "5.14", and what may follow in uname(2)'s. Returns what follows, or NULL. */
static const char *parse_version(const char *text, unsigned long version[2])
{
	char *end;

	version[0] = strtoul(text, &end, 10);
	if (end == text || *end != '.')
		return NULL;
	text = end + 1;
	version[1] = strtoul(text, &end, 10);
	return end == text ? NULL : end;
}

static int read_min_kernel(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	unsigned long least[2], ours[2];
	struct utsname host;
	const char *text = "";
	int r = json_read_string(place, value, &text, err);

	if (r < 0 || !text[0])
		return r;
	const char *end = parse_version(text, least);
	if (!end || *end)
		return err_say(err, EINVAL, "%s: expected a version such as \"4.8\"", place->text);
	if (uname(&host) < 0 || !parse_version(host.release, ours))
		return err_say(err, EINVAL, "%s: this kernel tells no version", place->text);
	count_condition(target, ours[0] > least[0] || (ours[0] == least[0] && ours[1] >= least[1]));
	return 0;
}

static const struct json_key condition_keys[] = {
	{ "caps", read_caps },
	{ "arches", read_go_arches },
	{ "minKernel", read_min_kernel },
};

/* One member of "syscalls". */

struct rule_draft {
	struct seccomp_rule rule;
	struct seccomp_action action;
	struct condition includes, excludes;
};

static int read_names(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct rule_draft *draft = target;

	if (draft->rule.names)
		return err_say(err, EINVAL, "%s: the rule has names already", place->text);
	draft->rule.names = value;
	if (strcmp(strrchr(place->text, '.'), ".name") == 0)
		return json_read_any_string(place, value, NULL, err);
	return json_read_array(place, value, SECCOMP_NAMES_MAX, json_read_any_string, NULL, err);
}

static int read_rule_action(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read(place, value, &((struct rule_draft *)target)->action, err);
}

static int read_rule_errno(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read_errno(place, value, &((struct rule_draft *)target)->action, err);
}

static int read_rule_errno_name(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	return seccomp_action_read_errno_name(
	    place, value, &((struct rule_draft *)target)->action, err);
}

static int read_args(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct seccomp_rule *rule = &((struct rule_draft *)target)->rule;

	return json_read_array(place, value, COUNT(rule->args), read_arg, rule, err);
}

static int read_includes(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct condition *condition = &((struct rule_draft *)target)->includes;

	return json_read_object(
	    place, value, condition_keys, COUNT(condition_keys), condition, err);
}

static int read_excludes(
    const struct json_place *place, struct json_object *value, void *target, struct err *err)
{
	struct condition *condition = &((struct rule_draft *)target)->excludes;

	return json_read_object(
	    place, value, condition_keys, COUNT(condition_keys), condition, err);
}

static const struct json_key rule_keys[] = {
	{ "names", read_names },
	{ "name", read_names },
	{ "action", read_rule_action },
	{ "errnoRet", read_rule_errno },
	{ "errno", read_rule_errno_name },
	{ "args", read_args },
	{ "includes", read_includes },
	{ "excludes", read_excludes },
	{ "comment", json_read_any_string },
};

int seccomp_rule_read(const struct json_place *place, struct json_object *value,
    uint64_t capabilities, struct seccomp_rule *ret, bool *ret_applies, struct err *err)
{
	struct condition condition = { .have = capabilities };
	struct rule_draft draft = { .includes = condition, .excludes = condition };
	struct json_place action_place = json_member(place, "action");
	int r = json_read_object(place, value, rule_keys, COUNT(rule_keys), &draft, err);

	if (r == 0)
		r = seccomp_action_finish(&action_place, &draft.action, &draft.rule.action, err);
	if (r < 0)
		return r;
	if (!draft.rule.names)
		return err_say(err, EINVAL, "%s.names: is missing", place->text);
	draft.rule.place = *place;
	*ret = draft.rule;
	*ret_applies = !draft.includes.not_all && !draft.excludes.some;
	return 0;
}

const char *seccomp_rule_name(const struct seccomp_rule *rule, size_t i)
{
	if (json_object_is_type(rule->names, json_type_string))
		return i == 0 ? json_object_get_string(rule->names) : NULL;
	if (i >= json_object_array_length(rule->names))
		return NULL;
	return json_object_get_string(json_object_array_get_idx(rule->names, i));
}
