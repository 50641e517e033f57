/* SPDX-License-Identifier: MIT */
#include "lib/policy/exempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *exempt_reason(const struct exempt_login *login)
{
	if (login->uid == 0)
		return "uid 0 is root";
	if (login->uid < login->uid_min)
		return "its uid is below UID_MIN, where the system's own accounts are";
	if (login->in_group)
		return "it is a member of the group of exempt accounts";
	if (login->service && !exempt_listed(login->services, login->service))
		return "its service is not one of those that are asked about";
	return NULL;
}

bool exempt_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += *list == ',') {
		size_t other = strcspn(list, ",");
		if (other == length && memcmp(list, word, length) == 0)
			return true;
		list += other;
	}
	return false;
}

uid_t exempt_uid_min(const char *path)
{
	char line[256], number[32];
	uid_t uid_min = EXEMPT_UID_MIN;
	FILE *file = fopen(path, "re");

	if (!file)
		return uid_min;
	/* Numbers may be octal and hexadecimal there; the last one counts. */
	while (fgets(line, sizeof(line), file)) {
		char *end = NULL;
		if (sscanf(line, " UID_MIN %31s", number) != 1)
			continue;
		unsigned long value = strtoul(number, &end, 0);
		if (*end == '\0' && value < (uid_t)-1)
			uid_min = (uid_t)value;
	}
	fclose(file);
	return uid_min;
}
