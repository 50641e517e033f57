/* SPDX-License-Identifier: MIT */
/* Profiles, compiled and run through an interpreter of the kernel's filter machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/kernel/seccomp_part.h"
#include "lib/policy/spec.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define ARCH AUDIT_ARCH_RISCV64
#else
#error "an architecture without its AUDIT_ARCH_ here"
#endif

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
#define ALL_CAPS      ((UINT64_C(1) << (CAP_LAST_CAP + 1)) - 1)
#define CAP(name)     (UINT64_C(1) << CAP_##name)

static struct sock_filter code[BPF_MAXINSNS];
static size_t length;

/* What the machine answers; the filters use a small part of classic BPF, and other instructions
 * fail the test. */
static uint32_t judge_call(const struct seccomp_data *call)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < length; pc++) {
		const struct sock_filter *in = &code[pc];
		bool jump;
		switch (in->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(in->k % 4 == 0 && in->k < sizeof(*call));
			memcpy(&a, (const char *)call + in->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K: a &= in->k; continue;
		case BPF_RET | BPF_K: return in->k;
		case BPF_JMP | BPF_JA: pc += in->k; continue;
		case BPF_JMP | BPF_JEQ | BPF_K: jump = a == in->k; break;
		case BPF_JMP | BPF_JGT | BPF_K: jump = a > in->k; break;
		case BPF_JMP | BPF_JGE | BPF_K: jump = a >= in->k; break;
		case BPF_JMP | BPF_JSET | BPF_K: jump = a & in->k; break;
		default: fail_msg("instruction %zu is 0x%x", pc, in->code); return 0;
		}
		pc += jump ? in->jt : in->jf;
	}
	fail_msg("the filter ends without an answer");
	return 0;
}

static uint32_t judge(int number, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data call = { .nr = number, .arch = ARCH, .args = { a0, a1, a2 } };

	return judge_call(&call);
}

static uint32_t judge_name(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	/* no call of this machine: whatever is not there does no harm */
	return number < 0 ? UINT32_MAX : judge(number, 0, 0, 0);
}

static void compile(const char *text, uint64_t capabilities)
{
	struct err err = ERR_INIT;

	memset(code, 0xff, sizeof(code));
	if (contain_seccomp_compile(text, strlen(text), capabilities, code, &length, &err) < 0)
		fail_msg("%s", err.text);
	assert_in_range(length, 1, BPF_MAXINSNS);
}

/* ------------------------------------------------------------------------------- the format */

static void errors_say_where(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "", "line 1, column 1: not valid JSON: the file ends too early" },
		{ "{", "the file ends too early" },
		{ "{\n\"defaultAction\": x}", "line 2, column 18: not valid JSON" },
		{ "{} {}", "not valid JSON" },
		{ "[]", "the file: expected an object" },
		{ "null", "the file: expected an object" },
		{ "{}", "defaultAction: is missing" },
		{ "{\"defaultAction\": \"ALLOW\"}", "defaultAction: \"ALLOW\" is not known" },
		{ "{\"defaultAction\": 1}", "defaultAction: expected a string" },
		{ "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "SCMP_ACT_NOTIFY needs" },
		{ "{\"defaultAktion\": \"SCMP_ACT_ALLOW\"}", "defaultAktion: is not a key" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/x\"}",
		    "listenerPath: is not a key" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}",
		    "defaultAction: takes no errno value" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 0}",
		    "defaultErrnoRet: expected a number from 1 to 4094" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4095}",
		    "defaultErrnoRet: expected a number" },
		{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1, "
		  "\"defaultErrno\": "
		  "\"ENOSYS\"}",
		    "defaultErrno: says 38, and another key says 1" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": "
		  "[\"SECCOMP_FILTER_FLAG_LOG\"]}",
		    "flags[0]: \"SECCOMP_FILTER_FLAG_LOG\" is not known" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
		  "[\"SCMP_ARCH_X86_64\", "
		  "\"x86\"]}",
		    "architectures[1]: \"x86\" is not known" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"subArchitectures\": "
		  "[]}]}",
		    "archMap[0].architecture: is missing" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": "
		  "\"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"y\"]}]}",
		    "archMap[0].subArchitectures[0]: \"y\" is not known" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}",
		    "syscalls: expected an array" },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [null]}",
		    "syscalls[0]: is null" },
	};
	static const struct {
		const char *rule, *where;
	} rules[] = {
		{ "3", ": expected an object" },
		{ "{\"names\": [\"read\"]}", ".action: is missing" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_DENY\"}",
		    ".action: \"SCMP_ACT_DENY\" is not known" },
		{ "{\"action\": \"SCMP_ACT_LOG\"}", ".names: is missing" },
		{ "{\"names\": null, \"action\": \"SCMP_ACT_LOG\"}", ".names: is missing" },
		{ "{\"names\": \"read\", \"action\": \"SCMP_ACT_LOG\"}",
		    ".names: expected an array" },
		{ "{\"names\": [\"read\", 0], \"action\": \"SCMP_ACT_LOG\"}",
		    ".names[1]: expected a string" },
		{ "{\"names\": [\"re\\u0000ad\"], \"action\": \"SCMP_ACT_LOG\"}",
		    ".names[0]: has a NUL character" },
		{ "{\"name\": \"read\", \"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\"}",
		    ".names: the rule has names already" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"errnoRet\": 1}",
		    ".action: takes no errno value" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": -1}",
		    ".errnoRet: expected a number from 1 to 4094" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": \"1\"}",
		    ".errnoRet: expected a whole number" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1.0}",
		    ".errnoRet: expected a whole number" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EPREM\"}",
		    ".errno: \"EPREM\" is not the name of an error" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"arg\": []}",
		    ".arg: is not a key" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 6, "
		  "\"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}",
		    ".args[0].index: expected a number from 0 to 5" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, "
		  "\"value\": 0, \"op\": \"==\"}]}",
		    ".args[0].op: \"==\" is not known" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, "
		  "\"op\": \"SCMP_CMP_EQ\"}]}",
		    ".args[0]: needs index, value and op" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, "
		  "\"value\": -1, \"op\": \"SCMP_CMP_EQ\"}]}",
		    ".args[0].value: expected a number from 0" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, "
		  "\"value\": 18446744073709551616, \"op\": \"SCMP_CMP_EQ\"}]}",
		    "not valid JSON: " }, /* in whose words is up to json-c and its version */
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, "
		  "\"value\": 1, \"op\": \"SCMP_CMP_EQ\"}, {\"index\": 0, \"value\": 1, \"op\": "
		  "\"SCMP_CMP_EQ\"}]}",
		    ".args[1]: compares argument 0 a second time" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": {\"caps\": "
		  "[\"SYS_ADMIN\"]}}",
		    ".includes.caps[0]: \"SYS_ADMIN\" is not a capability" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"excludes\": {\"cap\": "
		  "[]}}",
		    ".excludes.cap: is not a key" },
		{ "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": "
		  "{\"minKernel\": \"new\"}}",
		    ".includes.minKernel: expected a version" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases) + COUNT(rules); i++) {
		char text[512], where[128];
		struct err err = ERR_INIT;
		if (i < COUNT(cases)) {
			snprintf(text, sizeof(text), "%s", cases[i].text);
			snprintf(where, sizeof(where), "%s", cases[i].where);
		} else {
			const char *expected = rules[i - COUNT(cases)].where;
			snprintf(text, sizeof(text),
			    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
			    "[], "
			    "\"action\": \"SCMP_ACT_LOG\"}, %s]}",
			    rules[i - COUNT(cases)].rule);
			snprintf(where, sizeof(where), "%s%s",
			    *expected == '.' || *expected == ':' ? "syscalls[1]" : "", expected);
		}
		length = 12345;
		int r = contain_seccomp_compile(text, strlen(text), 0, code, &length, &err);
		if (r >= 0 || !strstr(err.text, where))
			fail_msg("%s\ngives: %s\nand not: %s", text, err.text, where);
		assert_int_equal(length, 12345);
	}
}

/* A profile that was cut off must not pass for a shorter one; a damaged one may say what it wants,
 * but must not crash the compiler. */
static void damaged_profiles_do_no_harm(void **state)
{
	static const char text[] =
	    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": "
	    "\"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X86\"]}], \"syscalls\": "
	    "[{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38, \"args\": "
	    "[{\"index\": 0, \"value\": 1, \"valueTwo\": 2, \"op\": \"SCMP_CMP_MASKED_EQ\"}], "
	    "\"includes\": {\"caps\": [\"CAP_BPF\"], \"minKernel\": \"5.1\"}}]}";
	char damaged[sizeof(text)];

	(void)state;
	compile(text, CAP(BPF));
	for (size_t i = 0; i < strlen(text); i++) {
		struct err err = ERR_INIT;
		memcpy(damaged, text, sizeof(text));
		damaged[i] = '\0';
		assert_int_equal(
		    contain_seccomp_compile(damaged, i, 0, code, &length, &err), -EINVAL);
		assert_int_equal(
		    contain_seccomp_compile(damaged, strlen(text), 0, code, &length, &err),
		    -EINVAL);
		for (const char *c = "{}[]\",:0 \x80\xff"; *c; c++) {
			damaged[i] = *c;
			(void)contain_seccomp_compile(
			    damaged, strlen(text), CAP(BPF), code, &length, &err);
		}
	}
}

/* A misspelt call may stay closed, but must not stay open. */
static void unknown_calls_fail_closed(void **state)
{
	static const char *const refuse = "{\"defaultAction\": \"%s\", \"syscalls\": [{\"names\": "
					  "[\"mount\", \"umuont2\"], \"action\": \"%s\"}]}";
	struct err err = ERR_INIT;
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), refuse, "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO");
	assert_int_equal(
	    contain_seccomp_compile(text, strlen(text), 0, code, &length, &err), -EINVAL);
	assert_non_null(
	    strstr(err.text, "syscalls[0].names[1]: libseccomp does not know \"umuont2\""));
	snprintf(text, sizeof(text), refuse, "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW");
	compile(text, 0);
	assert_int_equal(judge_name("mount"), SECCOMP_RET_ALLOW);
	assert_int_equal(judge_name("umount2"), ERRNO(EPERM));
}

static void contradictions_are_refused(void **state)
{
	static const char *const rules[] = {
		"{\"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\"}",
		"{\"names\": [\"open\", \"write\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": "
		"5}",
	};
	static const char *const defaults[] = { "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		char text[512];
		snprintf(text, sizeof(text), "{\"defaultAction\": \"%s\", \"syscalls\": [%s, %s]}",
		    defaults[i / 2], rules[i % 2], rules[1 - i % 2]);
		compile(text, 0);
		assert_int_equal(judge(SYS_read, 0, 0, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(judge(SYS_write, 0, 0, 0), ERRNO(5));
	}
}

static void actions_become_what_they_say(void **state)
{
	static const struct {
		const char *action, *more;
		uint32_t expected;
	} cases[] = {
		{ "SCMP_ACT_ERRNO", "", ERRNO(EPERM) },
		{ "SCMP_ACT_ERRNO", ", \"errnoRet\": 4094", ERRNO(4094) },
		{ "SCMP_ACT_ERRNO", ", \"errno\": \"EAFNOSUPPORT\"", ERRNO(EAFNOSUPPORT) },
		{ "SCMP_ACT_ERRNO", ", \"errno\": \"ENOSYS\", \"errnoRet\": 38", ERRNO(ENOSYS) },
		{ "SCMP_ACT_ERRNO", ", \"errnoRet\": null, \"args\": null, \"comment\": \"x\"",
		    ERRNO(EPERM) },
		{ "SCMP_ACT_KILL", "", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", "", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", "", SECCOMP_RET_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", "", SECCOMP_RET_TRAP },
		{ "SCMP_ACT_TRACE", ", \"errnoRet\": 7", SECCOMP_RET_TRACE | 7 },
		{ "SCMP_ACT_LOG", "", SECCOMP_RET_LOG },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[256];
		snprintf(text, sizeof(text),
		    "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"name\": \"getpid\", "
		    "\"action\": \"%s\"%s}]}",
		    cases[i].action, cases[i].more);
		compile(text, 0);
		assert_int_equal(judge(SYS_getpid, 0, 0, 0), cases[i].expected);
		assert_int_equal(judge(SYS_getppid, 0, 0, 0), SECCOMP_RET_ALLOW);
		/* and as the default */
		char *more = strstr(cases[i].more, "errnoRet\": 7");
		snprintf(text, sizeof(text),
		    "{\"defaultAction\": \"%s\"%s, \"syscalls\": [{\"names\": [\"getppid\"], "
		    "\"action\": \"SCMP_ACT_ALLOW\"}]}",
		    cases[i].action, more ? ", \"defaultErrnoRet\": 7" : "");
		compile(text, 0);
		if (!*cases[i].more || more)
			assert_int_equal(judge(SYS_getpid, 0, 0, 0), cases[i].expected);
		assert_int_equal(judge(SYS_getppid, 0, 0, 0), SECCOMP_RET_ALLOW);
	}
}

/* Refused with arguments, then allowed, then refused without, then the default; in any order. */
static void order_says_nothing(void **state)
{
	static const char *const rules[] = {
		"{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 11, "
		"\"args\": "
		"[{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}",
		"{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, "
		"\"value\": 9, \"op\": \"SCMP_CMP_LT\"}]}",
		"{\"names\": [\"kill\", \"tkill\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": "
		"12}",
	};
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
		{ 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		char text[1024];
		snprintf(text, sizeof(text),
		    "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13, "
		    "\"syscalls\": "
		    "[%s, %s, %s]}",
		    rules[orders[i][0]], rules[orders[i][1]], rules[orders[i][2]]);
		compile(text, 0);
		assert_int_equal(judge(SYS_kill, 1, 0, 0), ERRNO(11));
		assert_int_equal(judge(SYS_kill, 1, 20, 0), ERRNO(11));
		assert_int_equal(judge(SYS_kill, 2, 8, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(judge(SYS_kill, 2, 9, 0), ERRNO(12));
		assert_int_equal(judge(SYS_tkill, 0, 0, 0), ERRNO(12));
		assert_int_equal(judge(SYS_read, 0, 0, 0), ERRNO(13));
	}
}

static bool compare(const char *op, uint64_t arg, uint64_t value, uint64_t two)
{
	switch (op[9] << 8 | op[10]) {
	case 'E' << 8 | 'Q': return arg == value;
	case 'N' << 8 | 'E': return arg != value;
	case 'L' << 8 | 'T': return arg < value;
	case 'L' << 8 | 'E': return arg <= value;
	case 'G' << 8 | 'T': return arg > value;
	case 'G' << 8 | 'E': return arg >= value;
	default: return (arg & value) == two;
	}
}

/* Every operator, on numbers around the borders of 32 bits, which is where they go wrong. */
static void operators_compare_64_bits(void **state)
{
	static const char *const ops[] = { "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT",
		"SCMP_CMP_LE", "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_MASKED_EQ" };
	static const uint64_t values[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x100000001, 0x100000005, 0x1ffffffff, 0x500000000, 0x7fffffffffffffff,
		0x8000000000000000, 0xffffffff00000000, 0xffffffffffffffff };

	(void)state;
	for (size_t o = 0; o < COUNT(ops); o++)
		for (size_t v = 0; v < COUNT(values); v++) {
			char text[512];
			uint64_t two = values[v] & 0xffffffff00000005;
			snprintf(text, sizeof(text),
			    "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": "
			    "[\"lseek\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": "
			    "1, "
			    "\"value\": %llu, \"valueTwo\": %llu, \"op\": \"%s\"}]}]}",
			    (unsigned long long)values[v], (unsigned long long)two, ops[o]);
			compile(text, 0);
			for (size_t a = 0; a < COUNT(values); a++)
				assert_int_equal(judge(SYS_lseek, ~values[a], values[a], 0),
				    compare(ops[o], values[a], values[v], two) ? SECCOMP_RET_ALLOW
									       : ERRNO(EPERM));
		}
}

static void conditions_choose_rules(void **state)
{
	static const struct {
		const char *condition;
		uint64_t capabilities;
		bool applies;
	} cases[] = {
		{ "\"includes\": {}", 0, true },
		{ "\"includes\": {\"caps\": []}, \"excludes\": {\"caps\": [], \"arches\": []}", 0,
		    true },
		{ "\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}", 0, false },
		{ "\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}", CAP(SYS_ADMIN), true },
		{ "\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}", CAP(SYS_ADMIN),
		    false },
		{ "\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}",
		    CAP(SYS_ADMIN) | CAP(BPF), true },
		{ "\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}", CAP(BPF), false },
		{ "\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}",
		    ~CAP(BPF) & ~CAP(SYS_ADMIN), true },
		{ "\"includes\": {\"arches\": [\"amd64\", \"arm64\", \"riscv64\"]}", 0, true },
		{ "\"includes\": {\"arches\": [\"s390x\", \"mips\"]}", 0, false },
		{ "\"excludes\": {\"arches\": [\"amd64\", \"arm64\", \"riscv64\"]}", 0, false },
		{ "\"excludes\": {\"arches\": [\"s390x\"]}", 0, true },
		{ "\"includes\": {\"minKernel\": \"4.8\"}", 0, true },
		{ "\"includes\": {\"minKernel\": \"99.0\"}", 0, false },
		{ "\"excludes\": {\"minKernel\": \"4.8\"}", 0, false },
		{ "\"includes\": {\"minKernel\": \"4.8\", \"caps\": [\"CAP_BPF\"]}", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[512];
		snprintf(text, sizeof(text),
		    "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": "
		    "[\"getpid\"], "
		    "\"action\": \"SCMP_ACT_ALLOW\", %s}]}",
		    cases[i].condition);
		compile(text, cases[i].capabilities);
		if ((judge(SYS_getpid, 0, 0, 0) == SECCOMP_RET_ALLOW) != cases[i].applies)
			fail_msg("%s", cases[i].condition);
	}
}

#ifdef __x86_64__
static void other_architectures_are_judged_only_if_named(void **state)
{
	static const char *const arches[] = { "",
		"\"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", "
		"\"SCMP_ARCH_AARCH64\", "
		"\"SCMP_ARCH_S390X\", \"SCMP_ARCH_LOONGARCH64\"],",
		"\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
		"[\"SCMP_ARCH_X86\"]}, {\"architecture\": \"SCMP_ARCH_AARCH64\", "
		"\"subArchitectures\": [\"SCMP_ARCH_ARM\"]}],",
		"\"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\", \"subArchitectures\": "
		"[\"SCMP_ARCH_ARM\", \"SCMP_ARCH_X86\"]}]," };
	static const bool judged[] = { false, true, true, false };
	struct seccomp_data getpid_i386 = { .nr = 20, .arch = AUDIT_ARCH_I386 };
	struct seccomp_data getpid_x32 = { .nr = 39 | 0x40000000, .arch = AUDIT_ARCH_X86_64 };
	struct seccomp_data getpid_arm = { .nr = 20, .arch = AUDIT_ARCH_ARM };

	(void)state;
	for (size_t i = 0; i < COUNT(arches); i++) {
		char text[512];
		snprintf(text, sizeof(text),
		    "{%s \"defaultAction\": \"SCMP_ACT_ERRNO\", \"flags\": "
		    "[\"SECCOMP_FILTER_FLAG_TSYNC\"], \"syscalls\": [{\"names\": [\"getpid\"], "
		    "\"action\": \"SCMP_ACT_ALLOW\"}]}",
		    arches[i]);
		compile(text, 0);
		assert_int_equal(judge(SYS_getpid, 0, 0, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(judge_call(&getpid_i386),
		    judged[i] ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(judge_call(&getpid_x32), SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(judge_call(&getpid_arm), SECCOMP_RET_KILL_PROCESS);
	}
}
#endif

/* ------------------------------------------------------------------------- the default profile */

static char *default_profile;

static int read_default(void **state)
{
	struct err err = ERR_INIT;
	int fd = open("etc/seccomp/default.json", O_RDONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0 || fd_read_all(fd, 1048576, &default_profile, NULL, &err) < 0) {
		print_error("etc/seccomp/default.json: run from the top of the source tree\n");
		return -1;
	}
	close(fd);
	return 0;
}

static int free_default(void **state)
{
	(void)state;
	free(default_profile);
	return 0;
}

/* With every single capability, with none, with all: no contradiction, and never an answer that
 * would end an ordinary program or pretend success. */
static void default_is_sound_for_all_capabilities(void **state)
{
	(void)state;
	for (int cap = -1; cap <= CAP_LAST_CAP + 1; cap++) {
		uint64_t set = cap < 0 ? 0 : cap > CAP_LAST_CAP ? ALL_CAPS : UINT64_C(1) << cap;
		compile(default_profile, set);
		for (int number = 0; number < 2000; number++) {
			uint32_t answer = judge(number, 0, 0, 0);
			if (answer == SECCOMP_RET_ALLOW)
				continue;
			assert_int_equal(answer & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
			assert_in_range(answer & SECCOMP_RET_DATA, 1, 4094);
		}
	}
}

static void default_allows_what_programs_need(void **state)
{
	static const char *const names[] = { "read", "write", "open", "openat", "openat2", "close",
		"close_range", "stat", "statx", "newfstatat", "mmap", "mprotect", "munmap", "brk",
		"mremap", "madvise", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "ioctl",
		"pread64", "pwritev2", "access", "faccessat2", "pipe2", "select", "pselect6",
		"poll", "ppoll", "epoll_pwait2", "futex", "futex_waitv", "set_robust_list", "rseq",
		"clone", "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4",
		"waitid", "kill", "tgkill", "ptrace", "process_vm_readv", "process_vm_writev",
		"getrandom", "memfd_create", "prctl", "arch_prctl", "prlimit64", "setrlimit",
		"sched_setaffinity", "sched_setscheduler", "setpriority", "ioprio_set", "setsid",
		"setpgid", "setuid", "setresuid", "setresgid", "setgroups", "capset", "chown",
		"fchownat", "chmod", "fchmodat", "umask", "mknod", "mknodat", "setxattr", "rename",
		"renameat2", "link", "symlinkat", "unlinkat", "utimensat", "getdents64", "getcwd",
		"chdir", "inotify_init1", "eventfd2", "signalfd4", "timerfd_create", "timer_create",
		"clock_gettime", "clock_nanosleep", "socketpair", "bind", "listen", "accept4",
		"connect", "sendto", "sendmsg", "recvmsg", "recvmmsg", "setsockopt", "shmget",
		"semget", "msgget", "mq_open", "io_setup", "io_submit", "copy_file_range", "splice",
		"sendfile", "fallocate", "flock", "fsync", "seccomp", "landlock_create_ruleset",
		"pidfd_open", "pidfd_send_signal", "name_to_handle_at", "membarrier", "mlock",
		"pkey_alloc", "personality", "unshare", "uname", "sysinfo", "restart_syscall" };

	(void)state;
	compile(default_profile, 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		uint32_t answer = judge_name(names[i]);
		if (answer != SECCOMP_RET_ALLOW && answer != UINT32_MAX)
			fail_msg("%s: 0x%x", names[i], answer);
	}
}

static void default_refuses_what_needs_a_privilege(void **state)
{
	static const struct {
		uint64_t opened_by;
		const char *names;
	} cases[] = {
		{ CAP(SYS_ADMIN),
		    "mount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount "
		    "open_tree mount_setattr setns sethostname setdomainname quotactl "
		    "quotactl_fd swapon swapoff fanotify_init lookup_dcookie bpf "
		    "perf_event_open syslog" },
		{ CAP(SYS_PTRACE), "kcmp pidfd_getfd process_madvise" },
		{ CAP(SYS_NICE), "get_mempolicy set_mempolicy mbind migrate_pages move_pages" },
		{ CAP(SYS_TIME), "settimeofday clock_settime adjtimex clock_adjtime" },
		{ CAP(SYS_BOOT), "reboot kexec_load kexec_file_load" },
		{ CAP(SYS_MODULE), "init_module finit_module delete_module" },
		{ CAP(SYS_RAWIO), "iopl ioperm" },
		{ CAP(SYS_PACCT), "acct" },
		{ CAP(SYS_TTY_CONFIG), "vhangup" },
		{ CAP(SYS_CHROOT), "chroot" },
		{ CAP(SYSLOG), "syslog" },
		{ CAP(DAC_READ_SEARCH), "open_by_handle_at" },
		{ CAP(BPF), "bpf" },
		{ CAP(PERFMON), "perf_event_open" },
		{ 0, "io_uring_setup io_uring_enter io_uring_register userfaultfd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (int open = 0; open < 2; open++) {
			char names[400];
			uint64_t all = cases[i].opened_by ? cases[i].opened_by : ALL_CAPS;
			compile(default_profile, open ? all : SPEC_CAPABILITIES_DEFAULT & ~all);
			uint32_t expected =
			    open && cases[i].opened_by ? SECCOMP_RET_ALLOW : ERRNO(EPERM);
			snprintf(names, sizeof(names), "%s", cases[i].names);
			for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
				uint32_t answer = judge_name(name);
				if (answer != expected && answer != UINT32_MAX)
					fail_msg("%s: 0x%x", name, answer);
			}
		}
}

static void default_does_not_know_other_calls(void **state)
{
	static const char *const names[] = { "clone3", "keyctl", "add_key", "request_key",
		"modify_ldt", "remap_file_pages", "ustat", "sysfs", "uselib", "_sysctl",
		"nfsservctl", "vserver" };

	(void)state;
	compile(default_profile, SPEC_CAPABILITIES_DEFAULT);
	for (size_t i = 0; i < COUNT(names); i++) {
		uint32_t answer = judge_name(names[i]);
		if (answer != ERRNO(ENOSYS) && answer != UINT32_MAX)
			fail_msg("%s: 0x%x", names[i], answer);
	}
	for (int number = 600; number < 5000; number++)
		assert_int_equal(judge(number, 0, 0, 0), ERRNO(ENOSYS));
	assert_int_equal(judge(-1, 0, 0, 0), ERRNO(ENOSYS));
	compile(default_profile, CAP(SYS_ADMIN));
	assert_int_equal(judge_name("clone3"), SECCOMP_RET_ALLOW);
	assert_int_equal(judge_name("keyctl"), ERRNO(ENOSYS));
}

/* The kernel reads 32 bits of these arguments; what is above them must not change the answer. */
static const uint64_t garbage[] = { 0, UINT64_C(1) << 32, UINT64_C(0xffffffff) << 32,
	UINT64_C(0x8000000000000000) };

static void default_keeps_namespaces_closed(void **state)
{
	(void)state;
	for (int admin = 0; admin < 2; admin++) {
		compile(default_profile, admin ? CAP(SYS_ADMIN) : ALL_CAPS & ~CAP(SYS_ADMIN));
		srandom(1);
		for (int i = 0; i < 20000; i++) {
			/* every pair of bits, then at random */
			uint64_t flags = i < 1024 ? UINT64_C(1) << i / 32 | UINT64_C(1) << i % 32
						  : (uint64_t)random() << 1 & (uint64_t)random();
			uint64_t high = garbage[i % 4];
			bool clone_open = admin || !(flags & 0x7e020000);
			bool unshare_open = admin || !(flags & 0x7e020080);
			assert_int_equal(judge(SYS_clone, flags | high, 0, 0),
			    clone_open ? SECCOMP_RET_ALLOW : ERRNO(EPERM));
			assert_int_equal(judge(SYS_unshare, flags | high, 0, 0),
			    unshare_open ? SECCOMP_RET_ALLOW : ERRNO(EPERM));
		}
	}
}

static void default_keeps_terminals_apart(void **state)
{
	(void)state;
	compile(default_profile, ALL_CAPS & ~CAP(SYS_ADMIN));
	for (uint64_t command = 0; command < 0x10000; command++)
		for (size_t i = 0; i < COUNT(garbage); i++) {
			bool refused = command == 0x5412 || command == 0x541c ||
				       command == 0x5423 || command == 0x541d;
			assert_int_equal(judge(SYS_ioctl, 0, command | garbage[i], 0),
			    refused ? ERRNO(EPERM) : SECCOMP_RET_ALLOW);
		}
	/* with bits in the middle: another command altogether */
	assert_int_equal(judge(SYS_ioctl, 0, 0x80045412, 0), SECCOMP_RET_ALLOW);
}

static uint32_t expected_socket(uint64_t family, uint64_t protocol, uint64_t capabilities)
{
	bool internet = family == 2 || family == 10;

	if (internet && (protocol == 33 || protocol == 115 || protocol == 132 || protocol == 256))
		return ERRNO(EPROTONOSUPPORT);
	if (family == 1 || internet || (family == 16 && protocol == 0) ||
	    (family == 16 && capabilities & CAP(NET_ADMIN)) ||
	    (family == 17 && capabilities & CAP(NET_RAW)))
		return SECCOMP_RET_ALLOW;
	return ERRNO(EAFNOSUPPORT);
}

static void default_opens_few_socket_families(void **state)
{
	static const uint64_t sets[] = { 0, CAP(NET_ADMIN), CAP(NET_RAW), ALL_CAPS };

	(void)state;
	for (size_t set = 0; set < COUNT(sets); set++) {
		compile(default_profile, sets[set]);
		for (uint64_t family = 0; family < 70; family++)
			for (uint64_t protocol = 0; protocol < 300; protocol++)
				for (size_t i = 0; i < COUNT(garbage); i++)
					assert_int_equal(judge(SYS_socket, family | garbage[i], 3,
							     protocol | garbage[3 - i]),
					    expected_socket(family, protocol, sets[set]));
	}
}

static void default_limits_personality(void **state)
{
	static const uint64_t allowed = 8 | 0x20000 | 0x40000;

	(void)state;
	compile(default_profile, ALL_CAPS);
	for (int bit = 0; bit < 32; bit++)
		for (size_t i = 0; i < COUNT(garbage); i++) {
			uint64_t value = UINT64_C(1) << bit;
			assert_int_equal(judge(SYS_personality, value | garbage[i], 0, 0),
			    value & allowed ? SECCOMP_RET_ALLOW : ERRNO(EPERM));
			assert_int_equal(judge(SYS_personality, value | allowed | garbage[i], 0, 0),
			    value & allowed ? SECCOMP_RET_ALLOW : ERRNO(EPERM));
		}
	assert_int_equal(judge(SYS_personality, 0, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(judge(SYS_personality, 0xffffffff, 0, 0), SECCOMP_RET_ALLOW);
}

#ifdef __x86_64__
/* With unshare(2) of i386: 310 there is another call than 310 here. */
static void default_ends_foreign_calls(void **state)
{
	(void)state;
	compile(default_profile, ALL_CAPS);
	for (int number = 0; number < 600; number++) {
		struct seccomp_data i386 = { .nr = number, .arch = AUDIT_ARCH_I386 };
		struct seccomp_data x32 = { .nr = number | 0x40000000, .arch = AUDIT_ARCH_X86_64 };
		assert_int_equal(judge_call(&i386), SECCOMP_RET_KILL_PROCESS);
		assert_int_equal(judge_call(&x32), SECCOMP_RET_KILL_PROCESS);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(damaged_profiles_do_no_harm),
		cmocka_unit_test(unknown_calls_fail_closed),
		cmocka_unit_test(contradictions_are_refused),
		cmocka_unit_test(actions_become_what_they_say),
		cmocka_unit_test(order_says_nothing),
		cmocka_unit_test(operators_compare_64_bits),
		cmocka_unit_test(conditions_choose_rules),
		cmocka_unit_test(default_is_sound_for_all_capabilities),
		cmocka_unit_test(default_allows_what_programs_need),
		cmocka_unit_test(default_refuses_what_needs_a_privilege),
		cmocka_unit_test(default_does_not_know_other_calls),
		cmocka_unit_test(default_keeps_namespaces_closed),
		cmocka_unit_test(default_keeps_terminals_apart),
		cmocka_unit_test(default_opens_few_socket_families),
		cmocka_unit_test(default_limits_personality),
#ifdef __x86_64__
		cmocka_unit_test(other_architectures_are_judged_only_if_named),
		cmocka_unit_test(default_ends_foreign_calls),
#endif
	};

	return cmocka_run_group_tests(tests, read_default, free_default);
}
