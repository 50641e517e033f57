/* SPDX-License-Identifier: MIT */
#include "containctl/subject.h"

#include <errno.h>
#include <stdio.h>

/* As the PAM module decides it with an empty line of its own. *ret_why is NULL for one who is not.
 */
static int find_exemption(
    const struct account *account, const char *service, const char **ret_why, struct err *err)
{
	struct exempt_login login = { .uid = account->uid,
		.uid_min = exempt_uid_min(LOGIN_DEFS),
		.service = service,
		.services = EXEMPT_SERVICES };
	gid_t gid = 0;
	int r = account_group_id(EXEMPT_GROUP, &gid, err);

	if (r < 0 && r != -ENOENT)
		return r;
	err_clear(err);
	login.in_group = r == 0 && account_has_group(account, gid);
	*ret_why = exempt_reason(&login);
	return 0;
}

static void decide(const char *service, struct subject *subject)
{
	static const char *const words[] = {
		[POLICY_FREE] = "free", [POLICY_JAILED] = "jailed", [POLICY_REFUSED] = "refused"
	};

	subject->verdict = words[policy_decide(&subject->policy, service, subject->why)];
}

int subject_load(const struct policy_places *places, const char *user, const char *service,
    bool wanted, struct subject *ret, struct err *err)
{
	const char *exempt = NULL;

	*ret = (struct subject){ .account = ACCOUNT_INIT };
	int r = account_lookup(user, &ret->account, err);
	if (r == 0)
		r = find_exemption(&ret->account, service, &exempt, err);
	ret->exempt = exempt;
	if (r == 0 && (!exempt || wanted))
		r = policy_load(places, &ret->account, &ret->policy, err);
	if (r < 0) {
		account_done(&ret->account);
		return r;
	}
	ret->verdict = "exempt";
	if (exempt)
		snprintf(ret->why, sizeof(ret->why), "%s", exempt);
	else
		decide(service, ret);
	return 0;
}

void subject_done(struct subject *subject)
{
	policy_done(&subject->policy);
	account_done(&subject->account);
}
