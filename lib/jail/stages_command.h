/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_STAGES_COMMAND_H
#define CONTAIN_JAIL_STAGES_COMMAND_H

#include "lib/jail/stages.h"

/* The rows of the command before its exec in the table in lib/jail/stages.c. */
int command_session(struct jail *jail, struct err *err);
int command_rlimits(struct jail *jail, struct err *err);
int command_early_filter(struct jail *jail, struct err *err);
int command_credentials(struct jail *jail, struct err *err);
int command_workdir(struct jail *jail, struct err *err);
int command_inherit(struct jail *jail, struct err *err);
int command_filter(struct jail *jail, struct err *err);
int command_gate(struct jail *jail, struct err *err);
int command_exec(struct jail *jail, struct err *err);

#endif
