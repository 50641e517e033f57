/* SPDX-License-Identifier: MIT */
#include "lib/policy/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"

/* A group with some hundred thousand members is longer than anything that is meant seriously. */
#define ENTRY_MAX  ((size_t)16 << 20)
#define GROUPS_MAX 65536 /* NGROUPS_MAX of the kernel */

/* Make the buffer for what the name service returns larger than it was. */
static int grow(char **buffer, size_t *size)
{
	size_t larger = *size ? *size * 4 : 1024;

	free(*buffer);
	*buffer = malloc(larger);
	*size = larger;
	return *buffer ? 0 : -ENOMEM;
}

/*
 * What the two below have got: 0, -ENOENT or another -errno; no message. glibc says 0 where all
 * services were asked and none has it. ENOENT, which getpwnam(3) counts as the same, is what it
 * says when one of them could not be asked and gave that as its reason, such as a missing socket:
 * taken for "there is no such group" it would leave out the policy of one that there is.
 */
static int result(int errnum, bool found)
{
	if (errnum == 0)
		return found ? 0 : -ENOENT;
	return errnum == ENOENT ? -EAGAIN : -errnum;
}

/* *ret points into *buffer, which the caller frees in any case. */
static int look_up_passwd(const char *name, struct passwd *ret, char **buffer)
{
	struct passwd *found = NULL;
	size_t size = 0;
	int errnum;

	do {
		if (grow(buffer, &size) < 0)
			return -ENOMEM;
		errnum = getpwnam_r(name, ret, *buffer, size, &found);
	} while (errnum == EINTR || (errnum == ERANGE && size < ENTRY_MAX));
	return result(errnum, found);
}

/* The same for the group called `name`, or where that is NULL for the group gid. */
static int look_up_group(const char *name, gid_t gid, struct group *ret, char **buffer)
{
	struct group *found = NULL;
	size_t size = 0;
	int errnum;

	do {
		if (grow(buffer, &size) < 0)
			return -ENOMEM;
		errnum = name ? getgrnam_r(name, ret, *buffer, size, &found)
			      : getgrgid_r(gid, ret, *buffer, size, &found);
	} while (errnum == EINTR || (errnum == ERANGE && size < ENTRY_MAX));
	return result(errnum, found);
}

/* With the message; *ret points into *buffer, which the caller frees in any case. */
static int find_group(const char *name, struct group *ret, char **buffer, struct err *err)
{
	int r = look_up_group(name, 0, ret, buffer);

	if (r == -ENOENT)
		return err_say(err, ENOENT, "there is no group called \"%.128s\"", name);
	return r < 0 ? err_sys(err, -r, "cannot look up the group \"%.128s\"", name) : 0;
}

int account_group_id(const char *name, gid_t *ret, struct err *err)
{
	cleanup_free char *buffer = NULL;
	struct group group;
	int r = find_group(name, &group, &buffer, err);

	if (r == 0)
		*ret = group.gr_gid;
	return r;
}

static bool lists(const struct group *group, const char *name)
{
	for (char *const *member = group->gr_mem; member && *member; member++)
		if (strcmp(*member, name) == 0)
			return true;
	return false;
}

int account_is_member(const struct account *account, const char *name, bool *ret, struct err *err)
{
	cleanup_free char *buffer = NULL;
	struct group group;
	int r = find_group(name, &group, &buffer, err);

	if (r == 0)
		*ret = account_has_group(account, group.gr_gid) || lists(&group, account->name);
	return r;
}

/* The name of a group in *ret, which is NULL where it has none. */
static int name_group(gid_t gid, char **ret, struct err *err)
{
	char *buffer = NULL;
	struct group group;
	int r = look_up_group(NULL, gid, &group, &buffer);

	*ret = r == 0 ? strdup(group.gr_name) : NULL;
	free(buffer);
	if (r == 0 && !*ret)
		r = -ENOMEM;
	if (r == 0 || r == -ENOENT)
		return 0;
	return err_sys(err, -r, "cannot look up the group %u", gid);
}

bool account_has_group(const struct account *account, gid_t gid)
{
	for (size_t i = 0; i < account->group_count; i++)
		if (account->groups[i] == gid)
			return true;
	return false;
}

/* The primary group first, and each once. The highest id means "none" to the kernel. */
static int keep_groups(
    struct account *account, const gid_t *groups, size_t group_count, struct err *err)
{
	account->groups = calloc(group_count + 1, sizeof(*groups));
	if (!account->groups)
		return err_sys(err, ENOMEM, "cannot keep the groups of %s", account->name);
	account->groups[account->group_count++] = account->gid;
	for (size_t i = 0; i < group_count; i++) {
		if (groups[i] == (gid_t)-1)
			return err_say(err, ERANGE,
			    "the account \"%.128s\" is in group %u, which is no group's",
			    account->name, groups[i]);
		if (!account_has_group(account, groups[i]))
			account->groups[account->group_count++] = groups[i];
	}
	return 0;
}

static int ask_groups(struct account *account, struct err *err)
{
	int size = 64, count = 0, r;
	cleanup_free gid_t *groups = NULL;

	do {
		size = count > size ? count : size * 2;
		count = size;
		gid_t *larger = reallocarray(groups, (size_t)size, sizeof(*groups));
		if (!larger)
			return err_sys(err, ENOMEM, "cannot keep the groups of %s", account->name);
		groups = larger;
		r = getgrouplist(account->name, account->gid, groups, &count);
	} while (r < 0 && size < GROUPS_MAX);
	if (r < 0 || count > GROUPS_MAX)
		return err_say(err, ERANGE, "the account \"%.128s\" is in more than %d groups",
		    account->name, GROUPS_MAX);
	return keep_groups(account, groups, (size_t)count, err);
}

static int copy(const char *text, char **ret, struct err *err)
{
	*ret = strdup(text);
	return *ret ? 0 : err_sys(err, ENOMEM, "cannot keep an account");
}

/* What passwd(5) says; the name as the name service writes it, and not as somebody typed it. */
static int keep_passwd(const struct passwd *entry, struct account *account, struct err *err)
{
	const char *shell = entry->pw_shell && *entry->pw_shell ? entry->pw_shell : "/bin/sh";

	account->uid = entry->pw_uid;
	account->gid = entry->pw_gid;
	if (entry->pw_uid == (uid_t)-1 || entry->pw_gid == (gid_t)-1)
		return err_say(err, ERANGE,
		    "the account \"%.128s\" has the number %u and the group %u: %u is nobody's",
		    entry->pw_name, entry->pw_uid, entry->pw_gid, (uid_t)-1);
	int r = copy(entry->pw_name, &account->name, err);
	if (r == 0)
		r = copy(entry->pw_gecos ?: "", &account->gecos, err);
	if (r == 0)
		r = copy(entry->pw_dir ?: "", &account->home, err);
	return r == 0 ? copy(shell, &account->shell, err) : r;
}

static int keep_group_name(struct account *account, struct err *err)
{
	int r = name_group(account->gid, &account->group, err);

	if (r == 0 && !account->group && asprintf(&account->group, "%u", account->gid) < 0) {
		account->group = NULL;
		r = err_sys(err, ENOMEM, "cannot keep an account");
	}
	return r;
}

static int fill(const char *name, struct account *account, struct err *err)
{
	char *buffer = NULL;
	struct passwd entry;
	int r = look_up_passwd(name, &entry, &buffer);

	if (r == 0)
		r = keep_passwd(&entry, account, err);
	else if (r == -ENOENT)
		r = err_say(err, ENOENT, "there is no account called \"%.128s\"", name);
	else
		r = err_sys(err, -r, "cannot look up the account \"%.128s\"", name);
	free(buffer);
	return r < 0 ? r : keep_group_name(account, err);
}

int account_lookup(const char *name, struct account *ret, struct err *err)
{
	struct account account = ACCOUNT_INIT;
	int r = fill(name, &account, err);

	if (r == 0)
		r = ask_groups(&account, err);
	if (r == 0)
		*ret = account;
	else
		account_done(&account);
	return r;
}

int account_lookup_with_groups(
    const char *name, const gid_t *groups, size_t group_count, struct account *ret, struct err *err)
{
	struct account account = ACCOUNT_INIT;
	int r = fill(name, &account, err);

	if (r == 0)
		r = keep_groups(&account, groups, group_count, err);
	if (r == 0)
		*ret = account;
	else
		account_done(&account);
	return r;
}

int account_name_groups(struct account *account, struct err *err)
{
	int r = 0;

	if (account->group_names)
		return 0;
	account->group_names = calloc(account->group_count + 1, sizeof(char *));
	if (!account->group_names)
		return err_sys(err, ENOMEM, "cannot keep the groups of %s", account->name);
	for (size_t i = 0; r == 0 && i < account->group_count; i++)
		r = name_group(account->groups[i], &account->group_names[i], err);
	return r;
}

void account_done(struct account *account)
{
	for (size_t i = 0; account->group_names && i < account->group_count; i++)
		free(account->group_names[i]);
	free(account->group_names);
	free(account->groups);
	free(account->group);
	free(account->shell);
	free(account->home);
	free(account->gecos);
	free(account->name);
	*account = (struct account)ACCOUNT_INIT;
}
