/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_ADMIT_H
#define CONTAIN_JAIL_ADMIT_H

#include "lib/base/err.h"
#include "lib/jail/jail.h"

/*
 * The supervisor's side of lib/jail/enter.h: tell the process at the other end of the socket how to
 * enter: process `pid`, in the host's PID namespace. Never waits: a process that does not read is
 * not admitted. Returns 0 or -errno.
 */
int admit(const struct jail *jail, pid_t pid, int socket, struct err *err);

#endif
