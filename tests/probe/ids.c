/* SPDX-License-Identifier: MIT */

/* Prints "real effective" user ids: what a set-user-ID copy of this program got. */

#include <stdio.h>
#include <unistd.h>

int main(void)
{
	return printf("%u %u\n", (unsigned)getuid(), (unsigned)geteuid()) < 0;
}
