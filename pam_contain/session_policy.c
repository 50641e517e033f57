/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pam_contain/session.h"

/* The module has asked the name service as well; if the two do not hear the same, nothing is
 * certain. */
static int look_up(struct login *login, struct err *err)
{
	const struct login_request *request = &login->request;

	if (request->group_count > REQUEST_GROUPS_MAX)
		return err_say(err, E2BIG, "%s has %u groups, and at most %d can be mapped",
		    request->user, request->group_count, ENTER_GROUPS_MAX);
	int r = account_lookup_with_groups(
	    request->user, request->groups, request->group_count, &login->account, err);
	if (r < 0)
		return r;
	if (login->account.uid != request->uid)
		return err_say(err, EINVAL, "%s has user id %u here, but %u in the application",
		    request->user, login->account.uid, request->uid);
	return 0;
}

/* As systemd calls its slices. Names of accounts can be anything; numbers cannot. */
static void name_jail(struct login *login)
{
	struct jail_spec *spec = &login->policy.spec;

	if (spec->jail.scope == SCOPE_USER)
		snprintf(spec->name, sizeof(spec->name), "user-%u", login->account.uid);
	else
		snprintf(spec->name, sizeof(spec->name), "session-%u-%d", login->account.uid,
		    login->request.pid);
}

/* The host's own, so that a login looks as it did; the policy may say another. */
static int name_host(struct jail_spec *spec, struct err *err)
{
	char name[SPEC_NAME_MAX + 1];

	if (spec->identity.hostname)
		return 0;
	if (gethostname(name, sizeof(name)) < 0)
		return 0; /* one that is too long: then it is the jail's name */
	spec->identity.hostname = strdup(name);
	return spec->identity.hostname ? 0 : err_sys(err, ENOMEM, "cannot name the host");
}

struct policy_places session_places(const struct login *login)
{
	return (struct policy_places){ .directory = login->request.conf,
		.vendor = login->data_dir,
		.libexec_dir = login->libexec_dir };
}

int session_policy(struct login *login, char why[POLICY_WHY_MAX], struct err *err)
{
	const struct policy_places places = session_places(login);

	/* Before anything is asked: what changes meanwhile makes it another. */
	login->fingerprint = policy_fingerprint(&places, login->request.user);
	int r = look_up(login, err);
	if (r == 0)
		r = policy_load(&places, &login->account, &login->policy, err);
	if (r < 0)
		return r;
	login->policy_loaded = true;
	enum policy_verdict verdict = policy_decide(&login->policy, login->request.service, why);
	if (verdict != POLICY_JAILED)
		return (int)verdict;
	name_jail(login);
	login->policy.spec.run.resident = true;
	r = name_host(&login->policy.spec, err);
	return r < 0 ? r : (int)verdict;
}
