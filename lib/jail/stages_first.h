/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_STAGES_FIRST_H
#define CONTAIN_JAIL_STAGES_FIRST_H

#include "lib/jail/stages.h"

/* The rows of the jail's first process in the table in lib/jail/stages.c. */
int first_alive(struct jail *jail, struct err *err);
int first_limits(struct jail *jail, struct err *err);
int first_namespaces(struct jail *jail, struct err *err);
int first_hostname(struct jail *jail, struct err *err);
int first_loopback(struct jail *jail, struct err *err);
int first_init(struct jail *jail, struct err *err);
int first_root(struct jail *jail, struct err *err);
int first_dev(struct jail *jail, struct err *err);
int first_proc(struct jail *jail, struct err *err);
int first_sys(struct jail *jail, struct err *err);
int first_hide(struct jail *jail, struct err *err);
int first_home(struct jail *jail, struct err *err);
int first_volumes(struct jail *jail, struct err *err);
int first_names(struct jail *jail, struct err *err);
int first_account(struct jail *jail, struct err *err);
int first_user(struct jail *jail, struct err *err);
int first_terminal(struct jail *jail, struct err *err);
int first_readonly(struct jail *jail, struct err *err);
int first_pivot(struct jail *jail, struct err *err);
int first_lock(struct jail *jail, struct err *err);
int first_clean(struct jail *jail, struct err *err);
int first_built(struct jail *jail, struct err *err);
int first_command(struct jail *jail, struct err *err);

#endif
