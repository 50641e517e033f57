/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/keys.h"

/* The lower-case words of "none|tmpfs|image:NAME|DIR" stand for themselves, and for what begins so.
 */
static bool is_word_of(const char *words, const char *value)
{
	size_t length = strlen(value);

	for (; *words; words += *words == '|') {
		size_t other = strcspn(words, "|");
		const char *colon = memchr(words, ':', other);
		size_t fixed = colon ? (size_t)(colon - words) + 1 : other;
		if (islower((unsigned char)*words) && strncmp(words, value, fixed) == 0 &&
		    (colon || length == other))
			return true;
		words += other;
	}
	return false;
}

/* Whoever reads a policy file has a working directory that nobody thought of. */
static int parse_one(
    const struct policy_key *key, const char *value, struct jail_spec *spec, struct err *err)
{
	if (key->uses & KEY_PATH && *value != '/' && *value && !is_word_of(key->value, value))
		return err_say(err, EINVAL,
		    "\"%.128s\" does not begin with \"/\": use %s with an absolute path", value,
		    key->value);
	return key->parse(spec, value, err);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* A volume of the two longest paths. */
#define WORD_MAX (2 * PATH_MAX + 32)

/* Take the next word of a list off *list. A backslash in front of a blank makes it part of the
 * word, any other is for whoever parses the word. Returns its length, which may be too long to fit:
 * then not all of it is in `word`. */
static size_t next_word(const char **list, char word[WORD_MAX])
{
	const char *in = *list;
	size_t used = 0;

	while (is_blank(*in))
		in++;
	for (; *in && !is_blank(*in) && used < WORD_MAX - 2; in++) {
		if (*in == '\\' && is_blank(in[1]))
			in++;
		else if (*in == '\\' && in[1])
			word[used++] = *in++;
		word[used++] = *in;
	}
	word[used] = '\0';
	*list = in;
	return used;
}

static int apply_list(
    const struct policy_key *key, const char *value, struct jail_spec *spec, struct err *err)
{
	char word[WORD_MAX];
	size_t length;
	int r = 0;

	key->clear(spec);
	if (strcmp(value, key->standard) == 0)
		return 0;
	while (r == 0 && (length = next_word(&value, word)))
		r = length < WORD_MAX - 2
			? parse_one(key, word, spec, err)
			: err_say(err, ENAMETOOLONG, "\"%.32s...\" is too long for one item", word);
	return r;
}

int policy_key_apply(const struct policy_key *key, const char *name, const char *value,
    struct jail_spec *spec, struct err *err)
{
	cleanup_free char *both = NULL;

	if (key->clear)
		return apply_list(key, value, spec, err);
	if (!(key->uses & KEY_FREE))
		return parse_one(key, value, spec, err);
	if (asprintf(&both, "%s=%s", name, value) < 0) {
		both = NULL;
		return err_sys(err, ENOMEM, "cannot keep a variable");
	}
	return key->parse(spec, both, err);
}
