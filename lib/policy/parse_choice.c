/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

int parse_choice(const char *text, const struct parse_choice *choices, int *ret, struct err *err)
{
	char words[128] = "";

	for (const struct parse_choice *choice = choices; choice->word; choice++) {
		size_t used = strlen(words);
		if (strcmp(choice->word, text) == 0) {
			*ret = choice->value;
			return 0;
		}
		const char *glue = !used ? "" : choice[1].word ? ", " : " or ";
		snprintf(words + used, sizeof(words) - used, "%s%s", glue, choice->word);
	}
	return err_say(err, EINVAL, "\"%.128s\" is not possible: use %s", text, words);
}

const char *parse_choice_word(const struct parse_choice *choices, int value)
{
	for (; choices->word; choices++)
		if (choices->value == value)
			return choices->word;
	return NULL;
}

int parse_flag(const char *text, bool *ret, struct err *err)
{
	static const struct parse_choice words[] = { { "yes", true }, { "no", false },
		{ "true", true }, { "false", false }, { NULL, 0 } };
	int value = 0;
	int r = parse_choice(text, words, &value, err);

	if (r == 0)
		*ret = value;
	return r;
}

int parse_or_auto(const char *text, int (*check)(const char *text, struct err *err), char **field,
    struct err *err)
{
	if (strcmp(text, "auto") == 0) {
		free(*field);
		*field = NULL;
		return 0;
	}
	int r = check(text, err);
	return r < 0 ? r : parse_text(text, field, err);
}

int parse_text(const char *text, char **field, struct err *err)
{
	char *copy;

	if (!*text)
		return err_say(err, EINVAL, "the value is empty");
	copy = strdup(text);
	if (!copy)
		return err_sys(err, ENOMEM, "cannot keep a value");
	free(*field);
	*field = copy;
	return 0;
}
