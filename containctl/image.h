/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_IMAGE_H
#define CONTAINCTL_IMAGE_H

#include "containctl/ctl.h"

/* `containctl image ...`: each command is a function in an image_*.c. */

#define IMAGE_JSON_VERSION 1

int command_image_pull(struct ctl *ctl, struct err *err);
int command_image_ls(struct ctl *ctl, struct err *err);
int command_image_show(struct ctl *ctl, struct err *err);
int command_image_rm(struct ctl *ctl, struct err *err);
int command_image_gc(struct ctl *ctl, struct err *err);
int command_image_verify(struct ctl *ctl, struct err *err);
int command_image_import(struct ctl *ctl, struct err *err);
int command_image_export(struct ctl *ctl, struct err *err);

/* How many digits of an id are shown where there is not much room, as docker does. */
#define IMAGE_ID_SHORT 12

#endif
