/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "containctl/draft.h"
#include "containctl/editor.h"
#include "containctl/policy_keys.h"

/* Whose policy is edited. */
struct target {
	enum policy_part part;
	const char *name; /* of the account or group; NULL: everybody's */
	char path[PATH_MAX];
};

static int find_target(const struct ctl *ctl, struct target *target, struct err *err)
{
	size_t given =
	    ctl->word_count + (ctl->group != NULL) + (ctl->network != NULL) + ctl->defaults;

	if (given != 1)
		return err_say(err, EINVAL,
		    "policy edit: name one of USER, --group GROUP, --network NAME and --default, "
		    "and "
		    "not %s",
		    given ? "several" : "none");
	target->part = ctl->group      ? POLICY_GROUP
		       : ctl->network  ? POLICY_NETWORK
		       : ctl->defaults ? POLICY_DEFAULT
				       : POLICY_USER;
	target->name = ctl->group ?: ctl->network ?: ctl->words[0];
	return policy_path(&ctl->places, target->part, target->name, target->path, err);
}

static char *make_template(const struct target *target)
{
	static const char *const words[] = { [POLICY_DEFAULT] = "Policy of everybody",
		[POLICY_GROUP] = "Policy of members of the group ",
		[POLICY_USER] = "Policy of the account ",
		[POLICY_NETWORK] = "The network " };
	char whose[NAME_MAX + 32], *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	snprintf(whose, sizeof(whose), "%s%s", words[target->part], target->name ?: "");
	policy_keys_template(out, target->part == POLICY_NETWORK ? KEY_NETWORK : KEY_FILE, whose);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void print_finding(void *data, bool warning, const char *text)
{
	(void)data;
	printf("%s%s\n", warning ? "warning: " : "", text);
}

/* The file alone, and what it makes of those before it. Returns how many errors there are. */
static int check_draft(
    const struct policy_places *places, const struct target *target, struct err *err)
{
	struct policy_check check = { .places = places, .report = print_finding };
	int r = policy_check_file(&check, target->path, target->part == POLICY_DEFAULT, err);

	if (r == 0 && !check.errors && target->part == POLICY_USER)
		r = policy_check_account(&check, target->name, err);
	if (r == 0 && !check.errors && target->part == POLICY_GROUP)
		r = policy_check_group(&check, target->name, err);
	policy_check_done(&check);
	return r < 0 ? r : (int)check.errors;
}

/* What is saved for many can contradict what is said for one of them. */
static int check_others(const struct ctl *ctl, const struct target *target, struct err *err)
{
	struct policy_check check = { .places = &ctl->places, .report = print_finding };

	if (target->part == POLICY_USER)
		return 0;
	int r = policy_check_all(&check, err);
	policy_check_done(&check);
	return r;
}

/* Let the administrator edit until it is right, or given up. Returns 1 if it is to be saved, 0 if
 * nothing has changed, or -errno: -ECANCELED for given up. */
static int edit(
    const struct ctl *ctl, const struct target *target, const struct draft *draft, struct err *err)
{
	struct policy_places places = ctl->places;
	char edited[PATH_MAX], taken[PATH_MAX];
	bool changed = false;

	draft_edited_path(draft, edited);
	for (;;) {
		int r = editor_run(edited, err);
		if (r == 0)
			r = draft_take(draft, taken, &changed, err);
		if (r < 0)
			return err_prefix(err, "%s is as it was", target->path);
		if (!changed)
			return 0;
		places.draft = taken;
		places.draft_of = target->path;
		r = check_draft(&places, target, err);
		if (r <= 0)
			return r < 0 ? r : 1;
		char answer = '\n';
		while (answer != 'e' && answer != 'q' && answer)
			answer = editor_ask("(e)dit again, or (q)uit without saving? ");
		if (answer != 'e')
			return err_say(err, ECANCELED, "%s is as it was", target->path);
	}
}

static int edit_and_save(
    const struct ctl *ctl, const struct target *target, const struct draft *draft, struct err *err)
{
	int r = edit(ctl, target, draft, err);

	if (r == 0)
		complain("%s: nothing has changed", target->path);
	if (r <= 0)
		return r;
	r = draft_save(draft, err);
	return r < 0 ? r : check_others(ctl, target, err);
}

int command_policy_edit(struct ctl *ctl, struct err *err)
{
	struct target target = { .part = POLICY_DEFAULT };
	struct draft draft = DRAFT_INIT;
	int r = find_target(ctl, &target, err);

	if (r < 0)
		return r;
	cleanup_free char *template = make_template(&target);
	if (!template)
		return err_sys(err, ENOMEM, "%s", target.path);
	unsigned directories = target.part == POLICY_DEFAULT ? 1 : 2;
	r = draft_open(&draft, target.path, directories, template, err);
	if (r == 0)
		r = edit_and_save(ctl, &target, &draft, err);
	draft_close(&draft);
	return r < 0 ? r : CODE_OK;
}
