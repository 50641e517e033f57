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

#include "lib/base/hash.h"
#include "lib/base/path.h"
#include "lib/kernel/records.h"
#include "pam_contain/host_records.h"

/* More terminals than these a jail may have, but the host's records do not tell of them. */
#define LIVE_MAX 64

/* How much is read at a time, so that nobody who writes them can keep us. */
#define TAKE_MAX 1024

/* A record that was written into the host's file, and not yet ended there. */
struct live {
	struct utmpx record;
	struct utmpx from; /* the jail's, that it comes from */
	bool on_hosts;	   /* the line is a terminal of the host's */
	struct live *next;
};

/*
 * A file of the jail's and the one of the host's that follows it. Each follows its own: sshd writes
 * to both, login only to utmp, and leaves wtmp to pam_lastlog, which writes the beginning before
 * the jail is entered and the end in it.
 */
struct ledger {
	int fd;
	bool grows; /* wtmp: records are added; those of utmp change where they are */
	off_t read; /* so far, of one that grows */
	void (*write)(const struct utmpx *record);
	struct live *live;
	unsigned live_count;
};

struct known {
	struct control_session session;
	struct known *next;
};

struct records {
	const char *jail;
	const struct account *account;
	const char *libexec_dir;
	int inotify;
	struct known *sessions;
	struct ledger ledgers[2];
};

#define LEDGERS (sizeof(((struct records *)0)->ledgers) / sizeof(struct ledger))

/* Whether the jail has this file and it can be followed. */
static bool follow(struct records *records, struct ledger *ledger, int root, const char *path)
{
	char link[32];
	struct stat st;

	ledger->fd = path_open_strict(root, path, O_RDONLY | O_NONBLOCK);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", ledger->fd);
	if (ledger->fd >= 0 && fstat(ledger->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    inotify_add_watch(records->inotify, link, IN_MODIFY) >= 0)
		return true;
	ledger->fd = fd_close(ledger->fd);
	return false;
}

struct records *records_open(
    const char *jail, const struct account *account, const char *libexec_dir, pid_t init)
{
	char path[32];
	struct records *records = calloc(1, sizeof(*records));

	if (!records)
		return NULL;
	*records = (struct records){ .jail = jail,
		.account = account,
		.libexec_dir = libexec_dir,
		.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC),
		.ledgers = { { .fd = -1, .write = host_records_utmp },
		    { .fd = -1, .write = host_records_wtmp, .grows = true } } };
	snprintf(path, sizeof(path), "/proc/%d/root", init);
	cleanup_fd int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool utmp = follow(records, &records->ledgers[0], root, RECORDS_UTMP);
	bool wtmp = follow(records, &records->ledgers[1], root, RECORDS_WTMP);
	if (utmp || wtmp)
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
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* ") S 123": the name, which may contain anything, ends, state, parent: proc(5). */
	const char *rest = strrchr(text, ')');
	return rest && strlen(rest) > 4 ? (pid_t)strtol(rest + 4, NULL, 10) : 0;
}

static const char *without_dev(const char *tty)
{
	return strncmp(tty, "/dev/", 5) == 0 ? tty + 5 : tty;
}

static bool is_on(const struct control_session *session, const struct utmpx *record)
{
	const char *tty = without_dev(session->tty);

	return *tty && strncmp(tty, record->ut_line, sizeof(record->ut_line)) == 0;
}

/*
 * Whose record it is: that of the process that PAM was called in, or a child of it; or, where a
 * child has written it that the jail has numbered, of the session on this terminal.
 */
static const struct control_session *session_of(
    const struct records *records, const struct utmpx *record)
{
	pid_t pid = record->ut_pid, parent = pid > 0 ? parent_of(pid) : 0;

	for (const struct known *known = records->sessions; known; known = known->next)
		if (known->session.pid == pid || known->session.pid == parent)
			return &known->session;
	for (const struct known *known = records->sessions; known; known = known->next)
		if (is_on(&known->session, record))
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

/* ut_id has room for four characters; nobody but this line shall have the same. */
static void make_id(char id[4], const char *line)
{
	static const char digits[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	uint64_t sum = hash_text(line);

	for (int i = 0; i < 4; i++, sum /= 62)
		id[i] = digits[sum % 62];
}

/* How the host calls the line; with no session, which is over then, as the jail's own. */
static void name_line(const struct records *records, const struct control_session *session,
    const struct utmpx *from, struct utmpx *to)
{
	char line[sizeof(to->ut_line) + SPEC_NAME_MAX + 2];
	bool hosts = session && is_on(session, from);

	snprintf(line, sizeof(line), "%.*s%s%s", (int)sizeof(from->ut_line), from->ut_line,
	    hosts ? "" : "@", hosts ? "" : records->jail);
	memset(to->ut_line, 0, sizeof(to->ut_line));
	memcpy(to->ut_line, line, strnlen(line, sizeof(to->ut_line)));
	make_id(to->ut_id, line);
}

static void fill(char *to, size_t size, const char *from)
{
	memset(to, 0, size);
	memcpy(to, from, strnlen(from, size));
}

static void set_now(struct utmpx *record)
{
	struct timeval now;

	(void)gettimeofday(&now, NULL);
	record->ut_tv.tv_sec = (int32_t)now.tv_sec;
	record->ut_tv.tv_usec = (int32_t)now.tv_usec;
}

static bool same_line(const struct utmpx *one, const struct utmpx *other)
{
	return strncmp(one->ut_line, other->ut_line, sizeof(one->ut_line)) == 0;
}

static bool same_record(const struct utmpx *one, const struct utmpx *other)
{
	return same_line(one, other) && one->ut_type == other->ut_type &&
	       one->ut_pid == other->ut_pid && one->ut_tv.tv_sec == other->ut_tv.tv_sec &&
	       one->ut_tv.tv_usec == other->ut_tv.tv_usec &&
	       strncmp(one->ut_user, other->ut_user, sizeof(one->ut_user)) == 0;
}

static struct live *find_live(struct ledger *ledger, const struct utmpx *from)
{
	struct live *live = ledger->live;

	while (live && !same_line(&live->from, from))
		live = live->next;
	return live;
}

static struct live *make_live(struct ledger *ledger)
{
	struct live *live = ledger->live_count < LIVE_MAX ? malloc(sizeof(*live)) : NULL;

	if (!live)
		return NULL;
	live->next = ledger->live;
	ledger->live = live;
	ledger->live_count++;
	return live;
}

/*
 * Of logins on terminals of the jail's, which only sshd gives out, and keeps this record of by
 * itself, but in the jail. Elsewhere pam_wtmpdb has told it before the jail was entered.
 */
static void tell_database(const struct records *records, enum wtmpdb_event event,
    const struct utmpx *record, const char *service)
{
	char line[sizeof(record->ut_line) + 1] = "", host[sizeof(record->ut_host) + 1] = "";
	const struct wtmpdb_request request = { .event = event,
		.line = line,
		.user = records->account->name,
		.host = host,
		.service = service };

	memcpy(line, record->ut_line, sizeof(record->ut_line));
	memcpy(host, record->ut_host, sizeof(record->ut_host));
	host_records_database(records->libexec_dir, &request);
}

static void begin(struct records *records, struct ledger *ledger, const struct utmpx *from)
{
	const struct control_session *session = session_of(records, from);
	struct live *live = find_live(ledger, from);

	if (!session || (live && same_record(&live->from, from)))
		return;
	live = live ?: make_live(ledger);
	if (!live)
		return;
	live->from = *from;
	live->on_hosts = is_on(session, from);
	live->record = (struct utmpx){ .ut_type = USER_PROCESS };
	struct utmpx *record = &live->record;
	record->ut_pid = live->on_hosts ? session->pid : from->ut_pid;
	set_now(record);
	fill(record->ut_user, sizeof(record->ut_user), records->account->name);
	fill(record->ut_host, sizeof(record->ut_host), session->rhost);
	name_line(records, session, from, record);
	ledger->write(record);
	if (!ledger->grows)
		return;
	host_records_last(records->account->uid, record);
	if (!live->on_hosts)
		tell_database(records, WTMPDB_LOGIN, record, session->service);
}

static void write_end(struct ledger *ledger, struct utmpx *record)
{
	record->ut_type = DEAD_PROCESS;
	set_now(record);
	memset(record->ut_user, 0, sizeof(record->ut_user));
	memset(record->ut_host, 0, sizeof(record->ut_host));
	ledger->write(record);
}

static void end_live(const struct records *records, struct ledger *ledger, struct live *live)
{
	struct live **link = &ledger->live;

	while (*link != live)
		link = &(*link)->next;
	*link = live->next;
	ledger->live_count--;
	write_end(ledger, &live->record);
	if (ledger->grows && !live->on_hosts)
		tell_database(records, WTMPDB_LOGOUT, &live->record, NULL);
	free(live);
}

static void end(struct records *records, struct ledger *ledger, const struct utmpx *from)
{
	const struct control_session *session = session_of(records, from);
	struct live *live = find_live(ledger, from);
	struct utmpx record = { .ut_type = EMPTY };

	if (live) {
		end_live(records, ledger, live);
	} else if (ledger->grows && session && is_on(session, from)) {
		/* Its beginning was written on the host. */
		record.ut_pid = session->pid;
		name_line(records, session, from, &record);
		write_end(ledger, &record);
	}
}

static void take(struct records *records, struct ledger *ledger, const struct utmpx *from)
{
	if (!is_line(from->ut_line, sizeof(from->ut_line)))
		return;
	if (from->ut_type == USER_PROCESS)
		begin(records, ledger, from);
	else if (from->ut_type == DEAD_PROCESS)
		end(records, ledger, from);
}

static void update(struct records *records, struct ledger *ledger)
{
	off_t at = ledger->grows ? ledger->read : 0;
	struct utmpx record;

	for (int i = 0; i < TAKE_MAX; i++, at += (off_t)sizeof(record)) {
		if (pread(ledger->fd, &record, sizeof(record), at) != sizeof(record))
			break;
		take(records, ledger, &record);
	}
	ledger->read = at;
}

void records_update(struct records *records)
{
	char events[1024];

	while (read(records->inotify, events, sizeof(events)) > 0)
		;
	for (size_t i = 0; i < LEDGERS; i++)
		update(records, &records->ledgers[i]);
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
static void end_of_process(const struct records *records, struct ledger *ledger, pid_t pid)
{
	for (struct live *live = ledger->live, *next; live; live = next) {
		next = live->next;
		if (live->record.ut_pid == pid ||
		    (kill(live->record.ut_pid, 0) < 0 && errno == ESRCH))
			end_live(records, ledger, live);
	}
}

/* pam_wtmpdb, when it is told of the end, is in the jail, and does not find the database. */
static void end_of_terminal(const struct records *records, const struct control_session *session)
{
	const char *line = without_dev(session->tty);
	const struct wtmpdb_request request = {
		.event = WTMPDB_LOGOUT_USER, .line = line, .user = records->account->name
	};
	char path[sizeof(session->tty) + sizeof("/dev/")];
	struct stat st;

	snprintf(path, sizeof(path), "/dev/%s", line);
	if (*line && stat(path, &st) == 0 && S_ISCHR(st.st_mode))
		host_records_database(records->libexec_dir, &request);
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
	for (size_t i = 0; i < LEDGERS; i++)
		end_of_process(records, &records->ledgers[i], session->pid);
	end_of_terminal(records, session);
}

void records_close(struct records *records)
{
	if (!records)
		return;
	for (size_t i = 0; i < LEDGERS; i++) {
		struct ledger *ledger = &records->ledgers[i];
		while (ledger->live)
			end_live(records, ledger, ledger->live);
		fd_close(ledger->fd);
	}
	while (records->sessions) {
		struct known *known = records->sessions;
		records->sessions = known->next;
		free(known);
	}
	fd_close(records->inotify);
	free(records);
}
