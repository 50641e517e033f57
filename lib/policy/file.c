/* SPDX-License-Identifier: MIT */
#include "lib/policy/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/str.h"
#include "lib/policy/parse.h"
#include "lib/policy/safe_open.h"
#include "lib/policy/scan.h"
#include "lib/policy/specifier.h"

/* What is at work on one file. */
struct reader {
	const char *path;
	unsigned use; /* KEY_FILE or KEY_NETWORK */
	const struct account *account;
	struct policy_file *file;
};

#define complain(reader, line, ...)                                                                \
	problems_add(&(reader)->file->problems, (reader)->path, line, __VA_ARGS__)

/* ------------------------------------------------------------------------------ unknown keys */

struct wanted {
	unsigned use;
	const char *section;
};

static const char *key_at(size_t index, const void *data)
{
	const struct wanted *wanted = data;

	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->uses & wanted->use && strcmp(key->section, wanted->section) == 0 &&
		    index-- == 0)
			return key->name;
	return NULL;
}

/* The section of such files that has a key of this name; NULL: none. */
static const char *section_of(unsigned use, const char *name)
{
	for (const struct policy_key *key = policy_keys; key->name; key++)
		if (key->uses & use && strcmp(key->name, name) == 0)
			return key->section;
	return NULL;
}

static int refuse_unknown(struct reader *reader, const struct scan_entry *entry)
{
	const struct wanted wanted = { reader->use, entry->section };
	const unsigned elsewhere = reader->use == KEY_FILE ? KEY_NETWORK : KEY_FILE;
	const char *near = str_nearest(entry->name, key_at, &wanted);
	const char *other = section_of(reader->use, entry->name);

	if (policy_key_find(elsewhere, entry->section, entry->name))
		return complain(reader, entry->line, "[%s] %.64s: belongs into %s", entry->section,
		    entry->name,
		    elsewhere == KEY_FILE ? "a policy file, and not into that of a network"
					  : "the file of a network, networks/NAME.conf");

	if (near)
		return complain(reader, entry->line, "[%s] %.64s: unknown key; did you mean %s?",
		    entry->section, entry->name, near);
	return complain(reader, entry->line, "[%s] %.64s: unknown key%s%s%s", entry->section,
	    entry->name, other ? "; it belongs to [" : "", other ?: "", other ? "]" : "");
}

/* --------------------------------------------------------------------------------- one entry */

static bool is_variable(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

/* What can be said of the key before its value is looked at; NULL: nothing. */
static const char *check_form(
    const struct policy_key *key, const struct scan_entry *entry, const char *text)
{
	if (key->uses & KEY_FREE && !is_variable(entry->name))
		return "is not the name of a variable: use letters, digits and \"_\", and no digit "
		       "first";
	if (!*text && !(key->uses & KEY_FREE))
		return "has no value";
	if (!key->clear && entry->more)
		return "takes one value and no further lines";
	if (key->clear && entry->quoted)
		return "quotes mean nothing in a list: write a blank in a word as \"\\ \"";
	return NULL;
}

/* Two rows can say the same thing in other words: cpu and cpus. */
static const struct policy_entry *said_before(
    const struct policy_file *file, const struct policy_key *key)
{
	for (size_t i = 0; i < file->count; i++)
		if (file->entries[i].key != key &&
		    policy_key_setting(file->entries[i].key) == policy_key_setting(key))
			return &file->entries[i];
	return NULL;
}

/* On a spec of its own, since one that refused a value is good for nothing else. */
static int try_value(struct reader *reader, const struct policy_entry *entry, struct err *err)
{
	struct jail_spec spec;

	spec_init(&spec);
	spec.account = reader->account;
	int r = policy_key_apply(entry->key, entry->name, entry->value, &spec, err);
	spec_done(&spec);
	return r;
}

static int expand(struct reader *reader, struct policy_entry *entry, struct err *err)
{
	if (entry->key->uses & KEY_EXPAND)
		return specifier_expand(entry->text, reader->account, &entry->value, err);
	return parse_text(entry->text, &entry->value, err);
}

static void entry_done(struct policy_entry *entry)
{
	free(entry->name);
	free(entry->text);
	free(entry->value);
}

static int complete(struct reader *reader, struct policy_entry *entry, struct err *err)
{
	int r = expand(reader, entry, err);

	if (r == 0)
		r = try_value(reader, entry, err);
	return r;
}

static int keep(struct reader *reader, struct policy_entry *entry)
{
	struct policy_file *file = reader->file;
	struct policy_entry *entries =
	    reallocarray(file->entries, file->count + 1, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	file->entries = entries;
	entries[file->count++] = *entry;
	*entry = (struct policy_entry){ .key = NULL };
	return 0;
}

/* `entry` has the key, its name if that is free, the text and the line. Returns 0 or -ENOMEM. */
static int take_value(
    struct reader *reader, const struct scan_entry *scanned, struct policy_entry *entry)
{
	const struct policy_key *key = entry->key;
	const char *why = check_form(key, scanned, entry->text);
	unsigned line = !key->clear && scanned->more ? scanned->more : scanned->line;
	const struct policy_entry *before = said_before(reader->file, key);
	struct err err = ERR_INIT;

	if (why)
		return complain(
		    reader, line, "[%s] %.64s: %s", scanned->section, scanned->name, why);
	if (before)
		return complain(reader, scanned->line, "[%s] %s: says the same as %s in line %u",
		    key->section, key->name, before->key->name, before->line);
	if (complete(reader, entry, &err) < 0)
		return complain(reader, scanned->line, "[%s] %.64s: %s", scanned->section,
		    scanned->name, err.text);
	return keep(reader, entry);
}

static int take_entry(struct reader *reader, const struct scan_entry *scanned, char **text)
{
	const struct policy_key *key =
	    policy_key_find(reader->use, scanned->section, scanned->name);
	struct policy_entry entry = { .key = key, .text = take_ptr(*text), .line = scanned->line };
	int r = 0;

	if (!key)
		r = refuse_unknown(reader, scanned);
	else if (key->uses & KEY_FREE && !(entry.name = strdup(scanned->name)))
		r = -ENOMEM;
	else
		r = take_value(reader, scanned, &entry);
	entry_done(&entry);
	return r;
}

/* --------------------------------------------------------------------------------- the whole */

static int take_all(struct reader *reader, const struct scan *scan, struct econf_value *values)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < scan->count; i++)
		r = take_entry(reader, &scan->entries[i], &values[i].value);
	return r;
}

static int read_values(
    struct reader *reader, const struct scan *scan, struct econf *econf, struct err *err)
{
	struct econf_value *values = calloc(scan->count + 1, sizeof(*values));

	if (!values)
		return err_sys(err, ENOMEM, "%.256s", reader->path);
	for (size_t i = 0; i < scan->count; i++)
		values[i] =
		    (struct econf_value){ scan->entries[i].section, scan->entries[i].name, NULL };
	int r = econf_read(econf, scan->text, values, scan->count, err);
	if (r < 0)
		err_prefix(err, "%.256s", reader->path);
	else if (take_all(reader, scan, values) < 0)
		r = err_sys(err, ENOMEM, "%.256s", reader->path);
	for (size_t i = 0; i < scan->count; i++)
		free(values[i].value);
	free(values);
	return r;
}

int policy_file_read(int fd, const char *path, unsigned use, const struct account *account,
    struct econf *econf, struct policy_file *ret, struct err *err)
{
	struct policy_file file = { .entries = NULL };
	struct reader reader = { .path = path, .use = use, .account = account, .file = &file };
	struct scan scan = { .entries = NULL };
	cleanup_free char *text = NULL;
	size_t length;
	int r = fd_read_all(fd, SAFE_FILE_MAX, &text, &length, err);

	if (r < 0)
		return err_prefix(err, "%.256s", path);
	r = scan_text(text, length, path, &scan, &file.problems, err);
	if (r == 0 && scan.count)
		r = read_values(&reader, &scan, econf, err);
	scan_done(&scan);
	if (r == 0)
		*ret = file;
	else
		policy_file_done(&file);
	return r;
}

void policy_file_done(struct policy_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		entry_done(&file->entries[i]);
	free(file->entries);
	problems_done(&file->problems);
	*file = (struct policy_file){ .entries = NULL };
}
