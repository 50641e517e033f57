/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_EXEC_HELP_H
#define CONTAIN_EXEC_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* The heading of a group of options (struct option_row); "Running" for NULL. */
const char *help_heading(const char *group);

/* What follows the help of an option that can be given again. */
#define HELP_AGAIN " (again for more)"

/* Whether two groups are the same one; NULL is a group as well. */
bool help_same_group(const char *a, const char *b);

/* What --help prints. */
void help_print(FILE *out);

#endif
