/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_OWN_OPTIONS_H
#define CONTAIN_EXEC_OWN_OPTIONS_H

#include "contain-exec/options.h"

/* The options that say nothing about a jail, but about what contain-exec does around it; ends with
 * a row whose names are NULL. */
extern const struct option_row own_options[];

#endif
