/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_EDITOR_H
#define CONTAINCTL_EDITOR_H

#include "lib/contain.h"

/*
 * Run the editor that $SUDO_EDITOR, $VISUAL or $EDITOR names, or `editor` or `vi`, on the file, and
 * wait for its end. What such a variable says is split at blanks and run without a shell. Returns
 * 0, or -errno where there is no editor, or it ended with another code than 0 or by a signal.
 */
int editor_run(const char *path, struct err *err);

/*
 * Print the question and read the answer from standard input. Returns the first letter of it,
 * which is a newline for an empty one, or 0 at the end of the input and after an interrupt
 * (SIGINT).
 */
char editor_ask(const char *question);

#endif
