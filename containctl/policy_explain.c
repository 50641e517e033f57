/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "containctl/subject.h"

static int print_account(struct account *account, struct err *err)
{
	int r = account_name_groups(account, err);

	if (r < 0)
		return r;
	printf("%s has uid %u and is in the groups", account->name, account->uid);
	for (size_t i = 0; i < account->group_count; i++) {
		printf("%s ", i ? "," : "");
		if (account->group_names[i])
			printf("%s", account->group_names[i]);
		else
			printf("%u", account->groups[i]);
	}
	puts(".");
	return 0;
}

static void print_files(const struct policy *policy)
{
	if (!policy->files.count) {
		puts("There are no policy files for it.");
		return;
	}
	puts("Policy files, of which later ones win:");
	for (size_t i = 0; i < policy->files.count; i++)
		printf("  %s\n", policy->files.items[i]);
}

static void print_verdict(const struct ctl *ctl, const struct subject *subject)
{
	static const struct {
		const char *verdict, *sentence;
	} sentences[] = {
		{ "exempt", "are never confined, because" },
		{ "free", "are not confined:" },
		{ "jailed", "are confined:" },
		{ "refused", "are refused:" },
	};
	const char *sentence = "";

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (strcmp(sentences[i].verdict, subject->verdict) == 0)
			sentence = sentences[i].sentence;
	printf("Its logins%s%s %s %s.\n", ctl->service ? " through " : "", ctl->service ?: "",
	    sentence, subject->why);
}

int command_policy_explain(struct ctl *ctl, struct err *err)
{
	struct subject subject;
	int r = subject_load(&ctl->places, ctl->words[0], ctl->service, false, &subject, err);

	if (r < 0)
		return r;
	r = print_account(&subject.account, err);
	if (r == 0) {
		print_verdict(ctl, &subject);
		if (subject.exempt)
			puts("No policy file is read for that.");
		else
			print_files(&subject.policy);
	}
	subject_done(&subject);
	return r < 0 ? r : CODE_OK;
}
