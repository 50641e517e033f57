/* SPDX-License-Identifier: MIT */
#include "lib/jail/enter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"

int enter_send(int socket, enum enter_kind kind, const void *body, size_t length, int pass)
{
	struct enter_header header = { .kind = kind };
	char *message = malloc(sizeof(header) + length);

	if (!message)
		return -ENOMEM;
	memcpy(message, &header, sizeof(header));
	if (length)
		memcpy(message + sizeof(header), body, length);
	int r = fd_send(socket, message, sizeof(header) + length, pass);
	free(message);
	return r;
}
