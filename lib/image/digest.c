/* SPDX-License-Identifier: MIT */
#include "lib/image/digest.h"

#include <errno.h>
#include <string.h>

int digest_parse(const char *text, struct digest *ret, struct err *err)
{
	const size_t prefix = strlen(DIGEST_PREFIX);

	if (strncmp(text, DIGEST_PREFIX, prefix) != 0)
		return err_say(err, EINVAL,
		    "\"%.80s\" is not a digest that is known here: it must begin "
		    "with " DIGEST_PREFIX,
		    text);
	if (strlen(text) != prefix + DIGEST_HEX ||
	    strspn(text + prefix, "0123456789abcdef") != DIGEST_HEX)
		return err_say(err, EINVAL,
		    "\"%.80s\" is not a digest: %d digits of 0-9 and a-f must "
		    "follow " DIGEST_PREFIX,
		    text, DIGEST_HEX);
	memcpy(ret->text, text, prefix + DIGEST_HEX + 1);
	return 0;
}

const char *digest_hex(const struct digest *digest)
{
	return digest->text + strlen(DIGEST_PREFIX);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return strcmp(a->text, b->text) == 0;
}
