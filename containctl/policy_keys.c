/* SPDX-License-Identifier: MIT */
#include "containctl/policy_keys.h"

#include <ctype.h>
#include <string.h>

#include "containctl/ctl.h"

#define WIDTH	 96
#define TEXT_MAX 2048

/* The help, and if `whole` its details, for readers of policy files. */
static void describe(const struct policy_key *key, bool whole, char text[TEXT_MAX])
{
	const char *details = whole ? key->details : NULL;
	char help[TEXT_MAX];

	snprintf(help, sizeof(help), "%s.%s%s", key->help, details ? " " : "", details ?: "");
	policy_keys_rephrase(help, text, TEXT_MAX);
	text[0] = (char)toupper((unsigned char)text[0]);
}

/* What the value is called. */
static const char *value_of(const struct policy_key *key)
{
	return key->uses & KEY_FREE ? "VALUE" : key->value ?: "yes|no";
}

/* Words, in lines that `prefix` begins and that are at most WIDTH wide. */
static void wrap(FILE *out, const char *prefix, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		if (column && column + 1 + length > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column ? " " : prefix, (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_key(const struct policy_key *key)
{
	char text[TEXT_MAX];

	printf("%s = %s%s", key->name, value_of(key), key->clear ? " ..." : "");
	if (key->standard)
		printf("  (default: %s)", key->standard);
	if (!(key->uses & KEY_FILE))
		fputs("  (only in networks/NAME.conf)", stdout);
	putchar('\n');
	describe(key, true, text);
	wrap(stdout, "\t", text);
}

static void print_text(void)
{
	const char *section = NULL;

	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!(key->uses & (KEY_FILE | KEY_NETWORK)))
			continue;
		if (!section || strcmp(section, key->section) != 0)
			printf("%s[%s]\n", section ? "\n" : "", key->section);
		section = key->section;
		print_key(key);
	}
}

void policy_keys_template(FILE *out, unsigned use, const char *whose)
{
	const char *section = NULL;
	char text[TEXT_MAX];

	fprintf(out, "# %s. Take the \"#\" off what shall be said here: contain.conf(5).\n", whose);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!(key->uses & use) || policy_key_setting(key) != key)
			continue;
		if (!section || strcmp(section, key->section) != 0)
			fprintf(out, "\n[%s]\n", key->section);
		section = key->section;
		describe(key, false, text);
		fprintf(out, "# %s%s: %s\n", value_of(key), key->clear ? " ..." : "", text);
		fprintf(out, "#%s = %s\n", key->name, key->standard ?: "VALUE");
	}
}

static void print_json(void)
{
	struct json json = json_start(stdout);
	char text[TEXT_MAX];

	json_array(&json, NULL);
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!(key->uses & (KEY_FILE | KEY_NETWORK)))
			continue;
		describe(key, true, text);
		json_object(&json, NULL);
		json_string(&json, "section", key->section);
		json_string(&json, "key", key->uses & KEY_FREE ? NULL : key->name);
		json_string(&json, "value", value_of(key));
		json_string(&json, "default", key->standard);
		json_bool(&json, "list", key->clear);
		json_bool(&json, "specifiers", key->uses & KEY_EXPAND);
		json_bool(&json, "policy", key->uses & KEY_FILE);
		json_bool(&json, "network", key->uses & KEY_NETWORK);
		json_string(&json, "help", text);
		json_end(&json);
	}
	json_end(&json);
	putchar('\n');
}

int command_policy_keys(struct ctl *ctl, struct err *err)
{
	(void)err;
	if (ctl->json)
		print_json();
	else
		print_text();
	return CODE_OK;
}
