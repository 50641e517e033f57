/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_FD_H
#define CONTAIN_BASE_FD_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "lib/base/err.h"

/* A descriptor variable that holds none is -1. Every descriptor here is O_CLOEXEC from birth. */

/* Close fd if it is one; errno is left as it was. Returns -1: `fd = fd_close(fd);` */
int fd_close(int fd);

/*
 * Make sure that descriptors 0, 1 and 2 are open, on /dev/null where they are not. Called first in
 * every program: otherwise a socket or policy file may become "stderr" and be written into.
 * Returns 0 or -errno.
 */
int fd_open_standard(struct err *err);

/*
 * Read all that fd holds, but never more than max bytes, into a NUL-terminated buffer that the
 * caller frees. *ret_len (may be NULL) excludes the NUL. Returns 0 or -errno; -EFBIG when there is
 * more than max.
 */
int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len, struct err *err);

/* Write all len bytes, retrying on EINTR and short writes. Returns 0 or -errno. */
int fd_write_all(int fd, const void *data, size_t len);

/*
 * Send one datagram of len bytes on a SOCK_SEQPACKET socket, and with it the descriptor pass (-1:
 * none; it stays the caller's). Never raises SIGPIPE. Returns 0 or -errno.
 */
int fd_send(int socket, const void *data, size_t len, int pass);

/* The same for a datagram that lies in `count` places. */
int fd_send_parts(int socket, const struct iovec *parts, size_t count, int pass);

/*
 * Receive one datagram of at most len bytes. *ret_passed gets a descriptor that came with it (the
 * caller closes it) or -1; further ones are closed. Returns the number of bytes, 0 at end of file,
 * or -errno (-EAGAIN on a non-blocking socket without a message).
 */
ssize_t fd_receive(int socket, void *data, size_t len, int *ret_passed);

#endif
