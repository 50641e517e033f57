/* SPDX-License-Identifier: MIT */
/*
 * Layers, good and evil ones, as tests/image/archives.py makes them.
 * timeout: 240
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/image/layer.h"
#include "lib/kernel/idmap.h"

#define CANARY	  "nobody may write this"
#define TESTS_MAX 256
#define MUTATIONS 60 /* of each */

static char build[PATH_MAX]; /* where the parts and profiles are */
static char top[] = "/var/tmp/contain-layer-XXXXXX";

/* How a layer is unpacked unless a test says otherwise. */
struct attempt {
	const struct layer_limits *limits;
	const struct digest *blob_digest, *diff_id;
	struct layer_progress *progress;
	struct layer_result result;
	struct err err;
};

static void run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run_shell(const char *format, ...)
{
	char *command;
	va_list arguments;

	va_start(arguments, format);
	assert_true(vasprintf(&command, format, arguments) > 0);
	va_end(arguments);
	if (system(command) != 0) // NOLINT(cert-env33-c)
		fail_msg("failed: %s", command);
	free(command);
}

static char *read_text(const char *path)
{
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, 1 << 20, &text, NULL, NULL), 0);
	close(fd);
	return text;
}

/* The directory in which "tree" is made; empty. */
static int fresh_directory(void)
{
	run_shell("rm -rf --one-file-system %s/new && mkdir %s/new && cd %s", top, top, top);
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/new", top);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static int unpack_in(int directory, int blob, struct attempt *attempt)
{
	static const struct layer_limits defaults = LAYER_LIMITS_DEFAULT;
	const struct layer_request request = {
		.blob = blob,
		.blob_digest = attempt->blob_digest,
		.diff_id = attempt->diff_id,
		.directory = directory,
		.limits = attempt->limits ?: &defaults,
		.progress = attempt->progress,
		.libexec_dir = build,
		.data_dir = build,
	};

	attempt->err = (struct err)ERR_INIT;
	return layer_unpack(&request, &attempt->result, &attempt->err);
}

static int unpack_fd(int blob, struct attempt *attempt)
{
	int directory = fresh_directory();
	int r = unpack_in(directory, blob, attempt);

	assert_int_equal(r == 0, attempt->err.code == 0);
	close(directory);
	return r;
}

static int unpack_file(const char *kind, const char *name, struct attempt *attempt)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", top, kind, name);
	int blob = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(blob >= 0);
	int r = unpack_fd(blob, attempt);
	close(blob);
	return r;
}

static void unpack_good(const char *name, struct attempt *attempt)
{
	if (unpack_file("good", name, attempt) < 0)
		fail_msg("%s: %s", name, attempt->err.text);
}

static const char *in_tree(const char *path)
{
	static char text[2][PATH_MAX];
	static unsigned turn;
	char *ret = text[turn++ % 2];

	snprintf(ret, PATH_MAX, "%s/new/tree/%s", top, path);
	return ret;
}

static struct stat stat_of(const char *path)
{
	struct stat st = { 0 };

	if (lstat(in_tree(path), &st) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	return st;
}

static bool is_whiteout(const char *path)
{
	struct stat st = stat_of(path);

	return S_ISCHR(st.st_mode) && st.st_rdev == 0 && st.st_uid == 0;
}

static bool is_opaque(const char *path)
{
	char value[8];

	assert_true(getxattr(in_tree(path), "user.overlay.opaque", value, sizeof(value)) < 0);
	return getxattr(in_tree(path), "trusted.overlay.opaque", value, sizeof(value)) == 1 &&
	       value[0] == 'y';
}

static bool has_content(const char *path, const char *content)
{
	char *text = read_text(in_tree(path));
	bool same = strcmp(text, content) == 0;

	free(text);
	return same;
}

static int digest_of_tree(struct layer_facts *ret, struct err *err)
{
	int tree = open(in_tree(""), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(tree >= 0);
	*err = (struct err)ERR_INIT;
	int r = layer_digest_tree(build, tree, ret, err);
	close(tree);
	return r;
}

/* --------------------------------------------------------------------------------- good */

/* Those that GNU tar unpacks in the same way. */
static const struct {
	const char *name, *options;
} as_tar[] = { { "types", "" }, { "types-gnu", "" }, { "types-ustar", "" }, { "gz", "" },
	{ "gz-members", "" }, { "zst", "" }, { "names", "--no-times" },
	{ "names-composed", "--no-times" }, { "names-bytes", "--no-times" },
	{ "names-long", "--no-times" }, { "names-long-gnu", "--no-times" },
	{ "xattrs", "--no-times" }, { "sparse-gnu", "--no-times" },
	{ "sparse-pax", "--no-times" } };

static void compare_with_tar(const char *name, const char *options)
{
	run_shell("cd %s && rm -rf tar && mkdir -m 0755 tar && "
		  "tar -C tar --numeric-owner -p --same-owner --xattrs --xattrs-include='user.*' "
		  "--xattrs-include=security.capability -xf good/%s && "
		  "\"$OLDPWD\"/tests/image/describe.py tar %s >tar.text && "
		  "\"$OLDPWD\"/tests/image/describe.py new/tree %s >new.text && "
		  "diff -u tar.text new.text",
	    top, name, options, options);
}

static void a_good_one(void **state)
{
	const char *name = *state;
	struct attempt attempt = { 0 };
	struct layer_facts again = { 0 };

	unpack_good(name, &attempt);
	if (digest_of_tree(&again, &attempt.err) < 0)
		fail_msg("%s", attempt.err.text);
	assert_string_equal(again.tree.text, attempt.result.facts.tree.text);
	assert_int_equal(again.size, attempt.result.facts.size);
	assert_int_equal(again.entries, attempt.result.facts.entries);
	for (size_t i = 0; i < sizeof(as_tar) / sizeof(as_tar[0]); i++)
		if (strcmp(name, as_tar[i].name) == 0)
			compare_with_tar(name, as_tar[i].options);
}

static void compressed_or_not_it_is_one_archive(void **state)
{
	static const char *const names[] = { "gz", "gz-members", "zst", "zst-frames" };
	struct attempt plain = { 0 }, other = { 0 };

	(void)state;
	unpack_good("types", &plain);
	assert_string_equal(plain.result.blob.text, plain.result.diff_id.text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unpack_good(names[i], &other);
		assert_string_equal(other.result.diff_id.text, plain.result.diff_id.text);
		assert_string_equal(other.result.facts.tree.text, plain.result.facts.tree.text);
		assert_string_not_equal(other.result.blob.text, plain.result.blob.text);
	}
}

static void digests_are_those_of_sha256sum(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("gz-trailing", &attempt);
	run_shell("cd %s/good && test \"sha256:$(sha256sum <gz-trailing)\" = '%s  -'", top,
	    attempt.result.blob.text);
	unpack_good("trailing", &attempt);
	run_shell("cd %s/good && test \"sha256:$(sha256sum <trailing)\" = '%s  -'", top,
	    attempt.result.diff_id.text);
}

static void modes_and_owners_are_exact(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("types", &attempt);
	struct stat st = stat_of("");
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	assert_int_equal(st.st_uid, 3);
	assert_int_equal(stat_of("bin/su").st_mode, S_IFREG | 04755);
	assert_int_equal(stat_of("bin/su").st_nlink, 3);
	assert_int_equal(stat_of("bin").st_mode, S_IFDIR | 02755);
	assert_int_equal(stat_of("bin/wall").st_mode, S_IFREG | 02755);
	assert_int_equal(stat_of("bin/none").st_uid, 65535);
	assert_int_equal(stat_of("tmp").st_mode, S_IFDIR | 01777);
	assert_int_equal(stat_of("lib").st_uid, 9);
	assert_int_equal(stat_of("old").st_mtim.tv_sec, -5);
	assert_int_equal(stat_of("bin").st_mtim.tv_sec, 1600000000);
	assert_int_equal(stat_of("bin").st_mtim.tv_nsec, 500000000);
}

static void whiteouts_become_those_of_overlayfs(void **state)
{
	static const char *const gone[] = { ".wh.after", ".wh.both", ".wh..wh.aufs",
		".wh..wh.plnk" };
	struct attempt attempt = { 0 };
	struct stat st;

	(void)state;
	unpack_good("whiteouts", &attempt);
	assert_true(is_whiteout("d/gone") && is_whiteout("top"));
	assert_true(is_opaque("o") && is_opaque("p") && !is_opaque("d"));
	assert_true(has_content("o/new", ""));
	assert_true(has_content("both", "file wins") && has_content("after", "file wins"));
	assert_true(is_opaque("dir") && is_opaque("dir2") && has_content("dir/in", ""));
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_true(lstat(in_tree(gone[i]), &st) < 0);
}

static void what_comes_twice_counts_the_last_time(void **state)
{
	char target[8] = "";
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("twice", &attempt);
	assert_true(has_content("f", "second") && has_content("g", "one"));
	assert_int_equal(stat_of("f").st_mode, S_IFREG | 0600);
	assert_int_equal(stat_of("d").st_mode, S_IFDIR | 0711);
	assert_int_equal(stat_of("d").st_uid, 2);
	assert_true(readlink(in_tree("l"), target, sizeof(target) - 1) == 1 && target[0] == 'b');
	assert_int_equal(stat_of("h").st_ino, stat_of("i").st_ino);
}

static void devices_of_dev_are_left_out(void **state)
{
	struct attempt attempt = { 0 };
	struct stat st;

	(void)state;
	unpack_good("devices", &attempt);
	assert_true(lstat(in_tree("dev/sda"), &st) < 0 && lstat(in_tree("dev/null"), &st) < 0);
	assert_true(has_content("dev/f", "f"));
}

static void holes_stay_holes(void **state)
{
	static const char *const names[] = { "sparse-gnu", "sparse-pax" };
	struct attempt attempt = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unpack_good(names[i], &attempt);
		assert_int_equal(stat_of("hole").st_size, 1 << 30);
		assert_true(stat_of("hole").st_blocks * 512 < 1 << 20);
		assert_true(stat_of("zeros").st_blocks * 512 < 100000);
		assert_true(attempt.result.facts.size < 300000);
	}
	unpack_good("sparse-terabyte", &attempt);
	assert_int_equal(stat_of("file").st_size, INT64_C(1) << 40);
}

static void file_capabilities_work_on_the_host_and_mapped(void **state)
{
	unsigned char value[64];
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("xattrs", &attempt);
	assert_int_equal(
	    getxattr(in_tree("ping"), "security.capability", value, sizeof(value)), 20);
	assert_int_equal(value[3], 2);
	assert_int_equal(getxattr(in_tree("ping"), "user.mime", value, sizeof(value)), 10);
	assert_true(getxattr(in_tree("ping"), "security.selinux", value, sizeof(value)) < 0 ||
		    strncmp((char *)value, "system_u:object_r:x:s0", 22) != 0);
	assert_int_equal(getxattr(in_tree("dir"), "user.d", value, sizeof(value)), 2);
}

/* --------------------------------------------------------------------------------- evil */

/* How many names are in a directory; "." and ".." are none. */
static unsigned count_names(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void nothing_outside(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/canary/canary", top);
	char *canary = read_text(path);
	assert_string_equal(canary, CANARY);
	free(canary);
	snprintf(path, sizeof(path), "%s/canary", top);
	assert_int_equal(count_names(path), 1);
	snprintf(path, sizeof(path), "%s/new", top);
	assert_int_equal(count_names(path), 1);
	assert_true(access("/canary", F_OK) < 0);
}

static void an_evil_one(void **state)
{
	const char *name = *state;
	char path[PATH_MAX];
	struct attempt attempt = { 0 };

	snprintf(path, sizeof(path), "%s/says/%s", top, name);
	char *says = read_text(path);
	assert_true(unpack_file("evil", name, &attempt) < 0);
	if (!strstr(attempt.err.text, says))
		fail_msg("it says: %s", attempt.err.text);
	for (const char *c = attempt.err.text; *c; c++)
		assert_in_range(*c, ' ', '~');
	nothing_outside();
	free(says);
}

static void refused_with(int r, const struct attempt *attempt, const char *says)
{
	assert_true(r < 0);
	if (!strstr(attempt->err.text, says))
		fail_msg("it says: %s", attempt->err.text);
}

static void digests_are_checked(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("gz", &attempt);
	struct digest blob = attempt.result.blob, diff_id = attempt.result.diff_id;
	attempt.blob_digest = &blob;
	attempt.diff_id = &diff_id;
	unpack_good("gz", &attempt);
	attempt.diff_id = &blob;
	refused_with(
	    unpack_file("good", "gz", &attempt), &attempt, "the archive in the layer is sha256:");
	attempt.diff_id = &diff_id;
	attempt.blob_digest = &diff_id;
	refused_with(unpack_file("good", "gz", &attempt), &attempt, "the layer is sha256:");
	/* What comes behind the end counts. */
	attempt.blob_digest = &blob;
	attempt.diff_id = NULL;
	refused_with(
	    unpack_file("good", "gz-trailing", &attempt), &attempt, "the layer is sha256:");
}

static FILE *start(const char *command)
{
	FILE *stream = popen(command, "re"); // NOLINT(cert-env33-c)

	assert_non_null(stream);
	return stream;
}

static int unpack_from(const char *command, struct attempt *attempt)
{
	FILE *stream = start(command);
	int r = unpack_fd(fileno(stream), attempt);
	(void)pclose(stream);
	return r;
}

static void entries_are_limited(void **state)
{
	struct layer_limits limits = LAYER_LIMITS_DEFAULT;
	struct attempt attempt = { .limits = &limits };

	(void)state;
	limits.entries = 100;
	assert_int_equal(unpack_from("tests/image/archives.py entries 100", &attempt), 0);
	assert_int_equal(attempt.result.facts.entries, 100);
	refused_with(unpack_from("tests/image/archives.py entries 101", &attempt), &attempt,
	    "more than 100");
	/* Directories that no entry is about count as well. */
	refused_with(unpack_file("good", "deep", &attempt), &attempt, "more than 100");
}

/* In memory, where half a million files take seconds; Linux before 6.3 cannot map ids there. */
static void a_million_entries_are_too_many(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	assert_int_equal(mount("none", "/mnt", "tmpfs", 0, "size=2g,nr_inodes=2m"), 0);
	int directory = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *stream = start("tests/image/archives.py entries 1000000 2>/dev/null");
	int r = unpack_in(directory, fileno(stream), &attempt);
	(void)pclose(stream);
	close(directory);
	umount2("/mnt", MNT_DETACH);
	if (r == -EOPNOTSUPP)
		skip();
	refused_with(r, &attempt, "more than 500000 entries");
}

static void bombs_are_noticed(void **state)
{
	static const struct layer_limits small = { .tar_bytes = UINT64_C(1) << 40,
		.entries = 1000,
		.free_bytes = 100 << 20,
		.ratio = 100 };
	static const struct layer_limits large = {
		.tar_bytes = 50 << 20, .entries = 1000, .free_bytes = 100 << 20, .ratio = 100
	};
	struct attempt attempt = { .limits = &small };

	(void)state;
	assert_int_equal(unpack_from("tests/image/archives.py bomb-gz 90000000", &attempt), 0);
	refused_with(
	    unpack_from("tests/image/archives.py bomb-gz 1000000000 2>/dev/null", &attempt),
	    &attempt, "more than 100 times");
	refused_with(
	    unpack_from("tests/image/archives.py bomb-zst 1000000000 2>/dev/null", &attempt),
	    &attempt, "more than 100 times");
	attempt.limits = &large;
	refused_with(unpack_from("tests/image/archives.py bomb-gz 90000000 2>/dev/null", &attempt),
	    &attempt, "larger than 52428800 bytes");
}

/* A copy of a good one in memory. */
static int copy_of(const char *name, char **ret, size_t *ret_size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/good/%s", top, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, 1 << 24, ret, ret_size, NULL), 0);
	close(fd);
	return memfd_create("layer", MFD_CLOEXEC);
}

static void store(int fd, const char *data, size_t size)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, data, size, 0), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

static void cut_at_many_points(void **state)
{
	const char *name = *state;
	char *data;
	size_t size;
	int fd = copy_of(name, &data, &size);
	bool compressed = strcmp(name, "types") != 0;

	for (size_t at = 1; at < size - (compressed ? 1 : 1024 + 9216); at += size / 83) {
		struct attempt attempt = { 0 };
		store(fd, data, at);
		if (unpack_fd(fd, &attempt) == 0)
			fail_msg("cut at %zu of %zu it was taken", at, size);
	}
	nothing_outside();
	free(data);
	close(fd);
}

static void mutations_do_no_harm(void **state)
{
	const char *name = *state;
	char *data;
	size_t size;
	int fd = copy_of(name, &data, &size);
	unsigned seed = 1, taken = 0;

	for (int round = 0; round < MUTATIONS; round++) {
		struct attempt attempt = { 0 };
		char *copy = malloc(size);
		struct layer_facts facts;
		assert_non_null(copy);
		memcpy(copy, data, size);
		for (unsigned n = 1 + (unsigned)rand_r(&seed) % 8; n; n--)
			copy[(size_t)rand_r(&seed) % size] = (char)rand_r(&seed);
		store(fd, copy, size);
		free(copy);
		if (unpack_fd(fd, &attempt) < 0) {
			/* Killed by a signal, it would say so. */
			assert_null(strstr(attempt.err.text, "signal"));
			continue;
		}
		taken++;
		assert_int_equal(digest_of_tree(&facts, &attempt.err), 0);
		assert_string_equal(facts.tree.text, attempt.result.facts.tree.text);
	}
	nothing_outside();
	print_message("# %u of %d were taken\n", taken, MUTATIONS);
	free(data);
	close(fd);
}

static void where_ids_cannot_be_mapped_it_says_so(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	assert_int_equal(mount("none", "/mnt", "ramfs", 0, NULL), 0);
	int directory = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int blob = memfd_create("layer", MFD_CLOEXEC);
	int r = unpack_in(directory, blob, &attempt);
	close(directory);
	close(blob);
	umount2("/mnt", MNT_DETACH);
	assert_int_equal(r, -EOPNOTSUPP);
	refused_with(r, &attempt, "ext4, xfs, btrfs");
}

static void signals_stay_as_they_were(void **state)
{
	struct sigaction before, after;
	struct attempt attempt = { 0 };

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, NULL, &before), 0);
	unpack_good("gz", &attempt);
	assert_int_equal(sigaction(SIGPIPE, NULL, &after), 0);
	assert_ptr_equal(before.sa_handler, after.sa_handler);
}

static void no_descriptor_is_left(void **state)
{
	struct attempt attempt = { 0 };

	(void)state;
	unpack_good("gz", &attempt);
	unsigned before = count_names("/proc/self/fd");
	unpack_good("gz", &attempt);
	assert_true(unpack_file("evil", "fifo", &attempt) < 0);
	assert_true(unpack_file("evil", "cut-gz", &attempt) < 0);
	assert_int_equal(count_names("/proc/self/fd"), before);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

/* -------------------------------------------------------------------------- the processes */

static void status_says(pid_t pid, const char *line)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	char *text = read_text(path);
	if (!strstr(text, line))
		fail_msg("%s has no %s:\n%s", path, line, text);
	free(text);
}

static void is_in_another_namespace(pid_t pid, const char *kind)
{
	char path[64], mine[64] = "", theirs[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	assert_true(readlink(path, theirs, sizeof(theirs) - 1) > 0);
	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	assert_true(readlink(path, mine, sizeof(mine) - 1) > 0);
	assert_string_not_equal(mine, theirs);
}

static void has_no_root(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	assert_int_equal(count_names(path), 0);
	snprintf(path, sizeof(path), "/proc/%d/mounts", pid);
	char *mounts = read_text(path);
	assert_ptr_equal(strchr(mounts, '\n'), strrchr(mounts, '\n'));
	free(mounts);
}

/* How many of its descriptors are directories; all others are pipes, /dev/null and the file that is
 * being written. */
static unsigned count_directories(pid_t pid)
{
	char path[64];
	struct stat st;
	unsigned directories = 0;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		if (stat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			directories++;
		else if (S_ISREG(st.st_mode) && fd != 2)
			assert_int_equal(st.st_ino, stat_of("bin/su").st_ino);
		else if (fd != 2)
			assert_true(S_ISFIFO(st.st_mode) || st.st_rdev == makedev(1, 3));
	}
	return directories;
}

static void is_confined(pid_t pid)
{
	static const char *const kinds[] = { "user", "mnt", "net", "ipc", "uts" };

	status_says(pid, "NoNewPrivs:\t1\n");
	status_says(pid, "Seccomp:\t2\n");
	status_says(pid, "CapInh:\t0000000000000000\n");
	status_says(pid, "CapBnd:\t0000000000000000\n");
	status_says(pid, "CapAmb:\t0000000000000000\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		is_in_another_namespace(pid, kinds[i]);
	has_no_root(pid);
}

static int children_of(pid_t pid, pid_t ret[8])
{
	char path[64];
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	char *text = read_text(path);
	for (char *end, *at = text; count < 8; at = end) {
		ret[count] = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
		count++;
	}
	free(text);
	return count;
}

static void check_children(pid_t pid)
{
	pid_t children[8];
	unsigned with_tree = 0;
	char line[96];

	assert_int_equal(children_of(pid, children), 2);
	for (int i = 0; i < 2; i++) {
		const unsigned base = IDMAP_BLOCK_FIRST + IDMAP_BLOCK_OF_IMAGES * IDMAP_BLOCK_SIZE;
		bool unpacker = count_directories(children[i]) > 0;
		unsigned id = base + (unpacker ? 0 : 65534);
		is_confined(children[i]);
		/* chown, dac_override, fowner, fsetid, setfcap */
		status_says(children[i],
		    unpacker ? "CapEff:\t000000008000001b\n" : "CapEff:\t0000000000000000\n");
		snprintf(line, sizeof(line), "Uid:\t%u\t%u\t%u\t%u\n", id, id, id, id);
		status_says(children[i], line);
		snprintf(line, sizeof(line), "Gid:\t%u\t%u\t%u\t%u\n", id, id, id, id);
		status_says(children[i], line);
		with_tree += unpacker;
	}
	assert_int_equal(with_tree, 1);
}

static void wait_for_entries(const struct layer_progress *progress, uint64_t count)
{
	for (int i = 0; i < 1000 && progress->entries < count; i++)
		usleep(10000);
	assert_true(progress->entries >= count);
}

/* Half an archive, and then nothing for a while. */
static pid_t unpack_half(struct layer_progress *progress, int *ret_blob)
{
	char *data;
	size_t size;
	int ends[2], unused = copy_of("types", &data, &size);

	close(unused);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct attempt attempt = { .progress = progress };
		for (int number = 1; number < NSIG; number++)
			(void)signal(number, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		_exit(unpack_fd(ends[0], &attempt) == 0 ? 0 : 1);
	}
	close(ends[0]);
	/* To the middle of the content of bin/su. */
	assert_int_equal(fd_write_all(ends[1], data, 30000), 0);
	free(data);
	*ret_blob = ends[1];
	return pid;
}

static struct layer_progress *shared_progress(void)
{
	void *shared = mmap(NULL, sizeof(struct layer_progress), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(shared, MAP_FAILED);
	return shared;
}

static void the_processes_have_nothing(void **state)
{
	struct layer_progress *progress = shared_progress();
	int blob, status;
	pid_t pid = unpack_half(progress, &blob);

	(void)state;
	wait_for_entries(progress, 3);
	check_children(pid);
	assert_true(progress->blob_bytes == 30000 && progress->tar_bytes == 30000);
	close(blob);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* So that it is not the end of a pipe that ends its children. The descriptors stay until the test
 * ends. */
static void hold_pipes(pid_t pid)
{
	char path[64];
	struct stat st;
	unsigned held = 0;

	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
			held += open(path, O_RDWR | O_CLOEXEC) >= 0;
	}
	assert_true(held >= 3);
}

static void the_processes_die_with_their_parent(void **state)
{
	struct layer_progress *progress = shared_progress();
	int blob;
	pid_t children[8] = { 0 }, pid = unpack_half(progress, &blob);

	(void)state;
	wait_for_entries(progress, 3);
	int count = children_of(pid, children);
	assert_int_equal(count, 2);
	hold_pipes(pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < count; i++)
		for (int n = 0; n < 500 && kill(children[i], 0) == 0; n++)
			usleep(10000);
	assert_true(kill(children[0], 0) < 0 && kill(children[1], 0) < 0);
	close(blob);
}

/* ------------------------------------------------------------------------------- the seal */

/* What a process that has been taken over might leave. */
static const struct {
	const char *command, *says;
} foreign[] = {
	{ "mknod d/null c 1 3", "d/null: no layer has a file of this type" },
	{ "mknod d/disk b 8 0", "of this type" },
	{ "mkfifo d/fifo", "of this type" },
	{ "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'", "of this type" },
	{ "chown 65536 d/f", "d/f: it belongs to" },
	{ "chown -h 0:70000 l", "l: it belongs to" },
	{ "chown 1879048192 d", "d: it belongs to" },
	{ "ln d/f ../outside", "another name, outside" },
	{ "setfattr -n trusted.overlay.redirect -v /etc d", "extended attribute" },
	{ "setfattr -n trusted.overlay.metacopy -v x d/f", "extended attribute" },
	{ "setfattr -n user.overlay.opaque -v y d", "extended attribute" },
	{ "setfattr -n trusted.overlay.opaque -v x d", "extended attribute" },
	{ "setfattr -n trusted.overlay.opaque -v y d/f", "extended attribute" },
	{ "setfattr -n trusted.x -v y d/f", "extended attribute" },
	{ "python3 -c 'import os\nfor i in range(20): os.mkdir(\"n\" * 250); os.chdir(\"n\" * "
	  "250)'",
	    "the path is longer" },
};

/* setfattr(1) is not everywhere. */
#define SETFATTR                                                                                   \
	"setfattr() { python3 -c 'import os, sys; os.setxattr(sys.argv[3], sys.argv[1], "          \
	"sys.argv[2].encode())' \"$2\" \"$4\" \"$5\"; }; "

static void make_plain_tree(void)
{
	close(fresh_directory());
	run_shell("cd %s/new && mkdir tree && cd tree && mkdir d && echo f >d/f && ln -s x l && "
		  "mknod w c 0 0 && ln d/f d/g && " SETFATTR
		  "setfattr -n trusted.overlay.opaque -v y d",
	    top);
}

static void what_no_layer_has_is_refused(void **state)
{
	struct layer_facts facts;
	struct attempt attempt = { 0 };

	(void)state;
	make_plain_tree();
	assert_int_equal(digest_of_tree(&facts, &attempt.err), 0);
	assert_int_equal(facts.entries, 5);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		make_plain_tree();
		run_shell("cd %s/new/tree && " SETFATTR "%s", top, foreign[i].command);
		int r = digest_of_tree(&facts, &attempt.err);
		if (r != -EUCLEAN)
			fail_msg("%s: %d %s", foreign[i].command, r, attempt.err.text);
		refused_with(r, &attempt, foreign[i].says);
	}
}

static void every_change_changes_the_digest(void **state)
{
	static const char *const changes[] = { "echo g >d/f", "chmod 600 d/f", "chown 1 d/f",
		"chgrp 1 d", "touch -d @5 d/f", "ln -sfn y l", "mv l m", "rm d/g", "mkdir e",
		"cp -p d/g x && rm d/g && mv x d/g", "rm w", "mknod v c 0 0", "truncate -s 9 d/f",
		"setfattr -n user.a -v b d/f", "chmod 711 ." };
	struct layer_facts plain, other;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make_plain_tree();
		run_shell("cd %s/new/tree && touch -hd @1 d/f l w d .", top);
		assert_int_equal(digest_of_tree(&plain, &err), 0);
		run_shell("cd %s/new/tree && " SETFATTR "%s && touch -hd @1 d .", top, changes[i]);
		assert_int_equal(digest_of_tree(&other, &err), 0);
		if (digest_equal(&plain.tree, &other.tree))
			fail_msg("%s", changes[i]);
	}
}

static void a_copy_has_the_same_digest(void **state)
{
	static const char *const names[] = { "types", "sparse-gnu", "xattrs", "names",
		"whiteouts" };
	struct attempt attempt = { 0 };
	struct layer_facts copy;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unpack_good(names[i], &attempt);
		/* Holes filled, another order on the disk. */
		run_shell("cd %s/new && cp -a --sparse=never --preserve=all tree copy && rm -r "
			  "tree && mv copy tree",
		    top);
		if (digest_of_tree(&copy, &attempt.err) < 0)
			fail_msg("%s", attempt.err.text);
		assert_string_equal(copy.tree.text, attempt.result.facts.tree.text);
	}
}

/* --------------------------------------------------------------------------------- main() */

static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;

static void add(const char *name, CMUnitTestFunction function, const char *state)
{
	if (test_count < TESTS_MAX)
		tests[test_count++] = (struct CMUnitTest){
			.name = name, .test_func = function, .initial_state = (void *)state
		};
}

static void add_all(const char *kind, CMUnitTestFunction function)
{
	char path[PATH_MAX], *name;
	struct dirent **names;

	snprintf(path, sizeof(path), "%s/%s", top, kind);
	int count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' &&
		    asprintf(&name, "%s, %s", kind, names[i]->d_name) > 0)
			add(name, function, name + strlen(kind) + 2);
		free(names[i]);
	}
	free(names);
}

static int remove_all(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf --one-file-system %s", top);
	return system(command); // NOLINT(cert-env33-c)
}

#define TEST(function) add(#function, function, NULL)

static void add_tests(void)
{
	add_all("good", a_good_one);
	add_all("evil", an_evil_one);
	TEST(compressed_or_not_it_is_one_archive);
	TEST(digests_are_those_of_sha256sum);
	TEST(modes_and_owners_are_exact);
	TEST(whiteouts_become_those_of_overlayfs);
	TEST(what_comes_twice_counts_the_last_time);
	TEST(devices_of_dev_are_left_out);
	TEST(holes_stay_holes);
	TEST(file_capabilities_work_on_the_host_and_mapped);
	TEST(digests_are_checked);
	TEST(entries_are_limited);
	TEST(a_million_entries_are_too_many);
	TEST(bombs_are_noticed);
	add("cut, tar", cut_at_many_points, "types");
	add("cut, gz", cut_at_many_points, "gz");
	add("cut, zst", cut_at_many_points, "zst");
	add("mutations, tar", mutations_do_no_harm, "types");
	add("mutations, gnu", mutations_do_no_harm, "types-gnu");
	add("mutations, xattrs", mutations_do_no_harm, "xattrs");
	add("mutations, whiteouts", mutations_do_no_harm, "whiteouts");
	add("mutations, gz", mutations_do_no_harm, "gz");
	add("mutations, zst", mutations_do_no_harm, "zst");
	TEST(where_ids_cannot_be_mapped_it_says_so);
	TEST(signals_stay_as_they_were);
	TEST(no_descriptor_is_left);
	TEST(the_processes_have_nothing);
	TEST(the_processes_die_with_their_parent);
	TEST(what_no_layer_has_is_refused);
	TEST(every_change_changes_the_digest);
	TEST(a_copy_has_the_same_digest);
}

int main(void)
{
	char command[PATH_MAX];

	if (!realpath(getenv("BUILD") ?: "build", build) || !mkdtemp(top))
		return 1;
	snprintf(command, sizeof(command),
	    "tests/image/archives.py --all %s && mkdir %s/canary && printf '" CANARY
	    "' >%s/canary/canary",
	    top, top, top);
	if (system(command) != 0) // NOLINT(cert-env33-c)
		return 1;
	add_tests();
	return _cmocka_run_group_tests("layers", tests, test_count, NULL, remove_all);
}
