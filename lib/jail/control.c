/* SPDX-License-Identifier: MIT */
#include "lib/jail/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"

int control_listen(struct registry *registry, struct err *err)
{
	char holder[REGISTRY_HOLDER_MAX], path[REGISTRY_HOLDER_MAX + 16];
	struct sockaddr_un address;
	cleanup_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	registry_holder(registry, holder);
	snprintf(path, sizeof(path), "control/%s", holder);
	if (fd < 0 || control_address(path, &address) < 0)
		return err_sys(err, errno, "cannot make the control socket");
	/* Noted twice. As what may be left of a dead supervisor, before it is there; and as where
	 * to go, when it listens: who reads that finds it so. */
	int r = registry_note(registry, "listener", path, err);
	if (r < 0)
		return r;
	(void)unlinkat(registry->directory, path, 0);
	mode_t before = umask(0077);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	(void)umask(before);
	if (r == 0 && listen(fd, SOMAXCONN) < 0)
		r = -errno;
	if (r < 0)
		return err_sys(err, -r, "cannot make the control socket %s", address.sun_path);
	r = registry_note(registry, "socket", path, err);
	if (r < 0) {
		(void)unlinkat(registry->directory, path, 0);
		return r;
	}
	return take_fd(&fd);
}

int control_receive(int connection, struct control_message *ret, int *ret_socket)
{
	cleanup_fd int passed = -1;
	ssize_t n = fd_receive(connection, ret, offsetof(struct control_message, length), &passed);

	if (n < (ssize_t)offsetof(struct control_message, body) || passed < 0)
		return n < 0 ? (int)n : -EBADMSG;
	ret->length = (size_t)n - offsetof(struct control_message, body);
	*ret_socket = take_fd(&passed);
	return 0;
}

static void terminate(char *text, size_t size)
{
	text[size - 1] = '\0';
}

int control_session(const struct control_message *message, struct control_session *ret)
{
	if (message->length != sizeof(*ret))
		return -EBADMSG;
	memcpy(ret, message->body, sizeof(*ret));
	terminate(ret->id, sizeof(ret->id));
	terminate(ret->user, sizeof(ret->user));
	terminate(ret->service, sizeof(ret->service));
	terminate(ret->tty, sizeof(ret->tty));
	terminate(ret->rhost, sizeof(ret->rhost));
	return 0;
}

void control_taken(int connection)
{
	/* Nothing to be done if the finder is gone: the session is ours. */
	(void)fd_send(connection, "", 1, -1);
}
