/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_SUBJECT_H
#define CONTAINCTL_SUBJECT_H

#include "containctl/ctl.h"

/* An account that is asked about, and what policy says of it. */
struct subject {
	struct account account;
	bool exempt;
	struct policy policy; /* of one that is exempt only if it was asked for: it means nothing */
	const char *verdict;  /* "jailed", "free", "refused" or "exempt" */
	char why[POLICY_WHY_MAX];
};

/*
 * Look up the account `user`, and load its policy; for one that is exempt, which no file can
 * change, only if it is `wanted`. The verdict is that on logins through `service`, NULL for none in
 * particular. Returns 0 or -errno. The caller frees *ret, which stays where it is, with
 * subject_done().
 */
int subject_load(const struct policy_places *places, const char *user, const char *service,
    bool wanted, struct subject *ret, struct err *err);

void subject_done(struct subject *subject);

#endif
