/* SPDX-License-Identifier: MIT */
#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Messages carry names that users chose; a newline or an escape in one must not reach a log. */
static void make_printable(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
}

static void record(struct err *err, int errnum, const char *fmt, va_list args)
{
	err->code = errnum;
	err->stage[0] = '\0';
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	make_printable(err->text);
}

int err_sys(struct err *err, int errnum, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -errnum;
	va_start(args, fmt);
	record(err, errnum, fmt, args);
	va_end(args);
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(errnum));
	return -errnum;
}

int err_say(struct err *err, int errnum, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -errnum;
	va_start(args, fmt);
	record(err, errnum, fmt, args);
	va_end(args);
	return -errnum;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	char stage[sizeof(err->stage)];
	va_list args;

	if (!err || !err->code)
		return -EINVAL;
	memcpy(inner, err->text, sizeof(inner));
	memcpy(stage, err->stage, sizeof(stage));
	va_start(args, fmt);
	record(err, err->code, fmt, args);
	va_end(args);
	memcpy(err->stage, stage, sizeof(stage));
	size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	return -err->code;
}

int err_stage(struct err *err, const char *stage)
{
	if (!err || !err->code)
		return -EINVAL;
	if (!err->stage[0])
		snprintf(err->stage, sizeof(err->stage), "%s", stage);
	return -err->code;
}

void err_clear(struct err *err)
{
	if (err)
		*err = (struct err)ERR_INIT;
}
