/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_SUPERVISE_H
#define CONTAIN_JAIL_SUPERVISE_H

#include "lib/jail/stages.h"

/* jail_supervise() of lib/jail/jail.h: the loop. */
int supervise(struct jail *jail, struct jail_result *ret, struct err *err);

#endif
