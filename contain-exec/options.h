/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_OPTIONS_H
#define CONTAIN_EXEC_OPTIONS_H

/*
 * The command line of contain-exec. What can be typed is one list of rows: those of policy_keys[]
 * that have options, and the program's own. The parser, --help and the manual all read that list.
 */

#include "lib/contain.h"

enum stats_format { STATS_NONE, STATS_TEXT, STATS_JSON };

struct options {
	const struct policy_places *places; /* where --policy and --as look; the caller's */
	const char *policy_name;	    /* of --policy and of --as, in argv; NULL: not given */
	const char *account_name;
	const char *network_name; /* likewise the last --network, which may have a file */
	struct account account;	  /* of --as: the spec's */
	struct policy policy; /* of either: where its values come from; not its spec, which is */
	struct jail_spec spec;
	const char *entrypoint; /* in argv, in place of the image's; NULL: not given */
	int image_lock;		/* keeps the image that the root is of; -1: none */
	enum stats_format stats;
	int status_fd; /* -1: none; ours, closed by options_done() */
	bool verbose;
	bool dry_run;
	bool help;
	bool version;
};

/* One row of the list. Of the two functions one is NULL; their contract is policy_key's. */
struct option_row {
	const char *group;    /* the section of a policy key; NULL: about running the command */
	const char *names;    /* "--memory --memory-limit -m", canonical first */
	const char *value;    /* NULL: a flag; "[=text|json]": may be left out and is then NULL */
	const char *help;     /* one sentence, lower case, no full stop */
	const char *details;  /* whole sentences for the manual, or NULL */
	const char *standard; /* what is there without it, or NULL: nothing, or it is a flag */
	bool list;	      /* every further one adds to those before */
	int (*parse_key)(struct jail_spec *spec, const char *value, struct err *err);
	int (*parse_own)(struct options *options, const char *value, struct err *err);
};

/* Get row number index. Returns whether there is one. */
bool options_row(size_t index, struct option_row *ret);

/*
 * Take the next word off a list that is separated by spaces: *ret_length gets its length, *list
 * moves behind it. Returns the word, NULL after the last.
 */
const char *options_next_word(const char **list, size_t *ret_length);

/* Nothing given. `places` must outlive the options; NULL where no policy can be asked for. */
void options_init(struct options *options, const struct policy_places *places);

/*
 * Parse argv, which is NULL-terminated as main()'s: options up to "--" or the first word that is
 * none, then the command. Later options win over earlier ones, and all of them over the policy that
 * --policy or --as name, wherever these stand; --help and --version end the parsing. Returns 0, or
 * -errno with a message that begins with the option as it was typed, or with the file of a policy;
 * even then options->status_fd is valid if one was given before.
 */
int options_parse(char **argv, struct options *options, struct err *err);

/* Free and close what the options own. Harmless twice. */
void options_done(struct options *options);

#endif
