/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "contain-exec/help.h"
#include "contain-exec/options.h"
#include "contain-exec/statistics.h"
#include "tests/unit/policy_tree.h"

#define WORDS 12

/* Parse the words, with argv[0] in front. */
static int parse(const char *const words[WORDS], struct options *options, struct err *err)
{
	char *argv[WORDS + 2] = { (char *)"contain-exec" };

	for (size_t i = 0; i < WORDS && words[i]; i++)
		argv[i + 1] = (char *)words[i];
	options_init(options, NULL);
	return options_parse(argv, options, err);
}

static void ways_to_write_a_value(void **state)
{
	static const char *const cases[][WORDS] = {
		{ "--memory", "64M", "true" },
		{ "--memory=64M", "true" },
		{ "--memory-limit", "64M", "true" },
		{ "--memory-limit=64M", "--", "true" },
		{ "-m", "64M", "true" },
		{ "-m64M", "true" },
		{ "-m=64M", "true" },
		{ "-tm64M", "true" },
		{ "-itm", "64M", "true" },
		{ "-m", "1G", "--memory=64M", "true" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		struct err err = ERR_INIT;
		if (parse(cases[i], &options, &err) != 0)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(options.spec.limits.memory, 67108864);
		assert_int_equal(options.spec.run.command.count, 1);
		assert_string_equal(options.spec.run.command.items[0], "true");
		options_done(&options);
	}
}

static void the_command_keeps_its_own_options(void **state)
{
	static const char *const cases[][WORDS] = {
		{ "sh", "-c", "--memory", "--" },
		{ "--", "sh", "-c", "--memory", "--" },
		{ "--read-only", "sh", "-c", "--memory", "--" },
		{ "-m64M", "--", "sh", "-c", "--memory", "--" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		assert_int_equal(parse(cases[i], &options, NULL), 0);
		assert_int_equal(options.spec.run.command.count, 4);
		assert_string_equal(options.spec.run.command.items[0], "sh");
		assert_string_equal(options.spec.run.command.items[2], "--memory");
		assert_string_equal(options.spec.run.command.items[3], "--");
		options_done(&options);
	}
}

static void a_dash_alone_is_a_command(void **state)
{
	static const char *const words[WORDS] = { "-" };
	struct options options;

	(void)state;
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_string_equal(options.spec.run.command.items[0], "-");
	options_done(&options);
}

static void values_may_look_like_anything(void **state)
{
	static const char *const words[WORDS] = { "-eA=--x", "-e", "B=1=2", "--env=C=", "-w=/tmp",
		"--overlay", "none", "true" };
	struct options options;

	(void)state;
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_int_equal(options.spec.identity.environment.count, 3);
	assert_string_equal(options.spec.identity.environment.items[0], "A=--x");
	assert_string_equal(options.spec.identity.environment.items[1], "B=1=2");
	assert_string_equal(options.spec.identity.environment.items[2], "C=");
	assert_string_equal(options.spec.root.workdir, "/tmp");
	options_done(&options);
}

static void images(void **state)
{
	static const char *const words[WORDS] = { "--rootfs", "/srv", "--image", "debian:12",
		"--entrypoint", "", "x" };
	struct options options;

	(void)state;
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_int_equal(options.spec.root.source, ROOT_IMAGE);
	assert_string_equal(options.spec.root.image, "debian:12");
	assert_string_equal(options.entrypoint, "");
	assert_int_equal(options.spec.run.command.count, 1);
	options_done(&options);
}

/* What the message begins with is what was typed. */
static void bad_command_lines(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *message;
	} cases[] = {
		{ { "--memroy", "64M", "true" },
		    "--memroy: unknown option; did you mean --memory?" },
		{ { "--hostnam=x", "true" },
		    "--hostnam: unknown option; did you mean --hostname?" },
		{ { "--something-else" },
		    "--something-else: unknown option; --help lists them all" },
		{ { "-Z" }, "-Z: unknown option; --help lists them all" },
		{ { "-iZ" }, "-Z: unknown option; --help lists them all" },
		{ { "--mem", "64M" }, "--mem: unknown option" },
		{ { "-memory", "64M" }, "-m: \"emory\" is not a size" },
		{ { "--memory" }, "--memory: a value is missing: SIZE" },
		{ { "-m" }, "-m: a value is missing: SIZE" },
		{ { "--memory=" }, "--memory: \"\" is not a size" },
		{ { "-m=" }, "-m: \"\" is not a size" },
		{ { "--memory", "64MM", "true" },
		    "--memory: \"64MM\" is not a size: use a number with K, M, G or T, as in 64M" },
		{ { "--memory-limit", "64MM" }, "--memory-limit: \"64MM\"" },
		{ { "--memory", "--", "true" }, "--memory: \"--\" is not a size" },
		{ { "--read-only=maybe" }, "--read-only: \"maybe\" is not possible" },
		{ { "--verbose=x" }, "--verbose: takes no value" },
		{ { "--stats=xml" }, "--stats: \"xml\" is not possible: use text or json" },
		{ { "--stats=" }, "--stats: \"\" is not possible: use text or json" },
		{ { "--status-fd", "x" }, "--status-fd: \"x\" is not the number" },
		{ { "--status-fd", "-1" }, "--status-fd: \"-1\" is not the number" },
		{ { "--status-fd", "999" }, "--status-fd: descriptor 999 is not open" },
		{ { "--status-fd", "99999999999" },
		    "--status-fd: \"99999999999\" is not the number" },
		{ { "--=x" }, "--: unknown option" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		struct err err = ERR_INIT;
		if (parse(cases[i].words, &options, &err) >= 0)
			fail_msg("%s was taken", cases[i].words[0]);
		if (strncmp(err.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(options.status_fd, -1);
		options_done(&options);
	}
}

static void flags(void **state)
{
	static const char *const words[WORDS] = { "--read-only", "--allow-setuid=yes", "--no-init",
		"--no-init=no", "--clear-env", "--verbose", "--dry-run", "--stats", "true" };
	static const char *const json[WORDS] = { "--stats", "--stats=json", "true" };
	struct options options;

	(void)state;
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_true(options.spec.root.readonly && options.spec.identity.allow_setuid);
	assert_false(options.spec.run.no_init);
	assert_true(options.spec.identity.clear_environment);
	assert_true(options.verbose && options.dry_run);
	assert_false(options.help || options.version);
	assert_int_equal(options.stats, STATS_TEXT);
	options_done(&options);
	assert_int_equal(parse(json, &options, NULL), 0);
	assert_int_equal(options.stats, STATS_JSON);
	options_done(&options);
}

static void help_ends_the_parsing(void **state)
{
	static const char *const cases[][WORDS] = { { "--help", "--nonsense" },
		{ "-h", "--nonsense" }, { "-ih" },
		{ "--memory", "64M", "--version", "--nonsense" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options options;
		assert_int_equal(parse(cases[i], &options, NULL), 0);
		assert_true(options.help != options.version);
		options_done(&options);
	}
}

static void no_arguments_at_all(void **state)
{
	char *argv[] = { NULL };
	struct options options;

	(void)state;
	options_init(&options, NULL);
	assert_int_equal(options_parse(argv, &options, NULL), 0);
	assert_int_equal(options.spec.run.command.count, 0);
	options_done(&options);
}

static void the_status_descriptor_is_kept_from_the_command(void **state)
{
	const char *words[WORDS] = { "--status-fd", NULL, "true" };
	struct options options;
	char number[16];

	(void)state;
	int fd = open("/dev/null", O_WRONLY);
	assert_true(fd > 2);
	snprintf(number, sizeof(number), "%d", fd);
	words[1] = number;
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_true(options.status_fd > 2 && options.status_fd != fd);
	assert_true(fcntl(options.status_fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	int copy = options.status_fd;
	options_done(&options);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	close(fd);
	/* Standard output stays the command's. */
	words[1] = "1";
	assert_int_equal(parse(words, &options, NULL), 0);
	assert_false(fcntl(1, F_GETFD) & FD_CLOEXEC);
	options_done(&options);
	/* One that is only open for reading is refused. */
	fd = open("/dev/null", O_RDONLY);
	snprintf(number, sizeof(number), "%d", fd);
	words[1] = number;
	assert_true(parse(words, &options, NULL) < 0);
	options_done(&options);
	close(fd);
}

/* Options win over it and add to its lists, whatever stands first. */
static void a_policy_comes_first(void **state)
{
	static const char *const cases[][WORDS] = {
		{ "--policy", "web", "--pids", "5", "--volume", "/c:/d", "--env", "A=2", "true" },
		{ "--pids", "5", "--volume", "/c:/d", "--env", "A=2", "--policy=web", "true" },
	};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "groups/web.conf",
	    "[limits]\npids = 3\nmemory = 1G\n[rootfs]\nvolumes = /a:/b\n[environment]\nA = 1\nB = "
	    "1\n[security]\ncapabilities = chown\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[WORDS + 2] = { (char *)"contain-exec" };
		struct options options;
		struct err err = ERR_INIT;
		for (size_t n = 0; n < WORDS && cases[i][n]; n++)
			argv[n + 1] = (char *)cases[i][n];
		options_init(&options, &tree.places);
		if (options_parse(argv, &options, &err) != 0)
			fail_msg("%s", err.text);
		assert_int_equal(options.spec.limits.pids, 5);
		assert_int_equal(options.spec.limits.memory, 1073741824);
		assert_int_equal(options.spec.root.volume_count, 2);
		assert_string_equal(options.spec.root.volumes[1].source, "/c");
		assert_string_equal(strv_get(&options.spec.identity.environment, "A"), "2");
		assert_string_equal(strv_get(&options.spec.identity.environment, "B"), "1");
		assert_int_equal(options.spec.identity.capabilities, 1);
		assert_int_equal(options.spec.run.command.count, 1);
		/* The number is the option's now; of the rest messages name the file. */
		(void)err_say(&err, EINVAL, "--pids");
		assert_null(policy_origin_named(&options.policy, &err));
		(void)err_say(&err, EINVAL, "--memory");
		assert_non_null(policy_origin_named(&options.policy, &err));
		(void)err_say(&err, EINVAL, "--volume");
		assert_non_null(policy_origin_named(&options.policy, &err));
		options_done(&options);
		options_done(&options);
	}
	tree_remove(&tree);
}

static void policies_that_are_refused(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *message;
	} cases[] = {
		{ { "--policy", "wbe", "true" },
		    "--policy: there is no policy wbe: groups/wbe.conf is missing" },
		{ { "--policy=", "true" }, "--policy: the value is empty" },
		{ { "--policy", "bad", "--pids", "5", "true" },
		    "groups/bad.conf:2: [limits] pids: \"x\" is not" },
		{ { "--policy", "user", "true" },
		    "groups/user.conf:2: [rootfs] hide: %u stands for something of an account" },
		{ { "--as", "no-such-account", "true" },
		    "--as: there is no account called \"no-such-account\"" },
		{ { "--as=", "true" }, "--as: the value is empty" },
		{ { "--as", "root", "--policy", "web", "true" },
		    "--policy and --as cannot be given together" },
		{ { "--policy", "bad", "--nonsense", "true" }, "--nonsense: unknown option" },
	};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "groups/bad.conf", "[limits]\npids = x\n");
	tree_write(&tree, "groups/user.conf", "[rootfs]\nhide = /%u\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[WORDS + 2] = { (char *)"contain-exec" };
		struct options options;
		struct err err = ERR_INIT;
		for (size_t n = 0; n < WORDS && cases[i].words[n]; n++)
			argv[n + 1] = (char *)cases[i].words[n];
		options_init(&options, &tree.places);
		assert_true(options_parse(argv, &options, &err) < 0);
		if (strncmp(tree_shorten(&tree, err.text), cases[i].message,
			strlen(cases[i].message)) != 0)
			fail_msg("%s", err.text);
		options_done(&options);
	}
	tree_remove(&tree);
}

/* The account that is asked for is the spec's, for as long as there are options. */
static void an_account_has_its_policy(void **state)
{
	char *argv[] = { (char *)"contain-exec", (char *)"--as", (char *)"daemon", (char *)"true",
		NULL };
	struct options options;
	struct err err = ERR_INIT;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/daemon.conf", "[limits]\npids = 3\n");
	options_init(&options, &tree.places);
	if (options_parse(argv, &options, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(options.spec.limits.pids, 3);
	assert_ptr_equal(options.spec.account, &options.account);
	assert_string_equal(options.spec.account->name, "daemon");
	assert_int_equal(options.spec.identity.capabilities, 0);
	options_done(&options);
	tree_remove(&tree);
}

static void root_is_nobody_to_be(void **state)
{
	char *argv[] = { (char *)"contain-exec", (char *)"--as", (char *)"root", (char *)"true",
		NULL };
	struct options options;
	struct err err = ERR_INIT;

	(void)state;
	options_init(&options, NULL);
	assert_int_equal(options_parse(argv, &options, &err), -EINVAL);
	assert_non_null(strstr(err.text, "--as: root cannot be had"));
	options_done(&options);
}

/* Every name that the field is used to, and no name twice. */
static void names(void **state)
{
	static const char *const expected[] = { "--rootfs", "--chroot", "--overlay", "--read-only",
		"--volume", "-v", "--bind", "--ro-bind", "--tmpfs", "--workdir", "-w", "--memory",
		"--memory-limit", "-m", "--swap", "--cpu", "--cpus", "--cpu-core-ids",
		"--cpu-coreids", "--cpuset-cpus", "--cpu-weight", "--pids", "--pids-limit",
		"--io-max", "--rlimit", "--network", "--network-address", "--bridge", "--hostname",
		"--user", "-u", "--env", "-e", "--env-file", "--clear-env", "--userns", "--cap-add",
		"--cap-drop", "--seccomp", "--allow-setuid", "--nested-userns", "--name", "--tty",
		"--no-init", "--stats", "--status-fd", "--verbose", "--dry-run", "--timeout",
		"--help", "-h", "--version", "--policy", "--as", "--image", "--entrypoint" };
	struct strv seen = { NULL, 0 };
	struct option_row row;

	(void)state;
	for (size_t i = 0; options_row(i, &row); i++) {
		const char *list = row.names, *word;
		size_t length;
		assert_true(!row.parse_key != !row.parse_own);
		while ((word = options_next_word(&list, &length))) {
			char name[32];
			snprintf(name, sizeof(name), "%.*s", (int)length, word);
			if (strv_get(&seen, name))
				fail_msg("%s is there twice", name);
			assert_int_equal(strv_set(&seen, name, ""), 0);
		}
	}
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (!strv_get(&seen, expected[i]))
			fail_msg("%s is missing", expected[i]);
	assert_null(strv_get(&seen, "--nonsense"));
	strv_free(&seen);
}

static void help_shows_every_name_within_80_columns(void **state)
{
	char *text = NULL;
	size_t size, length;
	FILE *stream = open_memstream(&text, &size);
	struct option_row row;

	(void)state;
	help_print(stream);
	fclose(stream);
	for (size_t i = 0; options_row(i, &row); i++) {
		const char *list = row.names, *word;
		while ((word = options_next_word(&list, &length))) {
			char name[40];
			snprintf(name, sizeof(name), " %.*s", (int)length, word);
			assert_non_null(strstr(text, name));
		}
	}
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 80)
			fail_msg("%.*s", (int)strcspn(line, "\n"), line);
	free(text);
}

static void statistics(void **state)
{
	const struct jail_result result = { .wall_us = 1234567,
		.cpu_us = 5000,
		.stats = { .memory_peak = 3 * 1024 * 1024 / 2,
		    .memory_current = SPEC_UNSET,
		    .oom_kills = 0,
		    .cpu_usage = SPEC_UNSET,
		    .pids_peak = 3,
		    .pids_denied = SPEC_UNSET,
		    .io_read = 512,
		    .io_written = 2048 } };
	char text[1024];

	(void)state;
	statistics_format(&result, text, sizeof(text));
	assert_string_equal(text, "wall time            1.234 s\n"
				  "processor time       0.005 s\n"
				  "peak memory          1.5 MiB\n"
				  "out-of-memory kills  0\n"
				  "peak processes       3\n"
				  "refused processes    unknown\n"
				  "read                 512 bytes\n"
				  "written              2.0 KiB\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_to_write_a_value),
		cmocka_unit_test(the_command_keeps_its_own_options),
		cmocka_unit_test(a_dash_alone_is_a_command),
		cmocka_unit_test(values_may_look_like_anything),
		cmocka_unit_test(images),
		cmocka_unit_test(bad_command_lines),
		cmocka_unit_test(flags),
		cmocka_unit_test(help_ends_the_parsing),
		cmocka_unit_test(no_arguments_at_all),
		cmocka_unit_test(the_status_descriptor_is_kept_from_the_command),
		cmocka_unit_test(a_policy_comes_first),
		cmocka_unit_test(policies_that_are_refused),
		cmocka_unit_test(an_account_has_its_policy),
		cmocka_unit_test(root_is_nobody_to_be),
		cmocka_unit_test(names),
		cmocka_unit_test(help_shows_every_name_within_80_columns),
		cmocka_unit_test(statistics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
