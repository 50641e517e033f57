/* SPDX-License-Identifier: MIT */
#include "contain-exec/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "contain-exec/own_options.h"

static struct option_row row_of_key(const struct policy_key *key)
{
	return (struct option_row){ .group = key->section,
		.names = key->options,
		.value = key->value,
		.help = key->help,
		.details = key->details,
		.list = key->clear || key->uses & KEY_FREE,
		.parse_key = key->parse };
}

bool options_row(size_t index, struct option_row *ret)
{
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		if (!key->options || index-- > 0)
			continue;
		*ret = row_of_key(key);
		return true;
	}
	for (const struct option_row *own = own_options; own->names; own++) {
		if (index-- > 0)
			continue;
		*ret = *own;
		return true;
	}
	return false;
}

const char *options_next_word(const char **list, size_t *ret_length)
{
	const char *name = *list + strspn(*list, " ");

	*ret_length = strcspn(name, " ");
	*list = name + *ret_length;
	return *ret_length ? name : NULL;
}

/* Find the row that has this name, "--memory" or "-m". Returns whether there is one. */
static bool find(const char *name, size_t length, struct option_row *ret)
{
	size_t other_length;

	for (size_t i = 0; options_row(i, ret); i++) {
		const char *names = ret->names, *other;
		while ((other = options_next_word(&names, &other_length)))
			if (other_length == length && memcmp(other, name, length) == 0)
				return true;
	}
	return false;
}

#define NAME_ROOM 32 /* for the longest one and what is near it */

/* All long names. */
static int list_names(struct strv *ret)
{
	struct option_row row;
	char copy[NAME_ROOM];
	size_t length;
	int r = 0;

	for (size_t i = 0; r == 0 && options_row(i, &row); i++) {
		const char *names = row.names, *name;
		while (r == 0 && (name = options_next_word(&names, &length))) {
			snprintf(copy, sizeof(copy), "%.*s", (int)length, name);
			if (length > 2)
				r = strv_add(ret, copy);
		}
	}
	return r;
}

static const char *name_at(size_t index, const void *data)
{
	const struct strv *names = data;

	return index < names->count ? names->items[index] : NULL;
}

static int refuse_unknown(const char *name, size_t length, struct err *err)
{
	struct strv names = { NULL, 0 };
	const char *near = NULL;
	char copy[NAME_ROOM];

	if (snprintf(copy, sizeof(copy), "%.*s", (int)length, name) < (int)sizeof(copy) &&
	    length > 2 && list_names(&names) == 0)
		near = str_nearest(copy, name_at, &names);
	int r = near ? err_say(err, EINVAL, "%.*s: unknown option; did you mean %s?", (int)length,
			   name, near)
		     : err_say(err, EINVAL, "%.*s: unknown option; --help lists them all",
			   (int)length, name);
	strv_free(&names);
	return r;
}

static bool takes_value(const struct option_row *row)
{
	return row->value && row->value[0] != '[';
}

/* `length` characters of `name` are the option as it was typed. */
static int apply(const struct option_row *row, const char *name, size_t length, const char *value,
    struct options *options, struct err *err)
{
	int r = -EINVAL;

	if (!value && takes_value(row))
		return err_say(
		    err, EINVAL, "%.*s: a value is missing: %s", (int)length, name, row->value);
	if (!value && !row->value)
		value = "yes";
	if (row->parse_key)
		r = row->parse_key(&options->spec, value, err);
	else if (row->parse_own)
		r = row->parse_own(options, value, err);
	return r < 0 ? err_prefix(err, "%.*s", (int)length, name) : 0;
}

/* "--name", "--name value" or "--name=value". *argv moves behind what belongs to it. */
static int parse_long(char ***argv, struct options *options, struct err *err)
{
	const char *word = *(*argv)++;
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	struct option_row row;

	if (!find(word, length, &row))
		return refuse_unknown(word, length, err);
	if (!value && takes_value(&row) && **argv)
		value = *(*argv)++;
	return apply(&row, word, length, value, options, err);
}

/* "-m 64M", "-m64M", "-m=64M"; flags can be joined: "-it". */
static int parse_short(char ***argv, struct options *options, struct err *err)
{
	const char *word = *(*argv)++;
	int r = 0;

	for (const char *letter = word + 1; r == 0 && *letter; letter++) {
		const char name[] = { '-', *letter, '\0' };
		const char *value = NULL;
		struct option_row row;
		if (!find(name, 2, &row))
			return refuse_unknown(name, 2, err);
		if (takes_value(&row)) {
			if (letter[1])
				value = letter + 1 + (letter[1] == '=');
			else if (**argv)
				value = *(*argv)++;
			return apply(&row, name, 2, value, options, err);
		}
		r = apply(&row, name, 2, NULL, options, err);
	}
	return r;
}

void options_init(struct options *options)
{
	*options = (struct options){ .status_fd = -1 };
	spec_init(&options->spec);
}

int options_parse(char **argv, struct options *options, struct err *err)
{
	int r = 0;

	if (*argv)
		argv++;
	while (r == 0 && *argv && (*argv)[0] == '-' && (*argv)[1]) {
		if (strcmp(*argv, "--") == 0) {
			argv++;
			break;
		}
		r = (*argv)[1] == '-' ? parse_long(&argv, options, err)
				      : parse_short(&argv, options, err);
		if (options->help || options->version)
			return r;
	}
	for (; r == 0 && *argv; argv++)
		if (strv_add(&options->spec.run.command, *argv) < 0)
			r = err_sys(err, ENOMEM, "cannot keep the command");
	return r;
}

void options_done(struct options *options)
{
	spec_done(&options->spec);
	options->status_fd = fd_close(options->status_fd);
}
