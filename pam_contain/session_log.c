/* SPDX-License-Identifier: MIT */
#include "pam_contain/session_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static bool debugging;

void log_open(bool debug)
{
	debugging = debug;
	openlog("contain-session", LOG_PID, LOG_AUTHPRIV);
}

static void write_line(int priority, const char *fmt, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), fmt, args);
	for (unsigned char *c = (unsigned char *)line; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
	syslog(priority, "%s", line);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_ERR, fmt, args);
	va_end(args);
}

void log_notice(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_NOTICE, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	if (!debugging)
		return;
	va_start(args, fmt);
	write_line(LOG_DEBUG, fmt, args);
	va_end(args);
}
