/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_KEYS_H
#define CONTAIN_POLICY_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/policy/spec.h"

/* How a row can be used, besides as the options that it has. */
enum {
	KEY_FILE = 1,	  /* it is a key of policy files */
	KEY_EXPAND = 2,	  /* there, "%u" and its like stand for the account: specifier.h */
	KEY_PATH = 4,	  /* there, a path of the host, which must be absolute */
	KEY_FREE = 8,	  /* there, its name is up to the writer of the file */
	KEY_NETWORK = 16, /* it is a key of the files that describe networks */
};

/*
 * Everything that can be said about a jail, one row each. From a row come the key of policy files,
 * the command line option and its aliases, the help, both manuals, the JSON and `containctl
 * policy`.
 *
 * A row whose `print` is NULL is another way to say what the row above it says.
 */
struct policy_key {
	const char *section; /* of policy files, the JSON, the help: "limits"; NULL: of running a
			command, and not in policy files */
	const char *name;    /* of the key there and of the member of the JSON: "memory" */
	unsigned uses;	     /* KEY_FILE and so on; 0: only options */
	const char *options; /* "--memory --memory-limit -m", canonical first; NULL: no option */
	const char *value; /* what the value is called in help: "SIZE"; NULL: a flag without one */
	const char *standard; /* the value that stands for what spec_init() says; a list's is the
			word for an empty one; NULL where files cannot say it */
	const char *help;     /* one sentence, lower case, no full stop */
	const char *details;  /* whole sentences that the manual adds to it; NULL: none */
	/*
	 * Put `value` ("yes" or "no" for flags) into the spec. Lists grow by one item a call; of
	 * anything else the last call wins. Returns 0, or -errno with a message that says what is
	 * wrong and what is right, without the option's name, which the caller puts in front; the
	 * spec then still is one that spec_done() frees, and good for nothing else.
	 */
	int (*parse)(struct jail_spec *spec, const char *value, struct err *err);
	/* Write the spec's value as the member `name` of an open JSON object. */
	void (*print)(const struct jail_spec *spec, const char *name, struct json *json);
	/* A list: forget its items. NULL: it is none. */
	void (*clear)(struct jail_spec *spec);
};

/* All rows, sections together, in the order of the manuals; ends with a row whose name is NULL. */
extern const struct policy_key policy_keys[];

/* The row of a key of policy files (KEY_FILE), or of those that describe networks (KEY_NETWORK); of
 * the row KEY_FREE where the section has one. NULL: none. */
const struct policy_key *policy_key_find(unsigned use, const char *section, const char *name);

/* The row of an option, "--memory", which need not end after `length` characters. NULL: none. */
const struct policy_key *policy_key_of_option(const char *option, size_t length);

/* The row that says what `key` says: itself, or the row that it is another way to write of. */
const struct policy_key *policy_key_setting(const struct policy_key *key);

/* The n-th section of policy files; NULL after the last. */
const char *policy_key_section(size_t n);

/*
 * Put what a policy file says of a key into the spec, in place of what it says of it already.
 * `name` is that of a KEY_FREE row. Lists are words that blanks separate; "\ " is a blank in one.
 * Returns 0 or -errno as `parse` does.
 */
int policy_key_apply(const struct policy_key *key, const char *name, const char *value,
    struct jail_spec *spec, struct err *err);

/*
 * The next key of policy files that *text, a message or a row's help, names: as an option,
 * "--memory", or as "[limits] memory". *ret_start is where, and *text moves behind it. NULL: no
 * more.
 */
const struct policy_key *policy_keys_next_named(const char **text, const char **ret_start);

/* Write `text` for readers of policy files: "--memory" becomes "[limits] memory". */
void policy_keys_rephrase(const char *text, char *ret, size_t size);

/* The whole spec as one JSON object: a member per section, then those of no section, the name of
 * the account, the id of the image where it is known, the command. */
void policy_keys_print(const struct jail_spec *spec, struct json *json, const char *member);

#endif
