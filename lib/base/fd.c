/* SPDX-License-Identifier: MIT */
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

int fd_close(int fd)
{
	int saved = errno;

	/* Linux frees the descriptor even when close() says EINTR: close(2), "Dealing with error
	 * returns". */
	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return -1;
}

int fd_open_standard(struct err *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free number is fd, since those below it are open. */
		if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			return err_sys(
			    err, errno ?: EBADF, "cannot open /dev/null as descriptor %d", fd);
	}
	return 0;
}

int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len, struct err *err)
{
	size_t used = 0, size = 4096;
	cleanup_free char *buffer = malloc(size);

	while (buffer) {
		ssize_t n = read(fd, buffer + used, size - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "cannot read");
		if (n == 0)
			break;
		used += (size_t)n;
		if (used > max)
			return err_say(err, EFBIG, "is larger than %zu bytes", max);
		if (used < size - 1)
			continue;
		size *= 2;
		char *larger = realloc(buffer, size);
		if (!larger)
			return err_sys(err, ENOMEM, "cannot read");
		buffer = larger;
	}
	if (!buffer)
		return err_sys(err, ENOMEM, "cannot read");
	buffer[used] = '\0';
	*ret = take_ptr(buffer);
	if (ret_len)
		*ret_len = used;
	return 0;
}

int fd_write_all(int fd, const void *data, size_t len)
{
	const char *next = data;

	while (len) {
		ssize_t n = write(fd, next, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		next += n;
		len -= (size_t)n;
	}
	return 0;
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int fd_send(int socket, const void *data, size_t len, int pass)
{
	const struct iovec part = { .iov_base = (void *)data, .iov_len = len };

	return fd_send_parts(socket, &part, 1, pass);
}

int fd_send_parts(int socket, const struct iovec *parts, size_t count, int pass)
{
	union control control = { .space = { 0 } };
	struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = count };

	if (pass >= 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &pass, sizeof(int));
	}
	for (;;) {
		if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

ssize_t fd_receive(int socket, void *data, size_t len, int *ret_passed)
{
	union control control;
	struct iovec part = { .iov_base = data, .iov_len = len };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space) };
	ssize_t n;

	*ret_passed = -1;
	bool told = false;
	for (;;) {
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
		if (n >= 0)
			break;
		/* The other side left something unread behind. It is told once, and before what
		 * that side itself said last, which still can be heard (unix(7)). */
		if (errno != EINTR && (errno != ECONNRESET || told))
			return -errno;
		told |= errno == ECONNRESET;
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(ret_passed, CMSG_DATA(header), sizeof(int));
	return n;
}
