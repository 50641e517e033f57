/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_STAGES_SUPERVISOR_H
#define CONTAIN_JAIL_STAGES_SUPERVISOR_H

#include "lib/jail/stages.h"

/* The supervisor's rows of the table in lib/jail/stages.c, which says what each is for. Undo
 * functions take back whatever the stage has done, also when that is half of it or nothing. */
int stage_ports(struct jail *jail, struct err *err);
void undo_ports(struct jail *jail);
int stage_name(struct jail *jail, struct err *err);
void undo_name(struct jail *jail);
int stage_control(struct jail *jail, struct err *err);
void undo_control(struct jail *jail);
int stage_hosts(struct jail *jail, struct err *err);
int stage_ids(struct jail *jail, struct err *err);
void undo_ids(struct jail *jail);
int stage_layer(struct jail *jail, struct err *err);
int stage_home(struct jail *jail, struct err *err);
void undo_home(struct jail *jail);
int stage_filter(struct jail *jail, struct err *err);
void undo_filter(struct jail *jail);
int stage_cgroup(struct jail *jail, struct err *err);
void undo_cgroup(struct jail *jail);
int stage_clone(struct jail *jail, struct err *err);
void undo_clone(struct jail *jail);
int stage_placed(struct jail *jail, struct err *err);
int stage_network(struct jail *jail, struct err *err);
void undo_network(struct jail *jail);
int stage_pasta(struct jail *jail, struct err *err);
void undo_pasta(struct jail *jail);
int stage_lookup(struct jail *jail, struct err *err);
void undo_lookup(struct jail *jail);
int stage_built(struct jail *jail, struct err *err);
int stage_connected(struct jail *jail, struct err *err);
int stage_looked_up(struct jail *jail, struct err *err);
int stage_publish(struct jail *jail, struct err *err);
int stage_start(struct jail *jail, struct err *err);
void undo_start(struct jail *jail);

#endif
