/* SPDX-License-Identifier: MIT */
#include "containctl/command_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct ctl_option ctl_options[] = {
	{ "--json", NULL, NULL, "print JSON, for programs",
	  false, offsetof(struct ctl, json) },
	{ "--service", NULL, "NAME", "for logins through this PAM service, as in sshd",
	  false, offsetof(struct ctl, service) },
	{ "--group", NULL, "GROUP", "the policy of a group",
	  false, offsetof(struct ctl, group) },
	{ "--network", NULL, "NAME", "the file of a network",
	  false, offsetof(struct ctl, network) },
	{ "--default", NULL, NULL, "the policy of everybody",
	  false, offsetof(struct ctl, defaults) },
	{ "--quiet", NULL, NULL, "print only the id of the image",
	  false, offsetof(struct ctl, pull.quiet) },
	{ "--authfile", NULL, "FILE", "names and passwords for registries, as skopeo login writes them",
	  false, offsetof(struct ctl, pull.authfile) },
	{ "--cert-dir", NULL, "DIR", "certificates for the registry: *.crt of CAs, *.cert and *.key of ours",
	  false, offsetof(struct ctl, pull.cert_dir) },
	{ "--insecure", NULL, NULL, "speak plain http with the registry, and take any certificate",
	  false, offsetof(struct ctl, pull.insecure) },
	{ "--max-size", NULL, "SIZE", "refuse layers that are larger when unpacked (default 32G)",
	  false, offsetof(struct ctl, pull.max_size) },
	{ "--max-entries", NULL, "N", "refuse layers with more files (default 500000)",
	  false, offsetof(struct ctl, pull.max_entries) },
	{ "--conf", NULL, "DIR", "directory of the policy files (default " POLICY_DIRECTORY ")",
	  true, offsetof(struct ctl, conf) },
	{ "--help", "-h", NULL, "print a summary",
	  true, offsetof(struct ctl, help) },
	{ "--version", NULL, NULL, "print the version",
	  true, offsetof(struct ctl, version) },
	{ .name = NULL },
};
/* clang-format on */

/* Whether `word` is one of the words of a list that blanks separate. */
static bool is_word_of(const char *list, const char *word, size_t length)
{
	while (*list) {
		size_t other = strcspn(list, " ");
		if (other == length && memcmp(list, word, length) == 0)
			return true;
		list += other;
		list += *list == ' ';
	}
	return false;
}

static const char *option_at(size_t index, const void *data)
{
	(void)data;
	return ctl_options[index].name;
}

static const struct ctl_option *find_option(const char *word, size_t length)
{
	for (const struct ctl_option *option = ctl_options; option->name; option++)
		if (is_word_of(option->name, word, length) ||
		    (option->other && is_word_of(option->other, word, length)))
			return option;
	return NULL;
}

static int refuse_option(const char *word, size_t length, struct err *err)
{
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	const char *near = length > 2 ? str_nearest(name, option_at, NULL) : NULL;
	return err_say(err, EINVAL, "%s: unknown option; %s%s%s", name,
	    near ? "did you mean " : "--help lists them all", near ?: "", near ? "?" : "");
}

/* "--conf DIR" or "--conf=DIR"; *argv moves behind what belongs to it. */
static int take_option(char ***argv, struct ctl *ctl, struct err *err)
{
	const char *word = *(*argv)++;
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	const struct ctl_option *option = find_option(word, length);

	if (!option)
		return refuse_option(word, length, err);
	void *member = (char *)ctl + option->member;
	if (!option->value && value)
		return err_say(err, EINVAL, "%.*s: takes no value", (int)length, word);
	if (!option->value) {
		*(bool *)member = true;
		return 0;
	}
	if (!value && **argv)
		value = *(*argv)++;
	if (!value || !*value)
		return err_say(
		    err, EINVAL, "%.*s: a value is missing: %s", (int)length, word, option->value);
	*(const char **)member = value;
	return 0;
}

/* The options go, the words close up: returns how many are left in `argv`, or -EINVAL. */
static int take_options(char **argv, struct ctl *ctl, struct err *err)
{
	char **next = argv;
	bool words_only = false;
	int count = 0, r;

	while (*next) {
		if (!words_only && strcmp(*next, "--") == 0) {
			words_only = true;
			next++;
		} else if (!words_only && (*next)[0] == '-' && (*next)[1]) {
			r = take_option(&next, ctl, err);
			if (r < 0)
				return r;
		} else {
			argv[count++] = *next++;
		}
	}
	argv[count] = NULL;
	return count;
}

/* How many of the words are the command's name; 0: none of them. */
static size_t matches(const struct command *command, char *const *words)
{
	size_t count = 0;

	for (const char *name = command->name; *name; count++) {
		size_t length = strcspn(name, " ");
		if (!words[count] || strlen(words[count]) != length ||
		    memcmp(words[count], name, length) != 0)
			return 0;
		name += length;
		name += *name == ' ';
	}
	return count;
}

static const char *command_at(size_t index, const void *data)
{
	(void)data;
	return commands[index].name;
}

static int find_command(char **words, struct ctl *ctl, struct err *err)
{
	char name[64];

	for (const struct command *command = commands; command->name; command++) {
		size_t count = matches(command, words);
		if (!count)
			continue;
		ctl->command = command;
		ctl->words = words + count;
		return 0;
	}
	if (!words[0])
		return err_say(err, EINVAL, "a command is missing; containctl help lists them all");
	snprintf(name, sizeof(name), "%s%s%s", words[0], words[1] ? " " : "", words[1] ?: "");
	const char *near = str_nearest(name, command_at, NULL);
	if (near)
		return err_say(err, EINVAL, "%s: unknown command; did you mean %s?", name, near);
	return err_say(err, EINVAL, "%s: unknown command; containctl help lists them all", name);
}

/* An option that the command takes no notice of was meant to do something. */
static int check_options(const struct ctl *ctl, struct err *err)
{
	for (const struct ctl_option *option = ctl_options; option->name; option++) {
		const void *member = (const char *)ctl + option->member;
		bool given =
		    option->value ? *(const char *const *)member != NULL : *(const bool *)member;
		if (given && !option->everywhere &&
		    !is_word_of(ctl->command->options, option->name, strlen(option->name)))
			return err_say(err, EINVAL, "%s: %s has no such option", option->name,
			    ctl->command->name);
	}
	return 0;
}

static int check_words(const struct ctl *ctl, struct err *err)
{
	const struct command *command = ctl->command;

	if (ctl->word_count >= command->least && ctl->word_count <= command->most)
		return 0;
	return err_say(err, EINVAL, "%s: %s; use containctl %s %s", command->name,
	    ctl->word_count < command->least ? "an argument is missing" : "too many arguments",
	    command->name, command->arguments);
}

int command_line_parse(char **argv, struct ctl *ctl, struct err *err)
{
	if (*argv)
		argv++;
	int r = take_options(argv, ctl, err);
	if (r < 0 || ctl->help || ctl->version)
		return r < 0 ? r : 0;
	r = find_command(argv, ctl, err);
	if (r < 0)
		return r;
	while (ctl->words[ctl->word_count])
		ctl->word_count++;
	r = check_options(ctl, err);
	return r < 0 ? r : check_words(ctl, err);
}
