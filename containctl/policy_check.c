/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "containctl/ctl.h"

static void print_finding(void *data, bool warning, const char *text)
{
	(void)data;
	printf("%s%s\n", warning ? "warning: " : "", text);
}

/* What is found is the result, one line each, and goes to standard output. */
int command_policy_check(struct ctl *ctl, struct err *err)
{
	struct policy_check check = { .places = &ctl->places, .report = print_finding };
	int r = 0;

	if (!ctl->word_count)
		r = policy_check_all(&check, err);
	for (size_t i = 0; r == 0 && i < ctl->word_count; i++)
		r = policy_check_file(&check, ctl->words[i], true, err);
	policy_check_done(&check);
	if (r < 0)
		return r;
	return check.errors ? CODE_FAILED : CODE_OK;
}
