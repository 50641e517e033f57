/* SPDX-License-Identifier: MIT */
#include "lib/kernel/privs.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool same_groups(const gid_t *a, size_t a_count, const gid_t *b, size_t b_count)
{
	/* The kernel sorts the list, so that order says nothing. */
	for (size_t i = 0; i < a_count; i++) {
		bool found = false;
		for (size_t j = 0; j < b_count && !found; j++)
			found = a[i] == b[j];
		if (!found)
			return false;
	}
	return a_count == b_count;
}

static int take_groups(const struct credentials *who, bool may_setgroups, struct err *err)
{
	if (may_setgroups) {
		if (setgroups(who->group_count, who->groups) < 0)
			return err_sys(
			    err, errno, "cannot take the %zu groups of the user", who->group_count);
		return 0;
	}
	for (size_t i = 0; i < who->group_count; i++)
		if (who->groups[i] != who->gid)
			return err_say(err, EPERM,
			    "cannot take the supplementary group %u: the user namespace forbids "
			    "setgroups(2); give the group to use as USER:GROUP",
			    who->groups[i]);
	return 0;
}

static int verify_groups(const struct credentials *who, struct err *err)
{
	gid_t groups[ACCOUNTS_GROUPS_MAX];
	/* A longer list than could have been set makes this fail with EINVAL, as it should. */
	int count = getgroups(ACCOUNTS_GROUPS_MAX, groups);

	if (count < 0 || !same_groups(who->groups, who->group_count, groups, (size_t)count))
		return err_say(err, EPERM, "the supplementary groups are not those that were set");
	return 0;
}

static int verify_ids(const struct credentials *who, struct err *err)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return err_sys(err, errno, "cannot read the user and group ids back");
	if (ruid != who->uid || euid != who->uid || suid != who->uid || rgid != who->gid ||
	    egid != who->gid || sgid != who->gid)
		return err_say(err, EPERM, "the user and group ids are not those that were set");
	return 0;
}

/* Reading ids back shows what is; only trying shows what could be had again. */
static int prove_no_way_back(const struct credentials *who, struct err *err)
{
	if (who->uid == 0)
		return 0;
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || setresuid(0, 0, 0) == 0)
		return err_say(err, EPERM, "user id 0 could be taken again after it was given up");
	if (who->gid != 0 && (setresgid((gid_t)-1, 0, (gid_t)-1) == 0 || setresgid(0, 0, 0) == 0))
		return err_say(err, EPERM, "group id 0 could be taken again after it was given up");
	if (setgroups(0, NULL) == 0)
		return err_say(err, EPERM, "the supplementary groups could still be changed");
	return 0;
}

int privs_become(const struct credentials *who, bool may_setgroups, struct err *err)
{
	int r;

	if (who->group_count > ACCOUNTS_GROUPS_MAX)
		return err_say(err, EINVAL, "more than %d groups", ACCOUNTS_GROUPS_MAX);
	r = take_groups(who, may_setgroups, err);
	if (r < 0)
		return r;
	if (setresgid(who->gid, who->gid, who->gid) < 0)
		return err_sys(err, errno, "cannot take the group id %u", who->gid);
	/* caps_limit() needs CAP_SETPCAP to cut the bounding set, after uid 0 is gone. */
	if (who->uid != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "cannot keep capabilities over the change of user");
	if (setresuid(who->uid, who->uid, who->uid) < 0)
		return err_sys(err, errno, "cannot take the user id %u", who->uid);
	r = verify_ids(who, err);
	if (r == 0 && may_setgroups)
		r = verify_groups(who, err);
	return r < 0 ? r : prove_no_way_back(who, err);
}
