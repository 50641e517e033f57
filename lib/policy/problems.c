/* SPDX-License-Identifier: MIT */
#include "lib/policy/problems.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A gap behind all that are of the same line or an earlier one; NULL if there is no room. */
static struct problem *insert(struct problems *problems, unsigned line)
{
	struct problem *items = reallocarray(problems->items, problems->count + 1, sizeof(*items));
	size_t at = problems->count;

	if (!items)
		return NULL;
	problems->items = items;
	while (at > 0 && items[at - 1].line > line)
		at--;
	memmove(&items[at + 1], &items[at], (problems->count - at) * sizeof(*items));
	problems->count++;
	return &items[at];
}

int problems_add(struct problems *problems, const char *file, unsigned line, const char *fmt, ...)
{
	char text[sizeof(problems->items->err.text)];
	va_list args;

	if (problems->count == PROBLEMS_MAX)
		return 0;
	struct problem *problem = insert(problems, line);
	if (!problem)
		return -ENOMEM;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*problem = (struct problem){ .line = line, .err = ERR_INIT };
	(void)err_say(&problem->err, EINVAL, "%.256s:%u: %s", file, line, text);
	return 0;
}

int problems_first(const struct problems *problems, struct err *err)
{
	if (err)
		*err = problems->items[0].err;
	return -EINVAL;
}

void problems_done(struct problems *problems)
{
	free(problems->items);
	*problems = (struct problems){ NULL, 0 };
}
