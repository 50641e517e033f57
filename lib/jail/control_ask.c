/* SPDX-License-Identifier: MIT */
/* The side of the control socket that asks: contain-session's, and the PAM module's. */
#include "lib/jail/control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"

int control_address(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int length =
	    snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/%s", REGISTRY_DIRECTORY, path);
	return length < (int)sizeof(ret->sun_path) ? 0 : -ENAMETOOLONG;
}

int control_connect(const char *name)
{
	char record[128], path[REGISTRY_HOLDER_MAX + 16];
	struct sockaddr_un address;

	/* Another's directory holds records that are not ours to believe. */
	if (geteuid() != 0)
		return -ENOENT;
	snprintf(record, sizeof(record), "jails/%s", name);
	int r = registry_read(record, "socket", path, sizeof(path));
	if (r == 0)
		r = control_address(path, &address);
	if (r < 0)
		return r;
	cleanup_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Without a wait for a supervisor that does not accept: EAGAIN where too many are waiting.
	 */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno;
	return take_fd(&fd);
}

static int send_message(
    int connection, enum control_kind kind, const void *body, size_t length, int socket)
{
	const struct iovec parts[] = { { &kind, sizeof(kind) }, { (void *)body, length } };

	return length > CONTROL_BODY_MAX ? -EMSGSIZE : fd_send_parts(connection, parts, 2, socket);
}

int control_offer(int connection, const struct control_session *session, int socket)
{
	return send_message(connection, CONTROL_OFFER, session, sizeof(*session), socket);
}

int control_ask(int connection, const void *request, size_t length, int socket)
{
	return send_message(connection, CONTROL_ASK, request, length, socket);
}

int control_wait(int connection, uint64_t deadline_us)
{
	char byte;
	int passed, r = clock_poll(connection, deadline_us);

	if (r < 0)
		return r;
	ssize_t n = fd_receive(connection, &byte, 1, &passed);
	fd_close(passed);
	return n == 1 ? 0 : -EPIPE;
}
