/* SPDX-License-Identifier: MIT */
#include "lib/policy/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/base/cleanup.h"
#include "lib/base/hash.h"
#include "lib/policy/loader.h"

/* What the names in groups/ mean, as far as it stands in a file. */
#define GROUP_FILE "/etc/group"

/* The clock of a file system may be as coarse: what was changed since may look as it did before. */
#define SETTLED_NS INT64_C(1000000000)

struct print {
	uint64_t sum;
	int64_t newest_ns; /* the last change of any of them */
};

static int64_t in_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

/* Added up, so that the order in which a directory lists its files is of no matter. */
static void add(struct print *print, int directory, const char *path, int flags)
{
	struct stat st;
	int64_t facts[8] = { 0 };

	if (fstatat(directory, path, &st, flags) == 0) {
		const int64_t found[] = { (int64_t)st.st_dev, (int64_t)st.st_ino, st.st_mode,
			st.st_uid, st.st_gid, st.st_size, in_ns(&st.st_mtim), in_ns(&st.st_ctim) };
		memcpy(facts, found, sizeof(facts));
		if (in_ns(&st.st_ctim) > print->newest_ns)
			print->newest_ns = in_ns(&st.st_ctim);
	} else {
		facts[0] = -errno;
	}
	/* Nobody but root can choose what goes in. */
	uint64_t state = hash_mix(HASH_INIT, path, strlen(path) + 1);
	print->sum += hash_mix(state, facts, sizeof(facts));
}

static void add_below(struct print *print, const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	add(print, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

static void add_all(struct print *print, const char *directory, const char *part)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, part);
	add(print, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
	cleanup_dir DIR *listing = opendir(path);
	for (const struct dirent *entry; listing && (entry = readdir(listing));)
		if (*entry->d_name != '.')
			add(print, dirfd(listing), entry->d_name, AT_SYMLINK_NOFOLLOW);
}

uint64_t policy_fingerprint(const struct policy_places *places, const char *account)
{
	struct print print = { 0 };
	char file[NAME_MAX + 1], user[NAME_MAX + sizeof("users/")];
	struct timespec now;

	add_below(&print, places->vendor, POLICY_DEFAULT_FILE);
	add(&print, AT_FDCWD, places->directory, AT_SYMLINK_NOFOLLOW);
	add_below(&print, places->directory, POLICY_DEFAULT_FILE);
	add_all(&print, places->directory, "groups");
	add_all(&print, places->directory, "networks");
	add_below(&print, places->directory, "users");
	if (policy_name_file(account, file)) {
		snprintf(user, sizeof(user), "users/%s", file);
		add_below(&print, places->directory, user);
	}
	add(&print, AT_FDCWD, GROUP_FILE, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return in_ns(&now) - print.newest_ns < SETTLED_NS ? 0 : print.sum;
}
