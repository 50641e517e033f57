/* SPDX-License-Identifier: MIT */
/*
 * Mail systems that run what somebody's own file says when mail comes: on the host, as the account,
 * and without a PAM session. The file is in the home, which the jail has too, and it is enough to
 * write to oneself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "containctl/doctor.h"

#define OUTPUT_MAX ((size_t)64 * 1024)

struct door {
	const char *argv[5]; /* the program, and what makes it tell */
	const char *open;    /* it has told this; NULL: that it is there is enough */
	const char *about, *what, *command;
};

#define EXIM_ROUTER "/etc/exim4/conf.d/router/600_exim4-config_userforward"

/* clang-format off */
static const struct door doors[] = {
	/* exim(8), and the chapter on its redirect router */
	{ { "/usr/sbin/exim4", "-bP", "router", "userforward" }, "\nno_forbid_pipe\n", "exim4",
	  "It runs the programs that ~/.forward names.",
	  "sed -i '/^userforward:/,/^$/s/^  allow_filter$/  forbid_pipe\\n  forbid_file/' "
	  "/etc/exim4/exim4.conf.template " EXIM_ROUTER " && update-exim4.conf" },
	/* postconf(5) */
	{ { "/usr/sbin/postconf", "-h", "allow_mail_to_commands" }, "forward", "postfix",
	  "It runs the programs that ~/.forward names.",
	  "postconf -e allow_mail_to_commands=alias allow_mail_to_files=alias" },
	{ { "/usr/bin/procmail" }, NULL, "procmail",
	  "Mail systems that use it run the programs that ~/.procmailrc names.",
	  "apt-get remove procmail" },
	{ { "/usr/bin/maildrop" }, NULL, "maildrop",
	  "Mail systems that use it run the programs that ~/.mailfilter names.",
	  "apt-get remove maildrop" },
	{ .about = NULL },
};
/* clang-format on */

/* Returns 1, 0 or -errno. */
static int is_open(const struct door *door, struct err *err)
{
	cleanup_free char *told = NULL;

	if (access(door->argv[0], X_OK) < 0)
		return 0;
	if (!door->open)
		return 1;
	int r = child_capture((char *const *)door->argv, OUTPUT_MAX, &told, err);
	return r < 0 ? r : strstr(told, door->open) != NULL;
}

int doctor_mail(struct doctor *doctor, struct err *err)
{
	for (const struct door *door = doors; door->about; door++) {
		int r = is_open(door, err);
		if (r < 0)
			doctor_failed(doctor, door->about, err);
		const struct finding finding = { .level = DOCTOR_PROBLEM,
			.about = door->about,
			.what = door->what,
			.why = "They run on the host, and who is confined can write that file.",
			.command = door->command };
		if (r > 0)
			doctor_found(doctor, &finding);
	}
	return 0;
}
