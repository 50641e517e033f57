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
#include "lib/base/clock.h"
#include "lib/base/fd.h"

static int address_of(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int length =
	    snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/%s", REGISTRY_DIRECTORY, path);
	return length < (int)sizeof(ret->sun_path) ? 0 : -ENAMETOOLONG;
}

int control_listen(struct registry *registry, struct err *err)
{
	char holder[REGISTRY_HOLDER_MAX], path[REGISTRY_HOLDER_MAX + 16];
	struct sockaddr_un address;
	cleanup_fd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	registry_holder(registry, holder);
	snprintf(path, sizeof(path), "control/%s", holder);
	if (fd < 0 || address_of(path, &address) < 0)
		return err_sys(err, errno, "cannot make the control socket");
	/* Bound and listening before the record names it: who reads that finds it so. The name is
	 * this supervisor's alone, and what a dead one of that number left went with its record. */
	(void)unlinkat(registry->directory, path, 0);
	mode_t before = umask(0077);
	int r = bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
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

int control_connect(const char *name)
{
	char record[128], path[REGISTRY_HOLDER_MAX + 16];
	struct sockaddr_un address;

	snprintf(record, sizeof(record), "jails/%s", name);
	int r = registry_read(record, "socket", path, sizeof(path));
	if (r == 0)
		r = address_of(path, &address);
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

int control_offer(int connection, const struct control_session *session, int socket)
{
	return fd_send(connection, session, sizeof(*session), socket);
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

static void terminate(char *text, size_t size)
{
	text[size - 1] = '\0';
}

int control_receive(int connection, struct control_session *ret, int *ret_socket)
{
	cleanup_fd int passed = -1;
	ssize_t n = fd_receive(connection, ret, sizeof(*ret), &passed);

	if (n != sizeof(*ret) || passed < 0)
		return n < 0 ? (int)n : -EBADMSG;
	terminate(ret->id, sizeof(ret->id));
	terminate(ret->user, sizeof(ret->user));
	terminate(ret->service, sizeof(ret->service));
	terminate(ret->tty, sizeof(ret->tty));
	terminate(ret->rhost, sizeof(ret->rhost));
	*ret_socket = take_fd(&passed);
	return 0;
}

void control_taken(int connection)
{
	/* Nothing to be done if the finder is gone: the session is ours. */
	(void)fd_send(connection, "", 1, -1);
}
