/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_STAGES_IMAGE_H
#define CONTAIN_JAIL_STAGES_IMAGE_H

#include "lib/jail/stages.h"

/* The rows of the table in lib/jail/stages.c that are about a root from an image. */
int stage_image(struct jail *jail, struct err *err);
void undo_image(struct jail *jail);
int first_layers(struct jail *jail, struct err *err);
int first_workdir(struct jail *jail, struct err *err);

/* Close what first_layers() has opened. Harmless without. */
void image_close_layers(struct jail *jail);

/* Whoever has cloned the first process needs nothing of the image any more but the lock. */
void image_forget(struct jail *jail);

#endif
