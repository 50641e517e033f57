/* SPDX-License-Identifier: MIT */
#include "pam_contain/host_records.h"

#include <errno.h>
#include <fcntl.h>
#include <lastlog.h>
#include <paths.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/part.h"

#define LOCK_TRIES 20
#define LOCK_PAUSE 5000000 /* ns between them */

#define DATABASE	 "/var/lib/wtmpdb/wtmp.db" /* wtmpdb(8) */
#define DATABASE_SECONDS 2

static int open_record(const char *path, int flags)
{
	return open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* As the C library locks it (fcntl(2)), but for the waiting. */
static int lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const struct timespec pause = { 0, LOCK_PAUSE };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_SETLK, &whole) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		(void)nanosleep(&pause, NULL);
	}
	return -EAGAIN;
}

/* The place of the record with this line, or the end. */
static off_t find_line(int fd, const char *line)
{
	struct utmpx other;
	off_t at = 0;

	while (pread(fd, &other, sizeof(other), at) == sizeof(other)) {
		if (strncmp(other.ut_line, line, sizeof(other.ut_line)) == 0)
			return at;
		at += (off_t)sizeof(other);
	}
	return at;
}

void host_records_utmp(const struct utmpx *record)
{
	cleanup_fd int fd = open_record(_PATH_UTMP, O_RDWR);

	/* Closing it unlocks it. */
	if (fd >= 0 && lock(fd) == 0)
		(void)!pwrite(fd, record, sizeof(*record), find_line(fd, record->ut_line));
}

void host_records_wtmp(const struct utmpx *record)
{
	cleanup_fd int fd = open_record(_PATH_WTMP, O_WRONLY | O_APPEND);

	if (fd >= 0)
		(void)fd_write_all(fd, record, sizeof(*record));
}

void host_records_last(uid_t uid, const struct utmpx *record)
{
	struct lastlog last = { .ll_time = record->ut_tv.tv_sec };
	cleanup_fd int fd = open_record(_PATH_LASTLOG, O_WRONLY);

	memcpy(last.ll_line, record->ut_line, sizeof(last.ll_line));
	memcpy(last.ll_host, record->ut_host, sizeof(last.ll_host));
	if (fd >= 0)
		(void)!pwrite(fd, &last, sizeof(last), (off_t)uid * (off_t)sizeof(last));
}

struct entry {
	const char *libexec_dir;
	const struct wtmpdb_request *request;
};

static int write_entry(void *argument, struct err *err)
{
	const struct entry *entry = argument;

	alarm(DATABASE_SECONDS);
	wtmpdb_fn *write_it = (wtmpdb_fn *)part_load(
	    entry->libexec_dir, WTMPDB_PART_FILE, WTMPDB_PART_SYMBOL, NULL, err);
	return write_it ? write_it(entry->request, err) : -err->code;
}

void host_records_database(const char *libexec_dir, const struct wtmpdb_request *request)
{
	struct entry entry = { libexec_dir, request };

	if (access(DATABASE, F_OK) == 0)
		(void)child_run(write_entry, &entry, NULL);
}
