/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_PROGRAM_H
#define CONTAIN_BASE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The directory of this executable, if the file `part` lies beside it, as after a build: programs
 * look for their parts there first. Nothing of the environment is asked: it is the caller's, and
 * what is found here runs as root. Returns whether it is so.
 */
bool program_directory(const char *part, char *path, size_t size);

#endif
