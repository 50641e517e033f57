/* SPDX-License-Identifier: MIT */
#include "lib/policy/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/file.h"
#include "lib/policy/layers.h"
#include "lib/policy/loader.h"
#include "lib/policy/merge.h"

struct loader {
	const struct policy_places *places;
	const struct account *account;
	struct econf econf;
	int directory; /* of the policy; -1 where there is none */
	struct layers layers;
};

static int add_file(struct loader *loader, int fd, const char *path, struct err *err)
{
	struct policy_file file;
	int r = policy_file_read(fd, path, KEY_FILE, loader->account, &loader->econf, &file, err);

	if (r < 0)
		return r;
	r = file.problems.count ? problems_first(&file.problems, err)
				: layers_add(&loader->layers, path, &file, err);
	policy_file_done(&file);
	return r;
}

/* A file that is missing says nothing. */
static int load_file(struct loader *loader, int parent, const char *directory, const char *name,
    enum safe_owner owner, struct err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return err_say(err, ENAMETOOLONG, "%.256s: the path is too long", directory);
	cleanup_fd int fd = policy_open_file(
	    loader->places, parent, parent == AT_FDCWD ? path : name, path, owner, err);
	if (fd == -ENOENT)
		err_clear(err);
	return fd < 0 ? (fd == -ENOENT ? 0 : fd) : add_file(loader, fd, path, err);
}

/*
 * Add the group to the list whose file in groups/ has this name, if it is one of the account's. The
 * name service is asked about files and not about groups, since there are fewer of them.
 */
static int consider(
    const struct account *account, const char *name, struct strv *groups, struct err *err)
{
	char group[NAME_MAX + 1];
	bool member = false;

	if (!policy_file_name(name, group))
		return 0;
	int r = account_is_member(account, group, &member, err);
	if (r == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (r == 0 && member && strv_add(groups, group) < 0)
		r = err_sys(err, ENOMEM, "cannot keep the name of a group");
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The groups whose files count, in the order in which they do. */
static int list_groups(int fd, const struct account *account, struct strv *ret, struct err *err)
{
	cleanup_dir DIR *listing = NULL;
	struct dirent *entry;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (copy < 0 || !(listing = fdopendir(copy))) {
		r = err_sys(err, errno, "cannot list the groups' files");
		fd_close(copy);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(listing)))
		r = consider(account, entry->d_name, ret, err);
	if (r == 0 && errno)
		r = err_sys(err, errno, "cannot list the groups' files");
	if (r == 0 && ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare);
	return r;
}

static int load_groups(struct loader *loader, struct err *err)
{
	struct strv groups = { NULL, 0 };
	char path[PATH_MAX], file[NAME_MAX + 1];
	cleanup_fd int fd = -1;
	int r = policy_open_part(loader->places, loader->directory, "groups", path, &fd, err);

	if (r < 0 || fd < 0)
		return r;
	r = list_groups(fd, loader->account, &groups, err);
	for (size_t i = 0; r == 0 && i < groups.count; i++)
		if (policy_name_file(groups.items[i], file))
			r = load_file(loader, fd, path, file, SAFE_OWNER_ROOT, err);
	strv_free(&groups);
	return r;
}

static int load_user(struct loader *loader, struct err *err)
{
	char path[PATH_MAX], file[NAME_MAX + 1];
	cleanup_fd int fd = -1;

	if (!policy_name_file(loader->account->name, file))
		return 0;
	int r = policy_open_part(loader->places, loader->directory, "users", path, &fd, err);
	return r < 0 || fd < 0 ? r : load_file(loader, fd, path, file, SAFE_OWNER_ROOT, err);
}

static int open_directory(struct loader *loader, struct err *err)
{
	int fd = safe_open_directory(loader->places->directory, err);

	if (fd == -ENOENT)
		err_clear(err);
	loader->directory = fd < 0 ? -1 : fd;
	return fd < 0 && fd != -ENOENT ? fd : 0;
}

/* The files for everybody. */
static int load_defaults(struct loader *loader, struct err *err)
{
	const struct policy_places *places = loader->places;
	int r =
	    load_file(loader, AT_FDCWD, places->vendor, POLICY_DEFAULT_FILE, SAFE_OWNER_ANY, err);

	if (r == 0)
		r = open_directory(loader, err);
	if (r < 0 || loader->directory < 0)
		return r;
	return load_file(loader, loader->directory, places->directory, POLICY_DEFAULT_FILE,
	    SAFE_OWNER_ROOT, err);
}

/* What all files together say is left in *ret, unless one of them was wrong. */
static int finish(struct loader *loader, int r, struct policy *ret, struct err *err)
{
	if (r == 0)
		r = layers_merge(
		    &loader->layers, loader->places, loader->directory, &loader->econf, ret, err);
	layers_done(&loader->layers);
	econf_unload(&loader->econf);
	loader->directory = fd_close(loader->directory);
	return r;
}

#define LOADER_INIT(the_places, the_account)                                                       \
	{                                                                                          \
		.places = (the_places), .account = (the_account),                                  \
		.econf = { .libexec_dir = (the_places)->libexec_dir }, .directory = -1             \
	}

int policy_check_whole(const struct policy *policy, struct err *err)
{
	struct jail_spec resident = policy->spec; /* owns nothing */

	if (!policy->spec.jail.enable)
		return 0;
	resident.run.resident = true;
	snprintf(resident.name, sizeof(resident.name), "user"); /* the caller will know it */
	return spec_check(&resident, err) < 0 ? policy_locate(policy, err) : 0;
}

int policy_load(const struct policy_places *places, const struct account *account,
    struct policy *ret, struct err *err)
{
	struct policy policy;
	struct loader loader = LOADER_INIT(places, account);

	policy_init(&policy, account);
	int r = load_defaults(&loader, err);
	if (r == 0)
		r = load_groups(&loader, err);
	if (r == 0)
		r = load_user(&loader, err);
	r = finish(&loader, r, &policy, err);
	if (r == 0)
		r = policy_check_whole(&policy, err);
	if (r == 0)
		*ret = policy;
	else
		policy_done(&policy);
	return r;
}

static int refuse_missing(const char *path, struct err *err)
{
	return err_say(err, ENOENT, "there is no policy %.256s", path);
}

static int load_by_path(struct loader *loader, const char *path, struct err *err)
{
	cleanup_fd int fd =
	    policy_open_file(loader->places, AT_FDCWD, path, path, SAFE_OWNER_ROOT, err);

	if (fd == -ENOENT)
		return refuse_missing(path, err);
	return fd < 0 ? fd : add_file(loader, fd, path, err);
}

static int load_by_group(struct loader *loader, const char *group, struct err *err)
{
	size_t before = loader->layers.count;
	char path[PATH_MAX], file[NAME_MAX + 1];
	cleanup_fd int fd = -1;

	if (!policy_name_file(group, file))
		return err_say(err, EINVAL, "\"%.64s\" is not the name of a policy", group);
	int r = policy_open_part(loader->places, loader->directory, "groups", path, &fd, err);
	if (r == 0 && fd >= 0)
		r = load_file(loader, fd, path, file, SAFE_OWNER_ROOT, err);
	if (r < 0 || loader->layers.count > before)
		return r;
	return err_say(err, ENOENT, "there is no policy %.64s: %.256s/groups/%.64s is missing",
	    group, loader->places->directory, file);
}

int policy_load_group_as(const struct policy_places *places, const char *group,
    const struct account *account, struct policy *ret, struct err *err)
{
	struct policy policy;
	struct loader loader = LOADER_INIT(places, account);

	policy_init(&policy, account);
	int r = load_defaults(&loader, err);
	if (r == 0)
		r = strchr(group, '/') ? load_by_path(&loader, group, err)
				       : load_by_group(&loader, group, err);
	r = finish(&loader, r, &policy, err);
	if (r == 0)
		*ret = policy;
	else
		policy_done(&policy);
	return r;
}

int policy_load_group(
    const struct policy_places *places, const char *group, struct policy *ret, struct err *err)
{
	return policy_load_group_as(places, group, NULL, ret, err);
}

int policy_load_network(const struct policy_places *places, struct policy *ret, struct err *err)
{
	struct policy policy;
	struct loader loader = LOADER_INIT(places, NULL);

	policy_init(&policy, NULL);
	int r = finish(&loader, open_directory(&loader, err), &policy, err);
	if (r == 0)
		*ret = policy;
	else
		policy_done(&policy);
	return r;
}
