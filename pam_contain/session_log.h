/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_SESSION_LOG_H
#define PAM_CONTAIN_SESSION_LOG_H

#include <stdbool.h>

/*
 * The log of contain-session: syslog(3), facility authpriv. What users chose (their names, where
 * they come from) is made printable first, so that no line can look like two.
 */

/* `debug`: log_debug() says something. */
void log_open(bool debug);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
