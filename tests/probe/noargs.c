/* SPDX-License-Identifier: MIT */

/*
 *	noargs PROGRAM
 *
 * Runs PROGRAM with an argument vector that is empty: not even a name (CVE-2021-4034). Linux 5.18
 * and newer put an empty string there.
 */

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *const nothing[] = { NULL };

	if (argc == 2)
		execve(argv[1], nothing, nothing);
	perror("noargs");
	return 99;
}
