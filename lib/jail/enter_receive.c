/* SPDX-License-Identifier: MIT */
#include "lib/jail/enter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

/* The longest one is a filter. */
#define BODY_MAX (BPF_MAXINSNS * sizeof(struct sock_filter))

struct message {
	struct enter_header header;
	char body[BODY_MAX + 1];
	size_t length; /* of the body */
	int passed;    /* the descriptor that came along, or -1 */
};

void entry_init(struct entry *entry)
{
	*entry = (struct entry){ .jail = -1 };
	for (unsigned i = 0; i < ENTER_CGROUPS_MAX; i++)
		entry->cgroups[i] = -1;
}

void entry_done(struct entry *entry)
{
	seccomp_filter_done(&entry->filter);
	strv_free(&entry->variables);
	for (unsigned i = 0; i < ENTER_CGROUPS_MAX; i++)
		fd_close(entry->cgroups[i]);
	fd_close(entry->jail);
	entry_init(entry);
}

static int wait_for_message(int socket, uint64_t deadline_us, struct err *err)
{
	int r = clock_poll(socket, deadline_us);

	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "contain-session does not answer");
	return r < 0 ? err_sys(err, -r, "cannot wait for contain-session") : 0;
}

static int receive_message(
    int socket, uint64_t deadline_us, struct message *message, struct err *err)
{
	int r = wait_for_message(socket, deadline_us, err);

	if (r < 0)
		return r;
	/* header and body lie next to each other. */
	ssize_t n =
	    fd_receive(socket, message, sizeof(message->header) + BODY_MAX, &message->passed);
	if (n == 0 || n == -ECONNRESET)
		return err_say(err, EPIPE, "contain-session ended without an answer");
	if (n < 0)
		return err_sys(err, (int)-n, "cannot hear from contain-session");
	if ((size_t)n < sizeof(message->header))
		return err_say(err, EBADMSG, "contain-session said something too short");
	message->length = (size_t)n - sizeof(message->header);
	message->body[message->length] = '\0';
	return 0;
}

static int take_filter(struct entry *entry, const struct message *message)
{
	size_t count = message->length / sizeof(struct sock_filter);
	struct sock_filter *code = malloc(message->length);

	if (!code)
		return -ENOMEM;
	if (!count || message->length % sizeof(struct sock_filter) || entry->filter.code) {
		free(code);
		return -EBADMSG;
	}
	memcpy(code, message->body, message->length);
	entry->filter = (struct seccomp_filter){ .code = code, .length = (unsigned short)count };
	return 0;
}

static int take_struct(void *to, size_t size, const struct message *message)
{
	if (message->length != size)
		return -EBADMSG;
	memcpy(to, message->body, size);
	return 0;
}

static int take_cgroup(struct entry *entry, struct message *message)
{
	if (message->passed < 0 || entry->cgroup_count == ENTER_CGROUPS_MAX)
		return -EBADMSG;
	entry->cgroups[entry->cgroup_count++] = take_fd(&message->passed);
	return 0;
}

static int take_jail(struct entry *entry, struct message *message)
{
	if (message->passed < 0 || !entry->plan.namespaces ||
	    entry->plan.group_count > ENTER_GROUPS_MAX)
		return -EBADMSG;
	entry->jail = take_fd(&message->passed);
	return 0;
}

static int take(struct entry *entry, struct message *message)
{
	switch (message->header.kind) {
	case ENTER_FREE: return 0;
	case ENTER_REFUSED: return take_struct(&entry->refusal, sizeof(entry->refusal), message);
	case ENTER_PLAN: return take_struct(&entry->plan, sizeof(entry->plan), message);
	case ENTER_FILTER: return take_filter(entry, message);
	case ENTER_VARIABLE: return strv_add(&entry->variables, message->body);
	case ENTER_CGROUP: return take_cgroup(entry, message);
	case ENTER_JAIL: return take_jail(entry, message);
	}
	return -EBADMSG;
}

static bool is_last(enum enter_kind kind)
{
	return kind == ENTER_FREE || kind == ENTER_REFUSED || kind == ENTER_JAIL;
}

static int receive_answer(
    int socket, uint64_t deadline_us, struct message *message, struct entry *entry, struct err *err)
{
	do {
		int r = receive_message(socket, deadline_us, message, err);
		if (r < 0)
			return r;
		r = take(entry, message);
		fd_close(message->passed);
		if (r < 0)
			return err_sys(err, -r, "cannot make sense of contain-session's answer");
	} while (!is_last(message->header.kind));
	entry->verdict = message->header.kind;
	entry->refusal.message[sizeof(entry->refusal.message) - 1] = '\0';
	return 0;
}

int enter_receive(int socket, uint64_t deadline_us, struct entry *entry, struct err *err)
{
	struct message *message = malloc(sizeof(*message));

	if (!message)
		return err_sys(err, ENOMEM, "cannot hear from contain-session");
	int r = receive_answer(socket, deadline_us, message, entry, err);
	free(message);
	return r;
}
