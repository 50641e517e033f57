/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_LOAD_H
#define CONTAIN_POLICY_LOAD_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/policy/keys.h"
#include "lib/policy/spec.h"

/*
 * Policy files: which ones say something about an account, and what they say together.
 *
 *	VENDOR/default.conf	what comes with the program
 *	DIRECTORY/default.conf	everybody
 *	DIRECTORY/groups/G.conf	members of group G (account_is_member()), in the order of the
 *				groups' names (bytewise)
 *	DIRECTORY/users/U.conf	the account U
 *
 * and DIRECTORY/networks/N.conf of the network that the last of them names which names one: what it
 * says comes right before what that file says.
 *
 * Later files win over earlier ones, key by key; of a list the later file's replaces the earlier
 * one whole. Missing files are fine, everything else that is wrong with one is an error:
 * "FILE:LINE: [section] key: ...". Every file that is read is checked whole, also where a later
 * file wins. Files that others than root could have written are refused: safe_open.h; the
 * vendor's belongs to whoever the program belongs to.
 */
#define POLICY_DIRECTORY "/etc/contain"

struct policy_places {
	const char *directory;	 /* POLICY_DIRECTORY; absolute */
	const char *vendor;	 /* DATADIR; absolute */
	const char *libexec_dir; /* holds contain-policy.so, which parses files; absolute */
	/* For an editor that has not saved yet: `draft` is read in place of the file that messages
	 * call `draft_of`. NULL: none. */
	const char *draft;
	const char *draft_of;
	/* What a command line says of [network] mode, which counts more than any file. NULL:
	 * nothing. */
	const char *network;
};

enum policy_part { POLICY_DEFAULT, POLICY_GROUP, POLICY_USER, POLICY_NETWORK };

/* The path of the file for everybody, for a group, an account or a network; of the first, `name` is
 * not looked at. Returns 0, or -EINVAL with a message for a name that can have no file. */
int policy_path(const struct policy_places *places, enum policy_part part, const char *name,
    char path[PATH_MAX], struct err *err);

/* Where the value of a key comes from. */
struct policy_origin {
	const struct policy_key *key;
	char *name;  /* of a key of [environment], which are free; else NULL */
	char *text;  /* as it stands in the file, without comment and quotes */
	char *value; /* the same with what %u and its like stand for */
	char *file;
	unsigned line;
};

struct policy {
	struct jail_spec spec;	       /* its account is the caller's */
	struct policy_origin *origins; /* one for each setting and variable that a file says
					  something about, in the keys' order */
	size_t origin_count;
	struct strv files; /* those that were read, in order */
};

/*
 * Load what is said about `account`, which must outlive *ret. Checks each value, and the whole by
 * spec_check() as a resident jail, but only if the account is to be jailed at all; the name of the
 * jail and what runs in it are for the caller to fill in. Loads contain-policy.so for as long as it
 * takes. Returns 0, or -errno with the file and line. The caller frees *ret with policy_done(). No
 * namespaces and no privileges needed but for reading the files.
 */
int policy_load(const struct policy_places *places, const struct account *account,
    struct policy *ret, struct err *err);

/*
 * The same for nobody in particular: default.conf and groups/GROUP.conf, or if `group` has a "/" in
 * it, default.conf and the file of that path. -ENOENT where that file is missing. Not checked by
 * spec_check(), because options may still change it.
 */
int policy_load_group(
    const struct policy_places *places, const char *group, struct policy *ret, struct err *err);

/* The same, only for the network that `places->network` names, where it names one. */
int policy_load_network(const struct policy_places *places, struct policy *ret, struct err *err);

/*
 * A number that changes when one of the files changes, comes or goes that policy_load() looks at
 * for the account of this name, or what they are looked up by. Taken before the files are read, it
 * tells later whether they would say the same. 0: one of them has only just changed, and the number
 * says nothing. Groups that are no file's but a directory service's are not in it.
 */
uint64_t policy_fingerprint(const struct policy_places *places, const char *account);

enum policy_verdict {
	POLICY_FREE,	/* not confined by policy */
	POLICY_JAILED,	/* in a jail, or not at all */
	POLICY_REFUSED, /* may not log in through this service, because nothing could confine it */
};

/*
 * What becomes of a login through a PAM service; NULL for none in particular. `why` gets one
 * sentence that names the rule with its file and line.
 */
#define POLICY_WHY_MAX 512
enum policy_verdict policy_decide(
    const struct policy *policy, const char *service, char why[POLICY_WHY_MAX]);

/*
 * What a file says of the setting of this row (cpu and cpus are one), or of the variable `name` of
 * [environment]. It stays the policy's. NULL: no file says anything.
 */
struct policy_origin *policy_origin_find(
    const struct policy *policy, const struct policy_key *key, const char *name);

/* Forget where it comes from, because something else has set it since. */
void policy_origin_drop(struct policy *policy, struct policy_origin *origin);

/* The first key that a message names, as an option or as a key, and that a file sets; NULL: none.
 */
const struct policy_origin *policy_origin_named(const struct policy *policy, const struct err *err);

/*
 * Make a message about options ("--memory: ...") one about the keys of this policy: every option
 * that is a key is named "[limits] memory", and the file and line of the first one, if a file sets
 * it, stand in front. For errors of spec_check() and jail_open(). Returns -err->code.
 */
int policy_locate(const struct policy *policy, struct err *err);

void policy_done(struct policy *policy);

#endif
