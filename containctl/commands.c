/* SPDX-License-Identifier: MIT */
#include "containctl/ctl.h"
#include "containctl/image.h"

#include <stdint.h>

/* clang-format off */
const struct command commands[] = {
	{ "policy check", "[FILE...]", "", 0, SIZE_MAX,
	  "look for mistakes in all policy files, or in these",
	  command_policy_check },
	{ "policy show", "USER", "--service --json", 1, 1,
	  "print what the policy of an account says, and which file says it",
	  command_policy_show },
	{ "policy explain", "USER", "--service", 1, 1,
	  "say what becomes of an account's logins, and why",
	  command_policy_explain },
	{ "policy edit", "USER | --group GROUP | --network NAME | --default",
	  "--group --network --default", 0, 1,
	  "edit a policy file, which is checked before it is saved",
	  command_policy_edit },
	{ "policy keys", "", "--json", 0, 0,
	  "print all keys of policy files with what they mean",
	  command_policy_keys },
	{ "image ls", "", "--json", 0, 0,
	  "list the images on this machine",
	  command_image_ls },
	{ "image show", "NAME", "--json", 1, 1,
	  "print what is known about an image",
	  command_image_show },
	{ "image rm", "NAME...", "", 1, SIZE_MAX,
	  "take names away, and with its last one an image",
	  command_image_rm },
	{ "image gc", "", "--json", 0, 0,
	  "remove images without a name, layers of no image, and what was left over",
	  command_image_gc },
	{ "image import", "FILE|DIR|- NAME", "--json", 2, 2,
	  "make an image of an archive of a root file system, or of a directory",
	  command_image_import },
	{ "image verify", "[NAME...]", "--json", 0, SIZE_MAX,
	  "look whether layers still are what they were, all or those of some images",
	  command_image_verify },
	{ "image export", "NAME DIR", "", 2, 2,
	  "copy what a container of the image sees into a directory",
	  command_image_export },
	{ "doctor", "", "--json", 0, 0,
	  "look whether this host is set up right, and say what mends it",
	  command_doctor },
	{ "help", "", "", 0, 0,
	  "print this",
	  command_help },
	{ .name = NULL },
};
/* clang-format on */
