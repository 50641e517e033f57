/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "containctl/subject.h"

/* Those that a file can say, be it that of a network. */
static bool key_is_shown(const struct policy_key *key)
{
	return key->uses & (KEY_FILE | KEY_NETWORK);
}

/* Where the comments begin that say which file a value is from. */
#define COLUMN 40

/* ------------------------------------------------------------------------------ as policy file */

/*
 * The value as it can stand in a policy file again: in one line, percent signs doubled where they
 * would be taken for something else, quotes around blanks at its ends. Returns its width.
 */
static int print_value(const struct policy_key *key, const char *value)
{
	size_t length = strlen(value);
	bool outer =
	    !key->clear && (!length || strchr(" \t", value[0]) || strchr(" \t", value[length - 1]));
	const char *quote = outer ? "\"" : "";
	int width = printf("%s", quote);

	for (; *value; value++) {
		char c = key->clear && strchr("\n\t", *value) ? ' ' : *value;
		bool twice = c == '%' && key->uses & KEY_EXPAND;
		width += printf("%s%c", twice ? "%" : "", c);
	}
	return width + printf("%s", quote);
}

static void print_line(const char *name, const struct policy_key *key, const char *value,
    const struct policy_origin *origin)
{
	int width = printf("%s = ", name);

	width += print_value(key, value);
	printf("%*s", width < COLUMN ? COLUMN - width : 1, "");
	if (origin)
		printf("# %s:%u\n", origin->file, origin->line);
	else
		puts("# default");
}

static void print_variables(const struct policy *policy, const struct policy_key *key)
{
	for (size_t i = 0; i < policy->origin_count; i++)
		if (policy->origins[i].key == key)
			print_line(policy->origins[i].name, key, policy->origins[i].value,
			    &policy->origins[i]);
}

/* The row if it is what the setting says, or if nothing does and it is the first to say it. */
static void print_row(const struct policy *policy, const struct policy_key *key)
{
	const struct policy_origin *origin = policy_origin_find(policy, key, NULL);

	/* What only the file of a network can say is no line of a policy file. */
	if (origin && origin->key == key && !(key->uses & KEY_FILE))
		fputs("# ", stdout);
	if (origin && origin->key == key)
		print_line(key->name, key, origin->value, origin);
	else if (!origin && policy_key_setting(key) == key && key->uses & KEY_FILE)
		print_line(key->name, key, key->standard, NULL);
}

static void print_section(const struct policy *policy, const char *section)
{
	printf("\n[%s]\n", section);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!key_is_shown(key) || strcmp(key->section, section) != 0)
			continue;
		if (key->uses & KEY_FREE)
			print_variables(policy, key);
		else
			print_row(policy, key);
	}
}

static void print_text(const struct subject *subject)
{
	const char *section;

	printf("# %s, uid %u: %s%s %s\n", subject->account.name, subject->account.uid,
	    subject->verdict, subject->exempt ? ", because" : ":", subject->why);
	for (size_t i = 0; (section = policy_key_section(i)); i++)
		print_section(&subject->policy, section);
}

/* ------------------------------------------------------------------------------------- as JSON */

static void put_origin(struct json *json, const struct policy_origin *origin)
{
	json_string(json, "file", origin ? origin->file : NULL);
	if (origin)
		json_uint(json, "line", origin->line);
	else
		json_null(json, "line");
	json_end(json);
}

static void put_variables(
    struct json *json, const struct policy *policy, const struct policy_key *key)
{
	for (size_t i = 0; i < policy->origin_count; i++) {
		const struct policy_origin *origin = &policy->origins[i];
		if (origin->key != key)
			continue;
		json_object(json, origin->name);
		json_string(json, "value", origin->value);
		put_origin(json, origin);
	}
}

static void put_section(struct json *json, const struct policy *policy, const char *section)
{
	json_object(json, section);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!key_is_shown(key) || strcmp(key->section, section) != 0 || !key->print)
			continue;
		if (key->uses & KEY_FREE) {
			put_variables(json, policy, key);
			continue;
		}
		json_object(json, key->name);
		key->print(&policy->spec, "value", json);
		put_origin(json, policy_origin_find(policy, key, NULL));
	}
	json_end(json);
}

static void print_json(const struct subject *subject)
{
	struct json json = json_start(stdout);
	const char *section;

	json_object(&json, NULL);
	json_string(&json, "account", subject->account.name);
	json_uint(&json, "uid", subject->account.uid);
	json_string(&json, "verdict", subject->verdict);
	json_string(&json, "why", subject->why);
	json_array(&json, "files");
	for (size_t i = 0; i < subject->policy.files.count; i++)
		json_string(&json, NULL, subject->policy.files.items[i]);
	json_end(&json);
	json_object(&json, "policy");
	for (size_t i = 0; (section = policy_key_section(i)); i++)
		put_section(&json, &subject->policy, section);
	json_end(&json);
	json_end(&json);
	putchar('\n');
}

int command_policy_show(struct ctl *ctl, struct err *err)
{
	struct subject subject;
	int r = subject_load(&ctl->places, ctl->words[0], ctl->service, true, &subject, err);

	if (r < 0)
		return r;
	if (ctl->json)
		print_json(&subject);
	else
		print_text(&subject);
	subject_done(&subject);
	return CODE_OK;
}
