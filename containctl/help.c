/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "containctl/command_line.h"

#define COLUMN 30

/* "  policy check [FILE...]", and the sentence in its column, in the next line if there is no room.
 */
static void print_row(const char *name, const char *value, const char *help)
{
	int width = printf("  %s%s%s", name, *value ? " " : "", value);

	if (width > COLUMN - 2) {
		putchar('\n');
		width = 0;
	}
	printf("%*s%s\n", COLUMN - width, "", help);
}

int command_help(struct ctl *ctl, struct err *err)
{
	(void)ctl;
	(void)err;
	puts("Usage: containctl [options] COMMAND [arguments...]\n"
	     "Look after the containers of logins and the policy that they come from.\n"
	     "\nCommands:");
	for (const struct command *command = commands; command->name; command++)
		print_row(command->name, command->arguments, command->help);
	puts("\nOptions:");
	for (const struct ctl_option *option = ctl_options; option->name; option++)
		print_row(option->name, option->value ?: option->other ?: "", option->help);
	puts("\nExit code: 0; 1 if something is wrong or could not be done; 2 if the command line "
	     "is\n"
	     "wrong. containctl(8) explains all of this.");
	return CODE_OK;
}
