/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_HOST_MOUNTS_H
#define CONTAIN_KERNEL_HOST_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

/*
 * The file systems that the host has mounted below its root (/usr, /var, ... on disks of their
 * own), carried over into a jail that uses the host's root: the same places, read-only, nosuid,
 * nodev. Only file systems that hold files of the host: on block devices or from a file server;
 * never /proc, /sys, /dev, tmpfs, other containers' overlays, and nothing below the directories
 * that a host root hides.
 */
int host_mounts_carry(int root, struct err *err);

/*
 * Parse one line of /proc/self/mountinfo (proc(5)). Returns whether that mount is to be carried;
 * then path gets its place, with the kernel's octal escapes undone.
 */
bool host_mounts_parse(const char *line, char *path, size_t size);

#endif
