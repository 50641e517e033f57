/* SPDX-License-Identifier: MIT */
#include "pam_contain/session_records.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "pam_contain/host_records.h"

#define WTMP "var/log/wtmp" /* of the jail: lib/kernel/records.h */

/* More terminals than these a jail may have, but the host's records do not tell of them. */
#define LIVE_MAX 64

struct known {
	struct control_session session;
	struct known *next;
};

struct records {
	const char *jail;
	const struct account *account;
	int wtmp;
	off_t read; /* so far */
	int inotify;
	struct known *sessions;
	struct utmpx live[LIVE_MAX]; /* written, and not yet ended */
	unsigned live_count;
};

static int open_wtmp(pid_t init)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/root", init);
	cleanup_fd int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	int fd = path_open_strict(root, WTMP, O_RDONLY | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		fd = fd_close(fd);
	return fd;
}

struct records *records_open(const char *jail, const struct account *account, pid_t init)
{
	char path[32];
	struct records *records = calloc(1, sizeof(*records));

	if (!records)
		return NULL;
	*records = (struct records){ .jail = jail,
		.account = account,
		.wtmp = open_wtmp(init),
		.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };
	snprintf(path, sizeof(path), "/proc/self/fd/%d", records->wtmp);
	if (records->wtmp >= 0 && records->inotify >= 0 &&
	    inotify_add_watch(records->inotify, path, IN_MODIFY) >= 0)
		return records;
	records_close(records);
	return NULL;
}

int records_fd(const struct records *records)
{
	return records ? records->inotify : -1;
}

/* The parent of a process, as the host numbers them; 0 if there is none. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* Behind the name, which may contain anything: proc(5). */
	const char *rest = strrchr(text, ')');
	return rest && sscanf(rest, ") %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

/* Whose record it is: the process that PAM was called in, or a child of it. */
static const struct control_session *session_of(const struct records *records, pid_t pid)
{
	pid_t parent = pid > 0 ? parent_of(pid) : 0;

	for (const struct known *known = records->sessions; known; known = known->next)
		if (known->session.pid == pid || known->session.pid == parent)
			return &known->session;
	return NULL;
}

static bool is_line(const char *line, size_t size)
{
	size_t length = strnlen(line, size);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)line[i]) && line[i] != '/')
			return false;
	return length > 0;
}

static const char *without_dev(const char *tty)
{
	return strncmp(tty, "/dev/", 5) == 0 ? tty + 5 : tty;
}

/* ut_id has room for four characters; nobody but this line shall have the same. */
static void make_id(char id[4], const char *line)
{
	static const char digits[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint32_t hash = 2166136261u;

	for (; *line; line++)
		hash = (hash ^ (unsigned char)*line) * 16777619u;
	for (int i = 0; i < 4; i++, hash /= 62)
		id[i] = digits[hash % 62];
}

static void name_line(const struct records *records, const struct control_session *session,
    const struct utmpx *from, struct utmpx *to)
{
	char line[sizeof(to->ut_line) + SPEC_NAME_MAX + 2], own[sizeof(from->ut_line) + 1];

	snprintf(own, sizeof(own), "%.*s", (int)sizeof(from->ut_line), from->ut_line);
	if (session && strcmp(without_dev(session->tty), own) == 0)
		snprintf(line, sizeof(line), "%s", own);
	else
		snprintf(line, sizeof(line), "%s@%s", own, records->jail);
	memset(to->ut_line, 0, sizeof(to->ut_line));
	memcpy(to->ut_line, line, strnlen(line, sizeof(to->ut_line)));
	make_id(to->ut_id, line);
}

static struct utmpx *find_live(struct records *records, const struct utmpx *record)
{
	for (unsigned i = 0; i < records->live_count; i++)
		if (memcmp(records->live[i].ut_line, record->ut_line, sizeof(record->ut_line)) == 0)
			return &records->live[i];
	return NULL;
}

static void fill(char *to, size_t size, const char *from)
{
	memset(to, 0, size);
	memcpy(to, from, strnlen(from, size));
}

static void begin(struct records *records, const struct utmpx *from)
{
	const struct control_session *session = session_of(records, from->ut_pid);
	struct utmpx record = { .ut_type = USER_PROCESS, .ut_pid = from->ut_pid };
	struct timeval now;

	if (!session || records->live_count == LIVE_MAX)
		return;
	(void)gettimeofday(&now, NULL);
	record.ut_tv.tv_sec = (int32_t)now.tv_sec;
	record.ut_tv.tv_usec = (int32_t)now.tv_usec;
	fill(record.ut_user, sizeof(record.ut_user), records->account->name);
	fill(record.ut_host, sizeof(record.ut_host), session->rhost);
	name_line(records, session, from, &record);
	if (!find_live(records, &record))
		records->live[records->live_count++] = record;
	host_records_write(&record);
	host_records_last(records->account->uid, &record);
}

static void end(struct records *records, struct utmpx *live)
{
	struct utmpx record = *live;
	struct timeval now;

	(void)gettimeofday(&now, NULL);
	record.ut_type = DEAD_PROCESS;
	record.ut_tv.tv_sec = (int32_t)now.tv_sec;
	record.ut_tv.tv_usec = (int32_t)now.tv_usec;
	memset(record.ut_user, 0, sizeof(record.ut_user));
	memset(record.ut_host, 0, sizeof(record.ut_host));
	*live = records->live[--records->live_count];
	host_records_write(&record);
}

static void take(struct records *records, const struct utmpx *from)
{
	struct utmpx named = { .ut_type = EMPTY };

	if (!is_line(from->ut_line, sizeof(from->ut_line)))
		return;
	if (from->ut_type == USER_PROCESS) {
		begin(records, from);
		return;
	}
	if (from->ut_type != DEAD_PROCESS)
		return;
	name_line(records, session_of(records, from->ut_pid), from, &named);
	struct utmpx *live = find_live(records, &named);
	if (live)
		end(records, live);
}

void records_update(struct records *records)
{
	char events[1024];
	struct utmpx record;

	while (read(records->inotify, events, sizeof(events)) > 0)
		;
	while (pread(records->wtmp, &record, sizeof(record), records->read) == sizeof(record)) {
		records->read += (off_t)sizeof(record);
		take(records, &record);
	}
}

void records_add_session(struct records *records, const struct control_session *session)
{
	struct known *known = records ? malloc(sizeof(*known)) : NULL;

	if (!known)
		return;
	*known = (struct known){ .session = *session, .next = records->sessions };
	records->sessions = known;
}

/* Its terminal is gone too, whatever the application had time to write. */
static void end_of_process(struct records *records, pid_t pid)
{
	for (unsigned i = records->live_count; i > 0; i--) {
		const struct utmpx *live = &records->live[i - 1];
		if (live->ut_pid == pid || (kill(live->ut_pid, 0) < 0 && errno == ESRCH))
			end(records, &records->live[i - 1]);
	}
}

void records_remove_session(struct records *records, const struct control_session *session)
{
	if (!records)
		return;
	records_update(records);
	for (struct known **link = &records->sessions; *link; link = &(*link)->next) {
		struct known *known = *link;
		if (known->session.pid != session->pid)
			continue;
		*link = known->next;
		free(known);
		break;
	}
	end_of_process(records, session->pid);
}

void records_close(struct records *records)
{
	if (!records)
		return;
	while (records->live_count > 0)
		end(records, &records->live[0]);
	while (records->sessions) {
		struct known *known = records->sessions;
		records->sessions = known->next;
		free(known);
	}
	fd_close(records->wtmp);
	fd_close(records->inotify);
	free(records);
}
