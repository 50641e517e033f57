/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "lib/policy/scan.h"
#include "tests/unit/policy_tree.h"

static gid_t no_groups[] = { 4711 };
static const struct account bob = { .name = (char *)"bob",
	.uid = 4711,
	.gid = 4711,
	.home = (char *)"/home/bob",
	.shell = (char *)"/bin/sh",
	.group = (char *)"people",
	.groups = no_groups,
	.group_count = 1 };

/* Load what is in the tree; the message in *err is without the tree's directory. */
static int load(const struct tree *tree, struct policy *policy, struct err *err)
{
	*err = (struct err)ERR_INIT;
	int r = policy_load(&tree->places, &bob, policy, err);
	snprintf(err->text, sizeof(err->text), "%s", tree_shorten(tree, err->text));
	return r;
}

#define LONG_16 "0123456789abcdef"
#define LONG_256                                                                                   \
	LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16    \
	    LONG_16 LONG_16 LONG_16 LONG_16 LONG_16
#define LONG_4096                                                                                  \
	LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256  \
	    LONG_256 LONG_256 LONG_256 LONG_256 LONG_256 LONG_256

#define TEXT(text) text, sizeof(text) - 1

/* What an administrator can do wrong in a file, and what it gets: the line and what is right. */
static void bad_files(void **state)
{
	static const struct {
		const char *text;
		size_t length;
		const char *message;
	} cases[] = {
		/* not text */
		{ TEXT("[limits]\npids = 2\0"
		       "0\n"),
		    "2: there is a NUL byte in the line: the file is not text" },
		{ TEXT("\xef\xbb\xbf[limits]\npids = 20\n"),
		    "1: the file begins with a byte order mark: save it without one" },
		{ TEXT("\xff\xfe[\0l\0"), "1: the file is UTF-16: save it as UTF-8" },
		{ TEXT("[limits]\r\npids = 20\r\n"),
		    "1: the line ends as in Windows: take the CR off" },
		{ TEXT("[limits]\npids = 20\x1b[1m\n"),
		    "2: there is a control character in the line" },
		{ TEXT("[environment]\nA = " LONG_4096 "\n"),
		    "2: the line is longer than 4096 bytes" },
		/* not in form */
		{ TEXT("pids = 20\n"), "1: pids: stands in front of the first [section]" },
		{ TEXT("[limits]\nmemory = 64M\npids 20\n"),
		    "3: \"pids 20\" is neither a [section] nor a key = value" },
		{ TEXT("[limits]\npids\n"),
		    "2: \"pids\" is neither a [section] nor a key = value" },
		{ TEXT("[rootfs]\nhide = /a\n\n\t/b\n"),
		    "4: \"/b\" is neither a [section] nor a key = value" },
		{ TEXT("\t/b\n"), "1: \"/b\" is neither a [section] nor a key = value" },
		{ TEXT("[limits]\npids = 20\npids = 30\n"),
		    "3: [limits] pids: is given in line 2 already" },
		{ TEXT("[limits]\npids = 20\n[jail]\n[limits]\npids = 20\n"),
		    "5: [limits] pids: is given in line 2 already" },
		{ TEXT("[limits]\ncpu = 5000\ncpus = 2\n"),
		    "3: [limits] cpus: says the same as cpu in line 2" },
		{ TEXT("[limits]\ncpu weight = 20\n"),
		    "2: \"cpu weight\" is not the name of a key: there is a blank in it" },
		{ TEXT("[limits]\n= 20\n"), "2: there is no name in front of \"=\"" },
		{ TEXT("[limits]\n; pids = 20\n"),
		    "2: comments begin with \"#\", and not with \";\"" },
		{ TEXT("[limits\npids = 20\n"),
		    "1: \"[limits\" is not a section: use a name in brackets, as in [limits]" },
		{ TEXT("[limits] pids = 20\n"),
		    "1: \"[limits] pids = 20\" is not a section: use a name in brackets, as in "
		    "[limits]" },
		{ TEXT("[]\n"), "1: []: unknown section" },
		{ TEXT("[limit]\npids = 20\n"),
		    "1: [limit]: unknown section; did you mean [limits]?" },
		{ TEXT("[something]\npids = 20\n"), "1: [something]: unknown section" },
		{ TEXT("[rootfs]\nhide = /a\n\t/b = c\n"),
		    "3: \"/b = c\" is indented below hide: keys stand below each other, and items "
		    "with "
		    "\"=\" in the line of their list" },
		{ TEXT("[limits]\nrlimit = core=0\n\tcpu=5000\n"),
		    "3: \"cpu=5000\" is indented below rlimit: keys stand below each other, and "
		    "items "
		    "with \"=\" in the line of their list" },
		/* quotes */
		{ TEXT("[environment]\nA = \"b # c\"\n"),
		    "2: a quote is opened and not closed in this line: \"#\" begins a comment, "
		    "also in "
		    "quotes" },
		{ TEXT("[environment]\nA = \"b\n"),
		    "2: a quote is opened and not closed in this line" },
		{ TEXT("[environment]\nA = \"b\" and \"c\"\n"),
		    "2: quotes can only enclose the whole value" },
		{ TEXT("[environment]\nA = \"b\" and c\n"),
		    "2: quotes can only enclose the whole value" },
		{ TEXT("[environment]\nA = \"b\"\n  c\n"),
		    "3: a value in quotes cannot go on in another line" },
		{ TEXT("[rootfs]\nhide = \"/a b\"\n"), "2: [rootfs] hide: quotes mean nothing in a "
						       "list: write a blank in a word as \"\\ "
						       "\"" },
		/* unknown keys */
		{ TEXT("[limits]\nmemroy = 64M\n"),
		    "2: [limits] memroy: unknown key; did you mean memory?" },
		{ TEXT("[limits]\ncpu-core-ids = 0\n"),
		    "2: [limits] cpu-core-ids: unknown key; did you mean cpu_core_ids?" },
		{ TEXT("[rootfs]\nmemory = 64M\n"),
		    "2: [rootfs] memory: unknown key; it belongs to [limits]" },
		{ TEXT("[security]\nuserns = host\n"), "2: [security] userns: unknown key" },
		{ TEXT("[jail]\nname = web\n"), "2: [jail] name: unknown key" },
		{ TEXT("[environment]\n2X = 1\n"), "2: [environment] 2X: is not the name of a "
						   "variable: use letters, digits and \"_\", "
						   "and no digit first" },
		{ TEXT("[environment]\nA-B = 1\n"),
		    "2: [environment] A-B: is not the name of a variable: use letters, digits and "
		    "\"_\", and no digit first" },
		/* values */
		{ TEXT("[limits]\nmemory =\n"), "2: [limits] memory: has no value" },
		{ TEXT("[limits]\nmemory=\n"), "2: [limits] memory: has no value" },
		{ TEXT("[limits]\nmemory = \"\"\n"), "2: [limits] memory: has no value" },
		{ TEXT("[rootfs]\nhide =\n"), "2: [rootfs] hide: has no value" },
		{ TEXT("# a comment\n[limits]\n\nmemory = 64MM\n"),
		    "4: [limits] memory: \"64MM\" is not a size: use a number with K, M, G or T, "
		    "as in "
		    "64M" },
		{ TEXT("[limits]\nmemory = 64M\n\t128M\n"),
		    "3: [limits] memory: takes one value and no further lines" },
		{ TEXT("[jail]\nenable = maybe\n"),
		    "2: [jail] enable: \"maybe\" is not possible: use yes, no, true or false" },
		{ TEXT("[jail]\nscope = login\n"),
		    "2: [jail] scope: \"login\" is not possible: use user or session" },
		{ TEXT("[jail]\nservices = sshd, login\n"),
		    "2: [jail] services: \"sshd,\" is not a PAM service: use the names of files in "
		    "/etc/pam.d, as in sshd" },
		{ TEXT("[jail]\ngrace = -1\n"), "2: [jail] grace: \"-1\" is not a duration: use a "
						"number with ms, s, m, h or d, as "
						"in 10s" },
		{ TEXT("[rootfs]\nsource = alpine\n"), "2: [rootfs] source: \"alpine\" does not "
						       "begin with \"/\": use "
						       "host|DIR|image:NAME with an "
						       "absolute path" },
		{ TEXT("[rootfs]\nsource = image:\n"),
		    "2: [rootfs] source: \"\" is not the name of an image: use one as in "
		    "debian:12, "
		    "registry.example.org/lab/python:3.12 or sha256:..." },
		{ TEXT("[rootfs]\nsource = images:x\n"),
		    "2: [rootfs] source: \"images:x\" does not begin with \"/\": use "
		    "host|DIR|image:NAME with an absolute path" },
		{ TEXT("[rootfs]\noverlay = image:x\n"),
		    "2: [rootfs] overlay: \"image:x\" does not begin with \"/\": use "
		    "auto|none|tmpfs|DIR with an absolute path" },
		{ TEXT("[rootfs]\nimage = x\n"), "2: [rootfs] image: unknown key" },
		{ TEXT("[rootfs]\nhome = ~\n"), "2: [rootfs] home: \"~\" does not begin with "
						"\"/\": use host|tmpfs|none|DIR with an "
						"absolute path" },
		{ TEXT("[rootfs]\nvolumes = /a:/b c:/d\n"),
		    "2: [rootfs] volumes: \"c:/d\" does not begin with \"/\": use "
		    "SRC:DST[:ro,idmap] "
		    "with an absolute path" },
		{ TEXT("[rootfs]\nvolumes = none /a:/b\n"),
		    "2: [rootfs] volumes: \"none\" does not begin with \"/\": use "
		    "SRC:DST[:ro,idmap] "
		    "with an absolute path" },
		{ TEXT("[rootfs]\ntmpfs = /proc/x\n"), "2: [rootfs] tmpfs: nothing can be mounted "
						       "on \"/proc/x\": every container has a "
						       "/proc of its own" },
		{ TEXT("[security]\ncapabilities = chwon\n"),
		    "2: [security] capabilities: \"chwon\" is not a capability: use the names of "
		    "capabilities(7), as in net_admin, or all; did you mean chown?" },
		{ TEXT("[rootfs]\nhide = %x\n"), "2: [rootfs] hide: %x is not known: use %u, %h, "
						 "%U, %g, or %% for a percent sign" },
		{ TEXT("[rootfs]\nhide = /a%\n"), "2: [rootfs] hide: % is not known: use %u, %h, "
						  "%U, %g, or %% for a percent sign" },
		/* contradictions */
		{ TEXT("[jail]\nenable = yes\n[limits]\nswap = 64M\n"),
		    "4: [limits] swap limits nothing without [limits] memory: give both" },
		{ TEXT("[jail]\nenable = yes\n[network]\nmode = none\nbridge = br0\n"),
		    "5: [network] bridge and [network] mode none contradict each other: leave one "
		    "of "
		    "them out" },
		{ TEXT("[jail]\nenable = yes\nscope = session\n[network]\naddress = 10.0.0.2/24\n"),
		    "5: [network] address can be had by one container at a time, and with [jail] "
		    "scope "
		    "= session an account can have several: leave one of them out" },
	};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[768];
		struct policy policy;
		struct err err;
		tree_write_bytes(&tree, "users/bob.conf", cases[i].text, cases[i].length);
		snprintf(expected, sizeof(expected), "users/bob.conf:%s", cases[i].message);
		if (load(&tree, &policy, &err) >= 0)
			fail_msg("%s: was taken", expected);
		assert_string_equal(err.text, expected);
	}
	tree_remove(&tree);
}

/* Next to what is refused, what is not. */
static void good_files(void **state)
{
	static const char *const cases[] = {
		"",
		"\n",
		"# nothing but a comment",
		"[limits]",
		"   [limits]   # with a comment\n   memory=64M#another\n",
		"[limits]\nmemory = 64M",
		"[limits]\npids = 20\n[jail]\n[limits]\nmemory = 64M\n",
		"[limits]\n\tpids = 20\n\tmemory = 64M\n",
		"[limits]\n\tpids = 20\n        memory = 64M\nswap = auto\n",
		"[limits]\nswap = 64M\n", /* contradicts, but nobody is confined */
		"[environment]\nA =\nB = \"\"\nC = say \"hi\"\nD = it's\n",
		"[environment]\npids = 1\n[limits]\npids = 1\n",
		"[jail]\ngrace = 0\nservices = all\nhostname = auto\n",
		"[rootfs]\nhide = /a\n# /b\n\t# /c\n\n[jail]\n",
		"[environment]\nLANG = \xc3\xa9\n",
		"[environment]\nA = a%%b\n",
		"[limits]\nmemory = 64M\n# a comment\npids = 20\n\t# another\n",
	};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy policy;
		struct err err;
		tree_write(&tree, "users/bob.conf", cases[i]);
		if (load(&tree, &policy, &err) != 0)
			fail_msg("%s: %s", cases[i], err.text);
		policy_done(&policy);
	}
	tree_remove(&tree);
}

static void values(void **state)
{
	static const char text[] = "[rootfs]\n"
				   "volumes = /a:/b\t/c\\ d:/e\n"
				   "# /commented:/out\n"
				   "\t/f:/g:ro   # the last\n"
				   "\t  # nothing\n"
				   "  /h:/i\n"
				   "home = /srv/homes/%u-%U-%g%%\n"
				   "[limits]\nrlimit = core=0 nofile=100:200\n"
				   "[environment]\n"
				   "A = \" b \"\n"
				   "B = c = d\n"
				   "C = %h/x\n"
				   "E=\n";
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/bob.conf", text);
	if (load(&tree, &policy, &err) != 0)
		fail_msg("%s", err.text);
	const struct jail_spec *spec = &policy.spec;
	assert_int_equal(spec->root.volume_count, 4);
	assert_string_equal(spec->root.volumes[1].source, "/c d");
	assert_true(spec->root.volumes[2].readonly);
	assert_string_equal(spec->root.volumes[3].source, "/h");
	assert_string_equal(spec->root.home_path, "/srv/homes/bob-4711-people%");
	assert_true(spec->limits.rlimits[4 /* core */].set);
	assert_string_equal(strv_get(&spec->identity.environment, "A"), " b ");
	assert_string_equal(strv_get(&spec->identity.environment, "B"), "c = d");
	assert_string_equal(strv_get(&spec->identity.environment, "C"), "/home/bob/x");
	assert_string_equal(strv_get(&spec->identity.environment, "E"), "");
	assert_int_equal(policy.origin_count, 7);
	assert_string_equal(policy.origins[0].text, "/srv/homes/%u-%U-%g%%");
	assert_string_equal(policy.origins[0].value, "/srv/homes/bob-4711-people%");
	assert_int_equal(policy.origins[0].line, 7);
	assert_int_equal(policy.origins[1].line, 2);
	policy_done(&policy);
	tree_remove(&tree);
}

/* All of one file's problems are known at once, in the order of its lines. */
static void too_much_of_something(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	FILE *file = fopen(tree_path(&tree, "users/bob.conf"), "we");
	fputs("[environment]\n", file);
	for (int i = 0; i < SCAN_ENTRIES_MAX; i++)
		fprintf(file, "A%d = x\n", i);
	fclose(file);
	assert_int_equal(load(&tree, &policy, &err), 0);
	policy_done(&policy);
	file = fopen(tree_path(&tree, "users/bob.conf"), "ae");
	fputs("B = x\n", file);
	fclose(file);
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(
	    err.text, "users/bob.conf:1026: there are more than 1024 keys in this file");

	file = fopen(tree_path(&tree, "users/bob.conf"), "we");
	fputs("[jail]\nservices = a\n", file);
	for (int i = 1; i < SCAN_VALUE_LINES; i++)
		fputs(" a\n", file);
	fclose(file);
	assert_int_equal(load(&tree, &policy, &err), 0);
	assert_int_equal(policy.spec.jail.services.count, SCAN_VALUE_LINES);
	policy_done(&policy);
	file = fopen(tree_path(&tree, "users/bob.conf"), "ae");
	fputs(" a\n", file);
	fclose(file);
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(err.text, "users/bob.conf:258: the value has more than 256 lines");
	tree_remove(&tree);
}

/* ----------------------------------------------------------------------- what is no such file */

static void make_fifo(const char *path)
{
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void make_directory(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_symlink(const char *path)
{
	assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void make_link_to_zero(const char *path)
{
	assert_int_equal(symlink("/dev/zero", path), 0);
}

static void make_dangling(const char *path)
{
	assert_int_equal(symlink("nowhere", path), 0);
}

static void make_sparse(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, (off_t)10 << 30), 0);
	close(fd);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(address.sun_path));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void make_writable(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(fchmod(fd, 0620), 0);
	close(fd);
}

static void make_writable_by_all(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(fchmod(fd, 0602), 0);
	close(fd);
}

static void things_that_are_no_files(void **state)
{
	static const struct {
		void (*make)(const char *path);
		const char *message;
	} cases[] = {
		{ make_fifo, "is not a regular file" },
		{ make_directory, "is not a regular file" },
		{ make_socket, "is not a regular file" },
		{ make_symlink, "is a symbolic link, which is not followed here" },
		{ make_link_to_zero, "is a symbolic link, which is not followed here" },
		{ make_dangling, "is a symbolic link, which is not followed here" },
		{ make_sparse, "is larger than 1048576 bytes" },
		{ make_writable, "can be written by its group: take that away, as in chmod go-w" },
		{ make_writable_by_all,
		    "can be written by everybody: take that away, as in chmod go-w" },
	};
	struct timespec before, after;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char expected[256];
		struct policy policy;
		struct err err;
		cases[i].make(tree_path(&tree, "users/bob.conf"));
		snprintf(expected, sizeof(expected), "users/bob.conf: %s", cases[i].message);
		assert_true(load(&tree, &policy, &err) < 0);
		assert_string_equal(err.text, expected);
		remove(tree_path(&tree, "users/bob.conf"));
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec <= 2);
	tree_remove(&tree);
}

static void directories_that_others_can_write(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 20\n");
	assert_int_equal(load(&tree, &policy, &err), 0);
	policy_done(&policy);
	assert_int_equal(chmod(tree_path(&tree, "users"), 0770), 0);
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(
	    err.text, "users: can be written by its group: take that away, as in chmod go-w");
	assert_int_equal(chmod(tree_path(&tree, "users"), 0700), 0);
	assert_int_equal(chmod(tree.directory, 01777), 0); /* sticky is good for those above only */
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(
	    err.text, ": can be written by everybody: take that away, as in chmod go-w");
	assert_int_equal(chmod(tree.directory, 0700), 0);
	assert_int_equal(chmod(tree.root, 0772), 0);
	err = (struct err)ERR_INIT;
	assert_true(policy_load(&tree.places, &bob, &policy, &err) < 0);
	char expected[256];
	snprintf(expected, sizeof(expected),
	    "%s: can be written by everybody: take that away, as in chmod go-w", tree.root);
	assert_string_equal(err.text, expected);
	assert_int_equal(chmod(tree.root, 01773), 0);
	assert_int_equal(load(&tree, &policy, &err), 0);
	policy_done(&policy);
	tree_remove(&tree);
}

static void directories_that_are_something_else(void **state)
{
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	assert_int_equal(symlink("/etc", tree_path(&tree, "users")), 0);
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(err.text, "users: is a symbolic link, which is not followed here");
	assert_int_equal(unlink(tree_path(&tree, "users")), 0);
	tree_write(&tree, "groups", "");
	assert_true(load(&tree, &policy, &err) < 0);
	assert_string_equal(err.text, "groups: Not a directory");
	assert_int_equal(unlink(tree_path(&tree, "groups")), 0);

	/* Missing is fine, on every level. */
	assert_int_equal(load(&tree, &policy, &err), 0);
	assert_int_equal(policy.files.count, 0);
	policy_done(&policy);
	assert_int_equal(rmdir(tree.directory), 0);
	assert_int_equal(rmdir(tree.vendor), 0);
	assert_int_equal(load(&tree, &policy, &err), 0);
	policy_done(&policy);
	assert_int_equal(symlink("/etc", tree.directory), 0);
	assert_true(load(&tree, &policy, &err) < 0);
	assert_non_null(strstr(err.text, "is a symbolic link"));
	tree_remove(&tree);
}

static bool is_mapped(const char *what)
{
	char line[512];
	bool found = false;
	FILE *maps = fopen("/proc/self/maps", "re");

	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, what) != NULL;
	fclose(maps);
	return found;
}

static unsigned count_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* A supervisor that lives on has neither libeconf nor a descriptor more. */
static void nothing_stays(void **state)
{
	unsigned before = count_descriptors();
	struct tree tree;
	struct policy policy;
	struct err err;

	(void)state;
	tree_make(&tree);
	tree_write(&tree, "users/bob.conf", "[limits]\npids = 20\n");
	assert_int_equal(load(&tree, &policy, &err), 0);
	policy_done(&policy);
	tree_write(&tree, "users/bob.conf", "[limits]\npids = x\n");
	assert_true(load(&tree, &policy, &err) < 0);
	assert_false(is_mapped("libeconf"));
	assert_false(is_mapped("contain-policy"));
	assert_int_equal(count_descriptors(), before);
	snprintf(tree.parts, sizeof(tree.parts), "/no/such/place");
	assert_int_equal(load(&tree, &policy, &err), -ELIBACC);
	assert_non_null(strstr(err.text, "cannot load contain-policy.so"));
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
		cmocka_unit_test(values),
		cmocka_unit_test(too_much_of_something),
		cmocka_unit_test(things_that_are_no_files),
		cmocka_unit_test(directories_that_others_can_write),
		cmocka_unit_test(directories_that_are_something_else),
		cmocka_unit_test(nothing_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
