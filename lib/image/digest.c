/* SPDX-License-Identifier: MIT */
#include "lib/image/digest.h"

#include <errno.h>
#include <string.h>

int digest_parse(const char *text, struct digest *ret, struct err *err)
{
	const size_t prefix = strlen(DIGEST_PREFIX);

	if (strncmp(text, DIGEST_PREFIX, prefix) != 0 || strlen(text) != prefix + DIGEST_HEX ||
	    strspn(text + prefix, "0123456789abcdef") != DIGEST_HEX)
		return err_say(err, EINVAL,
		    "not a digest: it is to be " DIGEST_PREFIX
		    " and %d lower case hexadecimal digits",
		    DIGEST_HEX);
	memcpy(ret->text, text, prefix + DIGEST_HEX + 1);
	return 0;
}

const char *digest_hex(const struct digest *digest)
{
	return digest->text[0] ? digest->text + strlen(DIGEST_PREFIX) : digest->text;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return strcmp(a->text, b->text) == 0;
}
