/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "pam_contain/session.h"

static bool same_account(const struct login_request *one, const struct login_request *other)
{
	return one->uid == other->uid && strcmp(one->user, other->user) == 0 &&
	       one->group_count == other->group_count && one->group_count <= REQUEST_GROUPS_MAX &&
	       memcmp(one->groups, other->groups, one->group_count * sizeof(one->groups[0])) == 0;
}

static bool same_policy(const struct login *login)
{
	const struct policy_places places = session_places(login);

	return login->fingerprint &&
	       policy_fingerprint(&places, login->request.user) == login->fingerprint;
}

bool session_again(const struct login *login, const struct login_request *request)
{
	char why[POLICY_WHY_MAX];

	return same_account(&login->request, request) &&
	       strcmp(login->request.conf, request->conf) == 0 && same_policy(login) &&
	       policy_decide(&login->policy, request->service, why) == POLICY_JAILED;
}
