/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_KERNEL_SYSTEMD_PART_INTERNAL_H
#define CONTAIN_KERNEL_SYSTEMD_PART_INTERNAL_H

/* What the files of contain-systemd.so share. */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "lib/kernel/systemd_part.h"

/* A connection to systemd, and until when there must be an answer. */
struct systemd_bus {
	sd_bus *bus;
	uint64_t deadline_us; /* clock_now() */
};

#define SYSTEMD_BUS_INIT                                                                           \
	{                                                                                          \
		.bus = NULL, .deadline_us = 0                                                      \
	}

/*
 * Connect to systemd itself, by the socket that systemctl uses as root, so that logins need no
 * message bus; by the message bus where that socket is not there. Returns 0 or -errno.
 */
int systemd_bus_open(struct systemd_bus *bus, uint64_t deadline_us, struct err *err);

void systemd_bus_close(struct systemd_bus *bus);

/* A call to the manager; the caller fills in its arguments, and unrefs it. Returns 0 or -errno. */
int systemd_bus_method(
    struct systemd_bus *bus, const char *method, sd_bus_message **ret, struct err *err);

/*
 * Make the call, until the deadline. `what` is for the message: "systemd cannot %s: ...". Returns 0
 * or -errno; -EEXIST where there is a unit of this name. *reply, if it is not NULL, is the caller's
 * to unref.
 */
int systemd_bus_call(struct systemd_bus *bus, sd_bus_message *call, const char *what,
    sd_bus_message **reply, struct err *err);

/* Append the limits that are set, as properties "(sv)...". Returns 0 or sd-bus's -errno. */
int systemd_limits_append(sd_bus_message *message, const struct spec_limits *limits);

#endif
