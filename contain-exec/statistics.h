/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_STATISTICS_H
#define CONTAIN_EXEC_STATISTICS_H

#include "lib/contain.h"

/* What --stats prints as text: lines, each with a newline. */
void statistics_format(const struct jail_result *result, char *text, size_t size);

/* The same as members of an open JSON object: seconds, bytes and counts, null where unknown. */
void statistics_members(const struct jail_result *result, struct json *json);

#endif
