/* SPDX-License-Identifier: MIT */
#include "lib/jail/sync.h"

#include <errno.h>
#include <stddef.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

struct message {
	enum sync_kind kind;
	struct err err;
};

int sync_send(int socket, enum sync_kind kind, int pass)
{
	struct message message = { .kind = kind };

	return fd_send(socket, &message, offsetof(struct message, err), pass);
}

void sync_fail(int socket, const struct err *err)
{
	struct message message = { .kind = SYNC_FAILED, .err = *err };

	(void)fd_send(socket, &message, sizeof(message), -1);
}

/* Returns the message's kind, -EPIPE at end of file, or another -errno. */
static int receive(int socket, struct message *message, int *ret_passed)
{
	ssize_t n = fd_receive(socket, message, sizeof(*message), ret_passed);

	if (n == 0 || n == -ECONNRESET)
		return -EPIPE;
	if (n < 0)
		return (int)n;
	if ((size_t)n < offsetof(struct message, err))
		return -EBADMSG;
	return (int)message->kind;
}

static int take_error(const struct message *message, struct err *err)
{
	struct err theirs = message->err;

	theirs.text[sizeof(theirs.text) - 1] = '\0';
	theirs.stage[sizeof(theirs.stage) - 1] = '\0';
	if (theirs.code <= 0)
		theirs.code = EIO;
	if (err)
		*err = theirs;
	return -theirs.code;
}

int sync_expect(int socket, enum sync_kind kind, int *ret_passed, struct err *err)
{
	struct message message = { .kind = SYNC_FAILED, .err = ERR_INIT };
	cleanup_fd int passed = -1;
	int r = receive(socket, &message, &passed);

	if (r == -EPIPE)
		return -EPIPE;
	if (r < 0)
		return err_sys(err, -r, "cannot hear from the other side");
	if (message.kind == SYNC_FAILED)
		return take_error(&message, err);
	if (message.kind != kind)
		return err_say(err, EPROTO, "the other side said %d instead of %d",
		    (int)message.kind, (int)kind);
	if (ret_passed)
		*ret_passed = take_fd(&passed);
	return 0;
}

int sync_expect_end(int socket, struct err *err)
{
	int r = sync_expect(socket, SYNC_FAILED, NULL, err);

	return r == -EPIPE ? 0 : r;
}
