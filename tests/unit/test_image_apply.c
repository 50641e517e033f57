/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/image/apply.h"

#define ID    "sha256:00000000000000000000000000000000000000000000000000000000000000ff"
#define WORDS 6

static void fill(struct strv *list, const char *const words[WORDS])
{
	for (size_t i = 0; words && i < WORDS && words[i]; i++)
		assert_int_equal(strv_add(list, words[i]), 0);
}

static void make(struct image *image, struct jail_spec *spec)
{
	*image = (struct image){ .id.text = ID };
	spec_init(spec);
	spec->root.source = ROOT_IMAGE;
}

static void done(struct image *image, struct jail_spec *spec)
{
	image_done(image);
	spec_done(spec);
}

static void assert_list(const struct strv *list, const char *const words[WORDS])
{
	size_t i = 0;

	for (; i < WORDS && words[i]; i++) {
		assert_true(i < list->count);
		assert_string_equal(list->items[i], words[i]);
	}
	assert_int_equal(list->count, i);
}

/* docker's documentation, "Understand how CMD and ENTRYPOINT interact", and of docker run. */
static void commands(void **state)
{
	static const struct {
		const char *entrypoint[WORDS], *cmd[WORDS], *given[WORDS];
		const char *option;
		const char *command[WORDS]; /* none: refused */
	} cases[] = {
		{ { NULL }, { NULL }, { NULL }, NULL, { NULL } },
		{ { NULL }, { "c", "1" }, { NULL }, NULL, { "c", "1" } },
		{ { "e" }, { NULL }, { NULL }, NULL, { "e" } },
		{ { "e", "x" }, { "c", "1" }, { NULL }, NULL, { "e", "x", "c", "1" } },
		{ { NULL }, { NULL }, { "w", "2" }, NULL, { "w", "2" } },
		{ { NULL }, { "c", "1" }, { "w", "2" }, NULL, { "w", "2" } },
		{ { "e", "x" }, { "c", "1" }, { "w" }, NULL, { "e", "x", "w" } },
		{ { "e", "x" }, { "c", "1" }, { NULL }, "o", { "o" } },
		{ { "e", "x" }, { "c", "1" }, { "w" }, "o", { "o", "w" } },
		{ { NULL }, { "c", "1" }, { NULL }, "o", { "o" } },
		{ { "e" }, { "c" }, { "w" }, "", { "w" } },
		{ { "e" }, { "c" }, { NULL }, "", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image image;
		struct jail_spec spec;
		struct err err = ERR_INIT;
		make(&image, &spec);
		fill(&image.entrypoint, cases[i].entrypoint);
		fill(&image.command, cases[i].cmd);
		fill(&spec.run.command, cases[i].given);
		int r = image_apply(&image, cases[i].option, &spec, &err);
		assert_int_equal(r, cases[i].command[0] ? 0 : -EINVAL);
		assert_int_equal(!err.text[0], r == 0);
		assert_list(&spec.run.command, cases[i].command);
		done(&image, &spec);
	}
}

static void environment(void **state)
{
	static const char *const images[WORDS] = { "PATH=/opt/bin", "A=image", "B=image", "none",
		"=x" };
	static const char *const given[WORDS] = { "A=policy", "C=1", "A=option" };
	static const char *const both[WORDS] = { "PATH=/opt/bin", "A=option", "B=image", "C=1" };
	struct image image;
	struct jail_spec spec;

	(void)state;
	for (int clear = 0; clear < 2; clear++) {
		make(&image, &spec);
		fill(&image.environment, images);
		fill(&image.command, (const char *const[WORDS]){ "c" });
		fill(&spec.identity.environment, given);
		spec.identity.clear_environment = clear;
		assert_int_equal(image_apply(&image, NULL, &spec, NULL), 0);
		assert_list(&spec.identity.environment, clear ? given : both);
		done(&image, &spec);
	}
}

static void who_and_where(void **state)
{
	static const struct account account = { .name = (char *)"alice" };
	static const struct {
		const char *image_workdir, *image_user, *workdir, *user;
		const struct account *account;
		const char *has_workdir, *has_user;
	} cases[] = {
		{ NULL, NULL, NULL, NULL, NULL, NULL, NULL },
		{ "/srv", "www:1", NULL, NULL, NULL, "/srv", "www:1" },
		{ "srv", "", NULL, NULL, NULL, "/srv", NULL },
		{ "/srv", "www", "/tmp", "0", NULL, "/tmp", "0" },
		{ "/srv", "www", NULL, NULL, &account, NULL, NULL },
		{ "/srv", "www", "/tmp", NULL, &account, "/tmp", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image image;
		struct jail_spec spec;
		make(&image, &spec);
		fill(&image.command, (const char *const[WORDS]){ "c" });
		image.workdir = cases[i].image_workdir ? strdup(cases[i].image_workdir) : NULL;
		image.user = cases[i].image_user ? strdup(cases[i].image_user) : NULL;
		spec.account = cases[i].account;
		spec.root.workdir = cases[i].workdir ? strdup(cases[i].workdir) : NULL;
		spec.identity.user = cases[i].user ? strdup(cases[i].user) : NULL;
		assert_int_equal(image_apply(&image, NULL, &spec, NULL), 0);
		assert_string_equal(spec.root.workdir ?: "-", cases[i].has_workdir ?: "-");
		assert_string_equal(spec.identity.user ?: "-", cases[i].has_user ?: "-");
		assert_string_equal(spec.root.image_id, ID);
		done(&image, &spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(environment),
		cmocka_unit_test(who_and_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
