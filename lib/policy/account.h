/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_ACCOUNT_H
#define CONTAIN_POLICY_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/err.h"

/*
 * An account of the host as the name service switch has it (nsswitch.conf(5)): files, LDAP, SSSD.
 * Only asked on the host's side, before anything of a jail is looked at.
 */
struct account {
	char *name; /* as the name service writes it, whatever was typed */
	uid_t uid;
	gid_t gid; /* of its primary group */
	char *gecos;
	char *home;	    /* as the account has it: may be "", "/" or missing on the disk */
	char *shell;	    /* "/bin/sh" where the account has none: passwd(5) */
	char *group;	    /* name of the primary group; its number where it has no name */
	gid_t *groups;	    /* all of them, the primary one first, each once */
	char **group_names; /* of each of them, NULL where there is none; NULL until asked for */
	size_t group_count;
};

/* No account; account_done() is harmless on it. */
#define ACCOUNT_INIT                                                                               \
	{                                                                                          \
		.name = NULL                                                                       \
	}

/*
 * Look up the account called `name`, with its groups (initgroups(3)). Returns 0, -ENOENT where
 * there is none, -ERANGE for ids that cannot be used ((uid_t)-1), or the -errno of a name service
 * that does not answer. The caller frees *ret with account_done().
 */
int account_lookup(const char *name, struct account *ret, struct err *err);

/* The same where the groups are known: `groups` are copied, and not asked for again. */
int account_lookup_with_groups(const char *name, const gid_t *groups, size_t group_count,
    struct account *ret, struct err *err);

/* Ask for the names of all groups. Once; one question to the name service for each. */
int account_name_groups(struct account *account, struct err *err);

/* Whether gid is one of the account's groups. */
bool account_has_group(const struct account *account, gid_t gid);

/* The number of the group called `name`. Returns 0, -ENOENT where there is none, or -errno. */
int account_group_id(const char *name, gid_t *ret, struct err *err);

/*
 * Whether the account is a member of the group called `name`, or the group lists it: a name service
 * whose group servers do not answer may say that somebody is in no group but their own, and that
 * would leave out what confines them. Returns 0, -ENOENT where there is no such group, or -errno.
 */
int account_is_member(const struct account *account, const char *name, bool *ret, struct err *err);

void account_done(struct account *account);

#endif
