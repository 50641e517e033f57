/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "lib/policy/parse.h"

int parse_field(const char **text, char separator, char *field, size_t size)
{
	const char *in = *text;
	size_t used = 0;

	for (; *in && *in != separator; in++) {
		if (*in == '\\' && (in[1] == separator || in[1] == '\\'))
			in++;
		if (used + 1 >= size)
			return -ENAMETOOLONG;
		field[used++] = *in;
	}
	field[used] = '\0';
	*text = *in ? in + 1 : NULL;
	return 0;
}
