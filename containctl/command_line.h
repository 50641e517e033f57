/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_COMMAND_LINE_H
#define CONTAINCTL_COMMAND_LINE_H

#include "containctl/ctl.h"

struct ctl_option {
	const char *name;  /* "--help" */
	const char *other; /* "-h"; NULL: no other name */
	const char *value; /* NULL: a flag */
	const char *help;  /* one sentence, lower case, no full stop */
	bool everywhere;   /* of every command */
	size_t member;	   /* offset in struct ctl: of a bool, or of a const char * */
};

/* Ends with a row whose name is NULL. */
extern const struct ctl_option ctl_options[];

/*
 * Take argv apart, which is NULL-terminated as main()'s and whose order is changed: options stand
 * anywhere, "--" ends them. Fills in what the command line says and nothing else of *ctl. Returns
 * 0, or -EINVAL with a message.
 */
int command_line_parse(char **argv, struct ctl *ctl, struct err *err);

#endif
