/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_name.h"

#include <stdio.h>
#include <string.h>

const char *name_clean(const char *text, char ret[PATH_MAX])
{
	size_t used = 0;

	/* An absolute path or ".." has no place in a layer: who writes one wants to leave it. */
	if (*text == '/')
		return "the path is absolute";
	for (size_t length; *text; text += length) {
		text += strspn(text, "/");
		length = strcspn(text, "/");
		if (length == 0 || (length == 1 && *text == '.'))
			continue;
		if (length == 2 && text[0] == '.' && text[1] == '.')
			return "the path has \"..\" in it";
		if (length > NAME_MAX)
			return "a name in the path is longer than 255 bytes";
		if (used + length + 2 > PATH_MAX)
			return "the path is longer than 4095 bytes";
		if (used)
			ret[used++] = '/';
		memcpy(ret + used, text, length);
		used += length;
	}
	ret[used] = '\0';
	return NULL;
}

void name_show(const char *text, char *ret, size_t size)
{
	size_t used = 0;

	if (!*text)
		text = ".";
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (used + 8 > size) {
			memcpy(ret + used, "...", 3);
			used += 3;
			break;
		}
		if (c > ' ' - 1 && c < 0x7f && c != '\\')
			ret[used++] = (char)c;
		else
			used += (size_t)snprintf(ret + used, size - used, "\\x%02x", c);
	}
	ret[used] = '\0';
}
