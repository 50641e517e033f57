/* SPDX-License-Identifier: MIT */
#include "lib/image/architecture.h"

#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>

static const struct {
	const char *machine, *name;
} names[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "armv7l", "arm" },
	{ "armv6l", "arm" }, { "i686", "386" }, { "i586", "386" }, { "loongarch64", "loong64" } };

const char *image_architecture(void)
{
	static struct utsname machine;

	if (uname(&machine) < 0)
		return "unknown";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(machine.machine, names[i].machine) == 0)
			return names[i].name;
	return machine.machine;
}
