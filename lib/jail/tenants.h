/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_TENANTS_H
#define CONTAIN_JAIL_TENANTS_H

#include <stdbool.h>

#include "lib/base/err.h"

/*
 * Who has had which address last, and until when, for as long as the host is up: a file of 8 bytes
 * for each, 512 KiB at the most, in the registry's directory. An account gets its address again,
 * with its own old connections; nobody else is to get these.
 *
 * `directory` is the registry's, `lease` the path below it that a jail claims for an address.
 */
#define TENANTS_FILE   "tenants"
#define TENANTS_LEASES "leases/net/"

/*
 * Whether another jail than `name` has had it less than this time ago. The host forgets a
 * connection by datagrams 120 s after the last of them, and who hears nothing for ten minutes gives
 * up. May say so where it is not, and not the other way round.
 */
#define TENANTS_LINGER_S 600
bool tenants_linger(int directory, const char *lease, const char *name);

/* The jail `name` has it now, and has claimed it. Returns 0 or -errno. */
int tenants_move_in(int directory, const char *lease, const char *name, struct err *err);

/* Whoever has had it is dead, and it is about to be free. */
void tenants_move_out(int directory, const char *lease);

#endif
