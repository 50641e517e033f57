/* SPDX-License-Identifier: MIT */
#include "lib/policy/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/check_images.h"
#include "lib/policy/check_networks.h"
#include "lib/policy/checker.h"
#include "lib/policy/exempt.h"
#include "lib/policy/file.h"
#include "lib/policy/loader.h"
#include "lib/policy/merge.h"

void policy_check_done(struct policy_check *check)
{
	strv_free(&check->said);
}

/* ---------------------------------------------------------------------------------- one file */

/* A file that jails somebody is likely to be whole; others may count on what stands before them. */
static void try_alone(struct policy_check *check, const struct policy_file *file, const char *path)
{
	struct err err = ERR_INIT;
	struct policy policy;

	policy_init(&policy, &checker_somebody);
	if (policy_merge(&policy, file, path, &err) == 0 && policy_check_whole(&policy, &err) < 0)
		checker_warn(check, "%s (if nothing else is said elsewhere)", err.text);
	policy_done(&policy);
}

static int look_at(
    struct policy_check *check, int fd, const char *path, bool alone, struct err *err)
{
	struct econf econf = { .libexec_dir = check->places->libexec_dir };
	struct policy_file file;
	int r = policy_file_read(fd, path, KEY_FILE, &checker_somebody, &econf, &file, err);

	econf_unload(&econf);
	if (r < 0)
		return checker_found(check, err);
	checker_say_problems(check, &file.problems);
	checker_images_of_file(check, &file, path);
	if (alone && !file.problems.count)
		try_alone(check, &file, path);
	policy_file_done(&file);
	return 0;
}

/* One that lies in the policy directory, where the whole is looked at besides. */
static int check_part(struct policy_check *check, int parent, const char *name, const char *path,
    enum safe_owner owner, struct err *err)
{
	cleanup_fd int fd = policy_open_file(check->places, parent, name, path, owner, err);

	return fd < 0 ? checker_found(check, err) : look_at(check, fd, path, false, err);
}

int policy_check_file(struct policy_check *check, const char *path, bool alone, struct err *err)
{
	char name[NAME_MAX + 1];

	if (checker_is_network(path, name))
		return checker_network_file(check, path, name, err);
	cleanup_fd int fd =
	    policy_open_file(check->places, AT_FDCWD, path, path, SAFE_OWNER_ROOT, err);

	return fd < 0 ? checker_found(check, err) : look_at(check, fd, path, alone, err);
}

/* --------------------------------------------------------------------------------- the whole */

int policy_check_group(struct policy_check *check, const char *group, struct err *err)
{
	struct policy policy;
	int r = policy_load_group_as(check->places, group, &checker_somebody, &policy, err);

	if (r < 0)
		return checker_found(check, err);
	r = policy_check_whole(&policy, err);
	policy_done(&policy);
	return r < 0 ? checker_found(check, err) : 0;
}

/* Where nobody is confined anyway, what the file says of it is said in vain. */
static int warn_of_exempt(
    struct policy_check *check, const struct account *account, struct err *err)
{
	struct exempt_login login = { .uid = account->uid, .uid_min = exempt_uid_min(LOGIN_DEFS) };
	gid_t gid = 0;
	int r = account_group_id(EXEMPT_GROUP, &gid, err);

	if (r < 0 && r != -ENOENT)
		return r;
	login.in_group = r == 0 && account_has_group(account, gid);
	const char *why = exempt_reason(&login);
	if (why)
		checker_warn(check, "%s/users/%s.conf: %s is exempt from policy, because %s",
		    check->places->directory, account->name, account->name, why);
	err_clear(err);
	return 0;
}

int policy_check_account(struct policy_check *check, const char *user, struct err *err)
{
	struct account account = ACCOUNT_INIT;
	struct policy policy;
	int r = account_lookup(user, &account, err);

	if (r == -ENOENT) {
		checker_warn(
		    check, "%s/users/%s.conf: %s", check->places->directory, user, err->text);
		err_clear(err);
		return 0;
	}
	if (r < 0)
		return checker_found(check, err);
	r = warn_of_exempt(check, &account, err);
	if (r == 0)
		r = policy_load(check->places, &account, &policy, err);
	if (r == 0) {
		checker_image_of_account(check, &policy);
		policy_done(&policy);
	}
	account_done(&account);
	return r < 0 ? checker_found(check, err) : 0;
}

/* ----------------------------------------------------------------------------- the directory */

static int warn_of_missing_group(
    struct policy_check *check, const char *group, const char *path, struct err *err)
{
	gid_t gid;
	int r = account_group_id(group, &gid, err);

	if (r == 0)
		return 0;
	if (r != -ENOENT)
		return checker_found(check, err);
	checker_warn(check, "%s: %s", path, err->text);
	err_clear(err);
	return 0;
}

/* One entry of groups/ or users/. */
static int check_entry(struct policy_check *check, int fd, const char *directory, const char *file,
    bool groups, struct err *err)
{
	char name[NAME_MAX + 1], path[PATH_MAX];
	unsigned before = check->errors;

	if (snprintf(path, sizeof(path), "%s/%s", directory, file) >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "%.256s: the path is too long", directory);
	if (!checker_entry_name(check, directory, file, name))
		return 0;
	int r = check_part(check, fd, file, path, SAFE_OWNER_ROOT, err);
	if (r == 0 && groups)
		r = warn_of_missing_group(check, name, path, err);
	if (r < 0 || check->errors > before)
		return r;
	return groups ? policy_check_group(check, name, err)
		      : policy_check_account(check, name, err);
}

static int check_entries(
    struct policy_check *check, int directory, const char *part, bool groups, struct err *err)
{
	struct strv files = { NULL, 0 };
	char path[PATH_MAX];
	cleanup_fd int fd = -1;
	int r = policy_open_part(check->places, directory, part, path, &fd, err);

	if (r < 0)
		return checker_found(check, err);
	if (fd < 0)
		return 0;
	r = checker_list(fd, path, &files, err);
	for (size_t i = 0; r == 0 && i < files.count; i++)
		r = check_entry(check, fd, path, files.items[i], groups, err);
	strv_free(&files);
	return r;
}

/* Entries of the policy directory itself: the known ones, and those that are never read. */
static int check_top(struct policy_check *check, int fd, struct err *err)
{
	const char *directory = check->places->directory;
	struct strv names = { NULL, 0 };
	char path[PATH_MAX];
	int r = checker_list(fd, directory, &names, err);

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		const char *name = names.items[i];
		snprintf(path, sizeof(path), "%s/%s", directory, name);
		if (strcmp(name, POLICY_DEFAULT_FILE) == 0)
			r = check_part(check, fd, name, path, SAFE_OWNER_ROOT, err);
		else if (strcmp(name, "groups") != 0 && strcmp(name, "users") != 0 &&
			 strcmp(name, "networks") != 0)
			checker_warn(check,
			    "%s: is not read; there is default.conf, groups/, users/ and networks/",
			    path);
	}
	strv_free(&names);
	return r;
}

static int check_vendor(struct policy_check *check, struct err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", check->places->vendor, POLICY_DEFAULT_FILE) >=
	    PATH_MAX)
		return err_say(
		    err, ENAMETOOLONG, "%.256s: the path is too long", check->places->vendor);
	cleanup_fd int fd =
	    policy_open_file(check->places, AT_FDCWD, path, path, SAFE_OWNER_ANY, err);
	if (fd == -ENOENT) {
		err_clear(err);
		return 0;
	}
	return fd < 0 ? checker_found(check, err) : look_at(check, fd, path, false, err);
}

int policy_check_all(struct policy_check *check, struct err *err)
{
	const char *directory = check->places->directory;
	int r = check_vendor(check, err);

	if (r < 0)
		return r;
	cleanup_fd int fd = safe_open_directory(directory, err);
	if (fd == -ENOENT) {
		checker_warn(check, "%s: is missing, so that nobody is confined", directory);
		err_clear(err);
		return 0;
	}
	if (fd < 0)
		return checker_found(check, err);
	r = check_top(check, fd, err);
	if (r == 0)
		r = checker_networks(check, fd, err);
	if (r == 0)
		r = check_entries(check, fd, "groups", true, err);
	return r == 0 ? check_entries(check, fd, "users", false, err) : r;
}
