/* SPDX-License-Identifier: MIT */
/* Compiled filters as files: whole and ours, or a miss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/kernel/seccomp_cache.h"

/* A file that has not changed for longer than two seconds. */
#define OLD_FILE "/bin/sh"

#define HEADER_SIZE 24

static struct sock_filter code[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 39, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 0x50001),
	BPF_STMT(BPF_RET | BPF_K, 0x7fff0000),
};

static const struct seccomp_filter filter = { .code = code, .length = 4 };

struct world {
	char path[64];
	int dir, profile;
	struct seccomp_cache_key key;
};

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct stat st;

	strcpy(world->path, "/tmp/contain-cache-XXXXXX");
	assert_non_null(mkdtemp(world->path));
	world->dir = open(world->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	world->profile = open(OLD_FILE, O_RDONLY | O_CLOEXEC);
	assert_true(world->dir >= 0 && world->profile >= 0);
	assert_int_equal(fstat(world->profile, &st), 0);
	world->key = seccomp_cache_key(&st, 0x5fb);
	*state = world;
	return 0;
}

static int remove_world(void **state)
{
	struct world *world = *state;

	unlinkat(world->dir, world->key.name, 0);
	unlinkat(world->dir, world->key.name, AT_REMOVEDIR);
	close(world->dir);
	close(world->profile);
	assert_int_equal(rmdir(world->path), 0); /* and nothing else was left in it */
	free(world);
	return 0;
}

static void write_entry(const struct world *world)
{
	assert_int_equal(seccomp_cache_write(world->dir, &world->key, world->profile, &filter), 0);
}

static void assert_hit(const struct world *world)
{
	struct seccomp_filter found = { .code = NULL };

	assert_int_equal(seccomp_cache_read(world->dir, &world->key, &found), 0);
	assert_int_equal(found.length, filter.length);
	assert_memory_equal(found.code, code, sizeof(code));
	seccomp_filter_done(&found);
	assert_null(found.code);
	seccomp_filter_done(&found);
}

static void assert_miss(const struct world *world)
{
	struct seccomp_filter found = { .code = code, .length = 77 };

	assert_true(seccomp_cache_read(world->dir, &world->key, &found) < 0);
	assert_ptr_equal(found.code, code);
	assert_int_equal(found.length, 77);
}

static size_t read_entry(const struct world *world, unsigned char *data, size_t size)
{
	int fd = openat(world->dir, world->key.name, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, data, size);

	assert_true(fd >= 0 && n > 0);
	close(fd);
	return (size_t)n;
}

/* In place, so that mode, owner and links stay what they are. */
static void overwrite_entry(const struct world *world, const void *data, size_t length)
{
	int fd = openat(world->dir, world->key.name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

static void what_is_written_is_read(void **state)
{
	const struct world *world = *state;

	assert_miss(world);
	write_entry(world);
	assert_hit(world);
	write_entry(world); /* in place of the first */
	assert_hit(world);
}

static void whatever_the_umask(void **state)
{
	const struct world *world = *state;
	mode_t before = umask(0777);

	write_entry(world);
	umask(0);
	assert_hit(world);
	write_entry(world);
	umask(before);
	assert_hit(world);
}

static void keys_differ_by_everything(void **state)
{
	const struct world *world = *state;
	struct stat st, other;
	struct seccomp_cache_key keys[8];

	assert_int_equal(fstat(world->profile, &st), 0);
	for (int i = 0; i < 8; i++) {
		other = st;
		other.st_dev += i == 0;
		other.st_ino += i == 1;
		other.st_size += i == 2;
		other.st_mtim.tv_sec += i == 3;
		other.st_mtim.tv_nsec ^= i == 4;
		other.st_ctim.tv_sec += i == 5;
		other.st_ctim.tv_nsec ^= i == 6;
		keys[i] = seccomp_cache_key(&other, i == 7 ? 0x5fa : 0x5fb);
		assert_string_not_equal(keys[i].name, world->key.name);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(keys[i].name, keys[j].name);
	}
	memset(&other, 0xff, sizeof(other));
	keys[0] = seccomp_cache_key(&other, UINT64_MAX);
	assert_in_range(strlen(keys[0].name), 1, sizeof(keys[0].name) - 2);
	assert_non_null(strstr(keys[0].name, ".bpf"));
}

static void torn_files_are_misses(void **state)
{
	const struct world *world = *state;
	unsigned char whole[256];

	write_entry(world);
	size_t length = read_entry(world, whole, sizeof(whole));
	assert_int_equal(length, HEADER_SIZE + sizeof(code));
	for (size_t cut = 0; cut < length; cut++) {
		overwrite_entry(world, whole, cut);
		assert_miss(world);
	}
	whole[length] = 0;
	overwrite_entry(world, whole, length + 1);
	assert_miss(world);
	overwrite_entry(world, whole, length);
	assert_hit(world);
}

static void damaged_files_are_misses(void **state)
{
	const struct world *world = *state;
	unsigned char whole[256], zero[256] = { 0 };

	write_entry(world);
	size_t length = read_entry(world, whole, sizeof(whole));
	for (size_t bit = 0; bit < length * 8; bit++) {
		whole[bit / 8] ^= (unsigned char)(1 << bit % 8);
		overwrite_entry(world, whole, length);
		assert_miss(world);
		whole[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	overwrite_entry(world, zero, length); /* what a power cut leaves */
	assert_miss(world);
	write_entry(world); /* which the next writer repairs */
	assert_hit(world);
}

static void foreign_files_are_misses(void **state)
{
	const struct world *world = *state;
	static const mode_t modes[] = { 0644, 0660, 0602, 0700, 0400, 04600, 01600 };
	char copy[sizeof(world->key.name) + 2];

	write_entry(world);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(fchmodat(world->dir, world->key.name, modes[i], 0), 0);
		assert_miss(world);
	}
	assert_int_equal(fchmodat(world->dir, world->key.name, 0600, 0), 0);
	assert_hit(world);
	snprintf(copy, sizeof(copy), "%sx", world->key.name);
	assert_int_equal(linkat(world->dir, world->key.name, world->dir, copy, 0), 0);
	assert_miss(world);
	assert_int_equal(unlinkat(world->dir, world->key.name, 0), 0);
	assert_int_equal(symlinkat(copy, world->dir, world->key.name), 0);
	assert_miss(world);
	write_entry(world); /* replaces the link, not what it points to */
	assert_hit(world);
	unlinkat(world->dir, copy, 0);
	assert_hit(world);
}

static void special_files_are_misses(void **state)
{
	const struct world *world = *state;

	assert_int_equal(mkfifoat(world->dir, world->key.name, 0600), 0);
	alarm(5); /* a FIFO without O_NONBLOCK waits */
	assert_miss(world);
	alarm(0);
	unlinkat(world->dir, world->key.name, 0);
	assert_int_equal(mkdirat(world->dir, world->key.name, 0600), 0);
	assert_miss(world);
	assert_int_not_equal(
	    seccomp_cache_write(world->dir, &world->key, world->profile, &filter), 0);
}

/* A whole filter under another profile's name would confine by the wrong rules. */
static void renamed_files_are_misses(void **state)
{
	struct world *world = *state;
	struct seccomp_cache_key key = world->key;

	write_entry(world);
	strstr(world->key.name, "-5fb.bpf")[1] = '6';
	assert_int_equal(renameat(world->dir, key.name, world->dir, world->key.name), 0);
	assert_miss(world);
	assert_int_equal(renameat(world->dir, world->key.name, world->dir, key.name), 0);
	world->key = key;
	assert_hit(world);
}

static void old_files_are_misses(void **state)
{
	const struct world *world = *state;
	static const struct {
		long age;
		int hit;
	} cases[] = { { 0, 1 }, { 3600, 1 }, { 86000, 1 }, { 86500, 0 }, { -3600, 0 } };

	write_entry(world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct timespec times[2] = { { .tv_sec = time(NULL) - cases[i].age } };
		times[1] = times[0];
		assert_int_equal(utimensat(world->dir, world->key.name, times, 0), 0);
		if (cases[i].hit)
			assert_hit(world);
		else
			assert_miss(world);
	}
}

/* Within the steps in which file systems keep times, a second change would go unseen. */
static void new_profiles_are_not_kept(void **state)
{
	struct world *world = *state;
	char path[sizeof(world->path) + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s.json", world->path);
	int fresh = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fresh >= 0);
	unlink(path);
	assert_int_equal(fstat(fresh, &st), 0);
	struct seccomp_cache_key key = seccomp_cache_key(&st, 0x5fb);
	assert_int_equal(seccomp_cache_write(world->dir, &key, fresh, &filter), -EAGAIN);
	/* nor one that is not the one that was compiled */
	assert_int_equal(seccomp_cache_write(world->dir, &world->key, fresh, &filter), -EAGAIN);
	close(fresh);
	assert_miss(world);
	write_entry(world);
	assert_hit(world);
}

static void files_of_others_are_misses(void **state)
{
	const struct world *world = *state;

	if (geteuid() != 0) {
		print_message("# needs root to give a file away\n");
		skip();
	}
	write_entry(world);
	assert_int_equal(fchownat(world->dir, world->key.name, 1, 1, 0), 0);
	assert_miss(world);
	assert_int_equal(fchownat(world->dir, world->key.name, 0, 1, 0), 0);
	assert_hit(world);
}

static void installing_checks_the_length(void **state)
{
	static const struct seccomp_filter bad[] = { { .code = code, .length = 0 },
		{ .code = code, .length = 4097 }, { .code = NULL, .length = 1 } };
	static const struct seccomp_filter none = { .code = NULL };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(seccomp_filter_install(&bad[i], &err), -EINVAL);
		assert_non_null(strstr(err.text, "1-4096 instructions"));
	}
	assert_int_equal(seccomp_filter_install(&none, &err), 0);
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, make_world, remove_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(what_is_written_is_read),
		WORLD_TEST(whatever_the_umask),
		WORLD_TEST(keys_differ_by_everything),
		WORLD_TEST(torn_files_are_misses),
		WORLD_TEST(damaged_files_are_misses),
		WORLD_TEST(foreign_files_are_misses),
		WORLD_TEST(special_files_are_misses),
		WORLD_TEST(renamed_files_are_misses),
		WORLD_TEST(old_files_are_misses),
		WORLD_TEST(new_profiles_are_not_kept),
		WORLD_TEST(files_of_others_are_misses),
		cmocka_unit_test(installing_checks_the_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
