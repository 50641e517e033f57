/* SPDX-License-Identifier: MIT */
#include "lib/kernel/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/base/str.h"

#define FILE_MAX 1048576

#define PASSWD_FIELDS 7 /* name, password, uid, gid, comment, home, shell: passwd(5) */
#define GROUP_FIELDS  4 /* name, password, gid, members: group(5) */

/* An id that no jail has: (uid_t)-1 means "leave as it is" to setresuid(2). */
#define ID_MAX (UINT32_MAX - 1)

/* What a user string says, before any file is read. The strings lie in `copy`. */
struct wanted {
	char copy[512];
	const char *user, *group; /* group: NULL if not given */
	bool user_is_number, group_is_number;
	uint64_t uid, gid;
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The names that useradd(8) and the directory services make. No sign, space, colon, slash or
 * control character can be part of one, and no leading dash, which would be an option to somebody.
 */
static bool name_is_valid(const char *name)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.-@$";
	size_t length = strlen(name);

	return length > 0 && length < sizeof(((struct credentials *)NULL)->name) &&
	       !digit(name[0]) && !strchr(".-@$", name[0]) && strspn(name, alphabet) == length;
}

/* "01" is refused with the rest: whether it means 1 depends on who reads it. */
static int parse_id(const char *text, uint64_t *ret)
{
	if (text[0] == '0' && text[1])
		return -EINVAL;
	return str_to_u64(text, ID_MAX, ret);
}

static int parse_one(
    const char *text, const char *what, bool *is_number, uint64_t *id, struct err *err)
{
	*is_number = digit(text[0]);
	if (*is_number) {
		int r = parse_id(text, id);
		if (r == -ERANGE)
			return err_say(
			    err, EINVAL, "%s %.40s: ids go up to %u", what, text, ID_MAX);
		if (r < 0)
			return err_say(err, EINVAL,
			    "%s \"%.40s\": an id is a decimal number without leading zeros, and a "
			    "name does not begin with a digit",
			    what, text);
		return 0;
	}
	if (!name_is_valid(text))
		return err_say(err, EINVAL,
		    "%s \"%.40s\": expected a number, or a name of letters, digits and _.-@$ with "
		    "at "
		    "most 63 characters",
		    what, text);
	return 0;
}

static int parse_wanted(const char *text, struct wanted *wanted, struct err *err)
{
	wanted->user = wanted->copy;
	if (strlen(text) >= sizeof(wanted->copy))
		return err_say(err, EINVAL,
		    "user \"%.40s...\" is too long: expected USER or UID, then :GROUP or :GID if "
		    "wanted",
		    text);
	memcpy(wanted->copy, text, strlen(text) + 1);
	char *colon = strchr(wanted->copy, ':');
	if (colon)
		*colon = '\0';
	wanted->group = colon ? colon + 1 : NULL;
	int r = parse_one(wanted->user, "user", &wanted->user_is_number, &wanted->uid, err);
	if (r == 0 && wanted->group)
		r = parse_one(wanted->group, "group", &wanted->group_is_number, &wanted->gid, err);
	return r;
}

/*
 * Its type is looked at through O_PATH before it is opened: opening a FIFO may wait, and opening
 * the wrong device (a watchdog, a tape) does something.
 */
int accounts_read(int root, const char *path, char **ret, struct err *err)
{
	struct stat st;
	cleanup_fd int probe = path_open_in_root(root, path, O_PATH);

	if (probe == -ENOENT || probe == -ENOTDIR)
		return 0;
	if (probe < 0)
		return err_sys(err, -probe, "the root's /%s", path);
	if (fstat(probe, &st) < 0 || !S_ISREG(st.st_mode))
		return err_say(err, EINVAL, "the root's /%s is not a regular file", path);
	cleanup_fd int fd = path_open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, -fd, "the root's /%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_say(err, EINVAL, "the root's /%s is not a regular file", path);
	int r = fd_read_all(fd, FILE_MAX, ret, NULL, err);
	if (r < 0)
		err_prefix(err, "the root's /%s", path);
	return r;
}

/*
 * Take the next line off *text (may be NULL) and split it, in place, at its colons. Lines with
 * another number of fields, comments and NIS entries ("+@group") are passed over. Returns false at
 * the end.
 */
static bool next_entry(char **text, char *fields[], size_t count)
{
	char *line;

	while (*text && **text) {
		size_t found = 0;
		line = strsep(text, "\n");
		while (line && found < count)
			fields[found++] = strsep(&line, ":");
		if (found == count && !line && fields[0][0] && !strchr("+-#", fields[0][0]))
			return true;
	}
	return false;
}

/* Values that go into the environment of the command: an absolute path or nothing. */
static void copy_path(char *to, size_t size, const char *path, const char *otherwise)
{
	bool fits = path[0] == '/' && strlen(path) < size;

	for (const char *c = path; fits && *c; c++)
		fits = (unsigned char)*c >= 0x20 && *c != 0x7f;
	snprintf(to, size, "%s", fits ? path : otherwise);
}

static bool entry_is_wanted(const struct wanted *wanted, char *const fields[PASSWD_FIELDS])
{
	uint64_t uid;

	if (!wanted->user_is_number)
		return strcmp(fields[0], wanted->user) == 0;
	return parse_id(fields[2], &uid) == 0 && uid == wanted->uid;
}

/* The first entry counts, as it does for getpwnam(3). A damaged one is no reason to look on. */
static int find_user(struct wanted *wanted, char *passwd, struct credentials *who, struct err *err)
{
	char *fields[PASSWD_FIELDS];

	copy_path(who->home, sizeof(who->home), "", "/");
	copy_path(who->shell, sizeof(who->shell), "", "/bin/sh");
	while (next_entry(&passwd, fields, PASSWD_FIELDS)) {
		uint64_t uid, gid;
		if (!entry_is_wanted(wanted, fields))
			continue;
		if (parse_id(fields[2], &uid) < 0 || parse_id(fields[3], &gid) < 0)
			return err_say(err, EINVAL,
			    "user \"%s\": its entry in the root's /etc/passwd has no valid ids",
			    wanted->user);
		wanted->uid = uid;
		if (!wanted->group)
			wanted->gid = gid;
		if (name_is_valid(fields[0]))
			snprintf(who->name, sizeof(who->name), "%s", fields[0]);
		copy_path(who->home, sizeof(who->home), fields[5], "/");
		copy_path(who->shell, sizeof(who->shell), fields[6], "/bin/sh");
		return 0;
	}
	if (!wanted->user_is_number)
		return err_say(
		    err, ENOENT, "user \"%s\" is not in the root's /etc/passwd", wanted->user);
	return 0;
}

static int find_group(struct wanted *wanted, char *group, struct err *err)
{
	char *fields[GROUP_FIELDS];

	while (next_entry(&group, fields, GROUP_FIELDS)) {
		if (strcmp(fields[0], wanted->group) != 0)
			continue;
		if (parse_id(fields[2], &wanted->gid) < 0)
			return err_say(err, EINVAL,
			    "group \"%s\": its entry in the root's /etc/group has no valid id",
			    wanted->group);
		return 0;
	}
	return err_say(err, ENOENT, "group \"%s\" is not in the root's /etc/group", wanted->group);
}

static bool lists_member(char *members, const char *name)
{
	char *member;

	while ((member = strsep(&members, ",")))
		if (strcmp(member, name) == 0)
			return true;
	return false;
}

static bool has_group(const struct credentials *who, gid_t gid)
{
	for (size_t i = 0; i < who->group_count; i++)
		if (who->groups[i] == gid)
			return true;
	return false;
}

/*
 * A group that cannot be given is an error and not left out: membership also takes rights away (a
 * file of mode 0604).
 */
static int collect_groups(char *group, uint64_t limit, struct credentials *who, struct err *err)
{
	char *fields[GROUP_FIELDS];

	while (next_entry(&group, fields, GROUP_FIELDS)) {
		uint64_t gid;
		if (!lists_member(fields[3], who->name))
			continue;
		if (parse_id(fields[2], &gid) < 0 || gid >= limit)
			return err_say(err, ERANGE,
			    "user \"%s\" is in group \"%s\", whose id %.20s the jail does not have "
			    "(0-%llu); "
			    "give the group to use as USER:GROUP",
			    who->name, fields[0], fields[2], (unsigned long long)limit - 1);
		if (has_group(who, (gid_t)gid))
			continue;
		if (who->group_count == ACCOUNTS_GROUPS_MAX)
			return err_say(err, E2BIG, "user \"%s\" is in more than %d groups",
			    who->name, ACCOUNTS_GROUPS_MAX);
		who->groups[who->group_count++] = (gid_t)gid;
	}
	return 0;
}

static int check_limit(const struct wanted *wanted, uint64_t limit, struct err *err)
{
	if (wanted->uid >= limit)
		return err_say(err, ERANGE,
		    "user \"%s\": the jail has the user ids 0-%llu, and not %llu", wanted->user,
		    (unsigned long long)limit - 1, (unsigned long long)wanted->uid);
	if (wanted->gid >= limit)
		return err_say(err, ERANGE,
		    "user \"%s\": the jail has the group ids 0-%llu, and not %llu", wanted->user,
		    (unsigned long long)limit - 1, (unsigned long long)wanted->gid);
	return 0;
}

/* passwd and group are the texts of the files, which parsing cuts up. */
static int resolve(struct wanted *wanted, char *passwd, char *group, uint64_t limit,
    struct credentials *who, struct err *err)
{
	int r = find_user(wanted, passwd, who, err);

	if (r == 0 && wanted->group && !wanted->group_is_number)
		r = find_group(wanted, group, err);
	if (r == 0)
		r = check_limit(wanted, limit, err);
	if (r < 0)
		return r;
	who->uid = (uid_t)wanted->uid;
	who->gid = who->groups[0] = (gid_t)wanted->gid;
	who->group_count = 1;
	if (wanted->user_is_number || wanted->group)
		return 0;
	return collect_groups(group, limit, who, err);
}

int accounts_lookup(
    int root, const char *user, uint64_t limit, struct credentials *ret, struct err *err)
{
	struct wanted wanted = { .uid = 0 };
	struct credentials who = { .uid = 0 };
	cleanup_free char *passwd = NULL, *group = NULL;
	int r = parse_wanted(user ?: "0", &wanted, err);

	if (r == 0)
		r = accounts_read(root, "etc/passwd", &passwd, err);
	/* A number works in a root whose etc/group is of no use. */
	if (r == 0 && (!wanted.user_is_number || (wanted.group && !wanted.group_is_number)))
		r = accounts_read(root, "etc/group", &group, err);
	if (r == 0)
		r = resolve(&wanted, passwd, group, limit, &who, err);
	if (r == 0)
		*ret = who;
	return r;
}

int accounts_of_host(const struct account *account, struct credentials *ret, struct err *err)
{
	struct credentials who = { .uid = account->uid, .gid = account->gid };

	for (size_t i = 0; i < account->group_count; i++) {
		if (account->groups[i] == 0)
			continue;
		if (who.group_count == ACCOUNTS_GROUPS_MAX)
			return err_say(err, E2BIG, "user \"%s\" is in more than %d groups",
			    account->name, ACCOUNTS_GROUPS_MAX);
		who.groups[who.group_count++] = account->groups[i];
	}
	if (name_is_valid(account->name))
		snprintf(who.name, sizeof(who.name), "%s", account->name);
	copy_path(who.home, sizeof(who.home), account->home, "/");
	copy_path(who.shell, sizeof(who.shell), account->shell, "/bin/sh");
	*ret = who;
	return 0;
}
