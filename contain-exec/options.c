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
		.standard = key->value && !key->clear ? key->standard : NULL,
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

/* The command line is gone through twice, because what is in between, a policy, is first said on it
 * and comes before all else that is said of the jail. */
enum pass { PASS_OWN, PASS_JAIL };

/* It is the option's value now, and no policy file's, unless it was added to a list. */
static void take_over(struct policy *policy, const char *name, size_t length)
{
	const struct policy_key *key = policy_key_of_option(name, length);

	if (key->clear || key->uses & KEY_FREE)
		return;
	struct policy_origin *origin = policy_origin_find(policy, key, NULL);
	if (origin)
		policy_origin_drop(policy, origin);
}

/* What the file of a network says comes before what the command line says, so that its name has to
 * be known by then. */
static bool is_network(const struct option_row *row)
{
	return row->parse_key == policy_key_find(KEY_FILE, "network", "mode")->parse;
}

/* `length` characters of `name` are the option as it was typed. */
static int apply(const struct option_row *row, const char *name, size_t length, const char *value,
    enum pass pass, struct options *options, struct err *err)
{
	int r = 0;

	if (!value && takes_value(row))
		return err_say(
		    err, EINVAL, "%.*s: a value is missing: %s", (int)length, name, row->value);
	if (!value && !row->value)
		value = "yes";
	if (pass == PASS_OWN && is_network(row))
		options->network_name = value;
	if (row->parse_own && pass == PASS_OWN)
		r = row->parse_own(options, value, err);
	if (row->parse_key && pass == PASS_JAIL) {
		take_over(&options->policy, name, length);
		r = row->parse_key(&options->spec, value, err);
	}
	return r < 0 ? err_prefix(err, "%.*s", (int)length, name) : 0;
}

/* "--name", "--name value" or "--name=value". *argv moves behind what belongs to it. */
static int parse_long(char ***argv, enum pass pass, struct options *options, struct err *err)
{
	const char *word = *(*argv)++;
	size_t length = strcspn(word, "=");
	const char *value = word[length] ? word + length + 1 : NULL;
	struct option_row row;

	if (!find(word, length, &row))
		return refuse_unknown(word, length, err);
	if (!value && takes_value(&row) && **argv)
		value = *(*argv)++;
	return apply(&row, word, length, value, pass, options, err);
}

/* "-m 64M", "-m64M", "-m=64M"; flags can be joined: "-it". */
static int parse_short(char ***argv, enum pass pass, struct options *options, struct err *err)
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
			return apply(&row, name, 2, value, pass, options, err);
		}
		r = apply(&row, name, 2, NULL, pass, options, err);
	}
	return r;
}

/* *argv moves behind the options. */
static int parse_all(char ***argv, enum pass pass, struct options *options, struct err *err)
{
	int r = 0;

	while (r == 0 && **argv && (**argv)[0] == '-' && (**argv)[1]) {
		if (strcmp(**argv, "--") == 0) {
			(*argv)++;
			break;
		}
		r = (**argv)[1] == '-' ? parse_long(argv, pass, options, err)
				       : parse_short(argv, pass, options, err);
		if (options->help || options->version)
			break;
	}
	return r;
}

static int load_account(
    struct options *options, const struct policy_places *places, struct err *err)
{
	int r = account_lookup(options->account_name, &options->account, err);

	if (r == 0 && options->account.uid == 0)
		r = err_say(err, EINVAL,
		    "%s cannot be had in a container; without --as the command is the container's "
		    "own root",
		    options->account.name);
	if (r == 0)
		r = account_name_groups(&options->account, err);
	if (r < 0)
		return err_prefix(err, "--as");
	return policy_load(places, &options->account, &options->policy, err);
}

static int load_named(struct options *options, const struct policy_places *places, struct err *err)
{
	int r = policy_load_group(places, options->policy_name, &options->policy, err);

	return r == -ENOENT ? err_prefix(err, "--policy") : r;
}

/* What the policy says is where the options go on from. */
static int load_policy(struct options *options, struct err *err)
{
	int r = 0;

	if (options->policy_name && options->account_name)
		return err_say(err, EINVAL,
		    "--policy and --as cannot be given together: an account has its own policy");
	struct policy_places places = { .network = NULL };
	if (options->places)
		places = *options->places;
	places.network = options->network_name;
	if (options->account_name)
		r = load_account(options, &places, err);
	else if (options->policy_name)
		r = load_named(options, &places, err);
	else if (options->network_name && options->places)
		r = policy_load_network(&places, &options->policy, err);
	else
		return 0;
	if (r < 0)
		return r;
	options->spec = options->policy.spec;
	spec_init(&options->policy.spec);
	return 0;
}

void options_init(struct options *options, const struct policy_places *places)
{
	*options = (struct options){ .places = places, .status_fd = -1, .image_lock = -1 };
	spec_init(&options->spec);
	spec_init(&options->policy.spec);
}

int options_parse(char **argv, struct options *options, struct err *err)
{
	if (*argv)
		argv++;
	char **again = argv;
	int r = parse_all(&again, PASS_OWN, options, err);
	if (r < 0 || options->help || options->version)
		return r;
	r = load_policy(options, err);
	if (r == 0)
		r = parse_all(&argv, PASS_JAIL, options, err);
	for (; r == 0 && *argv; argv++)
		if (strv_add(&options->spec.run.command, *argv) < 0)
			r = err_sys(err, ENOMEM, "cannot keep the command");
	return r;
}

void options_done(struct options *options)
{
	spec_done(&options->spec);
	policy_done(&options->policy);
	account_done(&options->account);
	options->image_lock = fd_close(options->image_lock);
	options->status_fd = fd_close(options->status_fd);
}
