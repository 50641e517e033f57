/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/kernel/systemd_part_internal.h"

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER	    "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
#define PRIVATE	    "/run/systemd/private"

/* Only root may connect there, and there is no daemon between: no name, no hello. */
static int open_private(sd_bus **ret)
{
	sd_bus *bus = NULL;
	int r = sd_bus_new(&bus);

	if (r >= 0)
		r = sd_bus_set_address(bus, "unix:path=" PRIVATE);
	if (r >= 0)
		r = sd_bus_start(bus);
	if (r < 0) {
		sd_bus_close_unref(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

/* The handshake. sd_bus_call() would wait for it as long as it takes. */
static int wait_ready(sd_bus *bus, uint64_t deadline_us)
{
	while (!sd_bus_is_ready(bus)) {
		uint64_t now = clock_now();
		int r = now < deadline_us ? sd_bus_process(bus, NULL) : -ETIMEDOUT;
		if (r == 0)
			r = sd_bus_wait(bus, deadline_us - now);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

int systemd_bus_open(struct systemd_bus *bus, uint64_t deadline_us, struct err *err)
{
	sd_bus *found = NULL;
	int r = access(PRIVATE, F_OK) == 0 ? open_private(&found) : -ENOENT;

	if (r < 0)
		r = sd_bus_open_system(&found);
	if (r >= 0)
		r = wait_ready(found, deadline_us);
	if (r < 0)
		sd_bus_close_unref(found);
	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "systemd did not answer in time");
	if (r < 0)
		return err_sys(err, -r, "cannot connect to systemd");
	*bus = (struct systemd_bus){ .bus = found, .deadline_us = deadline_us };
	return 0;
}

void systemd_bus_close(struct systemd_bus *bus)
{
	/* Not flushed: who does not answer would hold us up. */
	sd_bus_close_unref(bus->bus);
	bus->bus = NULL;
}

int systemd_bus_method(
    struct systemd_bus *bus, const char *method, sd_bus_message **ret, struct err *err)
{
	int r = sd_bus_message_new_method_call(bus->bus, ret, DESTINATION, MANAGER, method);

	return r < 0 ? err_sys(err, -r, "cannot make a message for systemd") : 0;
}

static int complain(const sd_bus_error *error, int r, const char *what, struct err *err)
{
	if (sd_bus_error_has_name(error, "org.freedesktop.systemd1.UnitExists"))
		r = -EEXIST;
	if (r == -ETIMEDOUT)
		return err_say(err, ETIMEDOUT, "systemd did not %s in time", what);
	return err_say(
	    err, -r, "systemd cannot %s: %s", what, error->message ? error->message : strerror(-r));
}

int systemd_bus_call(struct systemd_bus *bus, sd_bus_message *call, const char *what,
    sd_bus_message **reply, struct err *err)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	uint64_t now = clock_now();

	if (now >= bus->deadline_us)
		return err_say(err, ETIMEDOUT, "systemd did not %s in time", what);
	int r = sd_bus_call(bus->bus, call, bus->deadline_us - now, &error, reply);
	if (r < 0)
		r = complain(&error, r, what, err);
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}
