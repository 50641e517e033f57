/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/mman.h>

#include "lib/policy/file.h"
#include "tests/unit/policy_tree.h"

/*
 * Files that differ from good ones by a few bytes or lines, many of them; in a build with
 * sanitizers that is where they show what they find. The numbers are the same in every run.
 */

#define ROUNDS	 20000
#define FILE_MAX 4096

static const char *const seeds[] = {
	"[jail]\nenable = yes\nscope = user\nservices = sshd login\n  su\n\tsu-l\ngrace = 10s\n",
	"[rootfs]\nvolumes = /a:/b\n\t# /x:/y\n\t/c\\ d:/e:ro  # why\nhide = /h\nhome = /s/%u\n",
	"# comment\n\n[limits]\nmemory = 64M # so\npids=20\nrlimit = core=0 nofile=10:20\ncpus = "
	"2\n",
	"[environment]\nA = \" b \"\nB = it's \"quoted\" there\nC =\nD=%h\n[limits]\n  pids = 3\n",
	"[network]\nmode = bridge\naddress = 10.0.0.2/24\n fd00::2/64\n[security]\nseccomp = "
	"none\n",
};

/* What lines are made of; put in anywhere. */
static const char *const pieces[] = { "=", "\"", "#", "[", "]", "\n", " ", "\t", "\\", "%", "\n\t",
	" = ", "[jail]\n", "pids = 3\n", "[limits]", "\r", ";", "\xff", "\n=\n", "'", "\\ ", "none",
	"%u", "\n \n", "\x0b", "\x01" };

static uint64_t random_state = 88172645463325252u;

/* xorshift64 */
static size_t random_below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return limit ? (size_t)(random_state % limit) : 0;
}

static void put_in(char *text, size_t *length, size_t at, const char *what, size_t size)
{
	if (*length + size > FILE_MAX)
		return;
	memmove(text + at + size, text + at, *length - at);
	memcpy(text + at, what, size);
	*length += size;
}

static void mutate(char *text, size_t *length)
{
	size_t at = random_below(*length + 1), rest = *length - at;
	size_t size = random_below(rest < 12 ? rest : 12), from = random_below(*length + 1);
	const char *piece = pieces[random_below(sizeof(pieces) / sizeof(pieces[0]))];
	char copy[16];

	switch (random_below(4)) {
	case 0: /* a byte becomes another one */
		if (at < *length)
			text[at] = (char)random_below(256);
		break;
	case 1: /* some bytes go */
		memmove(text + at, text + at + size, rest - size);
		*length -= size;
		break;
	case 2: put_in(text, length, at, piece, strlen(piece)); break;
	default: /* some bytes come again elsewhere */
		size = random_below(sizeof(copy));
		size = from + size > *length ? *length - from : size;
		memcpy(copy, text + from, size);
		put_in(text, length, at, copy, size);
	}
}

static int read_text(
    const char *text, size_t length, struct econf *econf, struct policy_file *ret, struct err *err)
{
	static const struct account account = { .name = (char *)"bob",
		.uid = 1000,
		.home = (char *)"/home/bob",
		.group = (char *)"people" };
	int fd = memfd_create("mutation", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, length), (ssize_t)length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	int r = policy_file_read(fd, "FILE", KEY_FILE, &account, econf, ret, err);
	close(fd);
	return r;
}

/* The value in the line of the key, found without any of what is tested. */
static void first_line_of_value(const char *text, unsigned line, char *value, size_t size)
{
	while (--line)
		text = strchr(text, '\n') + 1;
	snprintf(value, size, "%.*s", (int)strcspn(text, "\n#"), text);
	memmove(value, strchr(value, '=') + 1, strlen(strchr(value, '=')));
	memmove(value, value + strspn(value, " \t"), strlen(value + strspn(value, " \t")) + 1);
	while (*value && strchr(" \t", value[strlen(value) - 1]))
		value[strlen(value) - 1] = '\0';
	if (*value == '"') {
		value[strlen(value) - 1] = '\0';
		memmove(value, value + 1, strlen(value));
	}
}

/* libeconf's value is the one that stands in the line, and all of it that is not below. */
static void check_values(const char *text, const struct policy_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct policy_entry *entry = &file->entries[i];
		char value[FILE_MAX + 1];
		first_line_of_value(text, entry->line, value, sizeof(value));
		if (strncmp(entry->text, value, strlen(value)) != 0 ||
		    (entry->text[strlen(value)] && entry->text[strlen(value)] != '\n'))
			fail_msg("line %u of\n%s\nis read as %s", entry->line, text, entry->text);
	}
}

/* Written anew from what was read, the file says the same. */
static void check_round_trip(const struct policy_file *file, struct econf *econf)
{
	struct policy_file again;
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; i < file->count; i++) {
		const struct policy_entry *entry = &file->entries[i];
		size_t size = strlen(entry->text);
		bool list = entry->key->clear;
		bool outer =
		    size && (strchr(" \t", entry->text[0]) || strchr(" \t", entry->text[size - 1]));
		const char *quote = outer && !list ? "\"" : "";
		fprintf(out, "[%s]\n%s = %s", entry->key->section, entry->name ?: entry->key->name,
		    quote);
		for (const char *c = entry->text; *c; c++)
			fputc(list && *c == '\n' ? ' ' : *c, out);
		fprintf(out, "%s\n", quote);
	}
	fclose(out);
	assert_int_equal(read_text(text, length, econf, &again, &err), 0);
	if (again.problems.count)
		fail_msg("%s\n%s", again.problems.items[0].err.text, text);
	assert_int_equal(again.count, file->count);
	for (size_t i = 0; i < file->count; i++)
		if (!file->entries[i].key->clear)
			assert_string_equal(again.entries[i].text, file->entries[i].text);
	policy_file_done(&again);
	free(text);
}

static void mutated_files(void **state)
{
	char text[FILE_MAX + 1];
	unsigned good = 0, bad = 0;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	struct econf econf = { .libexec_dir = tree.parts };
	for (unsigned round = 0; round < ROUNDS; round++) {
		const char *seed = seeds[random_below(sizeof(seeds) / sizeof(seeds[0]))];
		size_t length = strlen(seed);
		struct policy_file file;
		struct err err = ERR_INIT;
		memcpy(text, seed, length);
		for (size_t n = random_below(6); n; n--)
			mutate(text, &length);
		text[length] = '\0';
		if (read_text(text, length, &econf, &file, &err) != 0)
			fail_msg("%s:\n%s", err.text, text);
		check_values(text, &file);
		check_round_trip(&file, &econf);
		*(file.problems.count ? &bad : &good) += 1;
		for (size_t i = 1; i < file.problems.count; i++)
			assert_true(file.problems.items[i - 1].line <= file.problems.items[i].line);
		policy_file_done(&file);
	}
	econf_unload(&econf);
	/* A test of nothing but refusals, or of none, would be none. */
	assert_true(good > ROUNDS / 10 && bad > ROUNDS / 10);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
