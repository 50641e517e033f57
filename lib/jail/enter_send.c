/* SPDX-License-Identifier: MIT */
#include "lib/jail/enter.h"

#include "lib/base/fd.h"

int enter_send(int socket, enum enter_kind kind, const void *body, size_t length, int pass)
{
	struct enter_header header = { .kind = kind };
	const struct iovec parts[] = { { &header, sizeof(header) }, { (void *)body, length } };

	return fd_send_parts(socket, parts, 2, pass);
}
