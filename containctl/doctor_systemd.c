/* SPDX-License-Identifier: MIT */
/* What systemd runs for an account on the host: its manager, user@UID.service. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "containctl/doctor.h"
#include "containctl/subject.h"

#define SERVICE	    "systemd-user" /* the manager's PAM service */
#define DROP_INS    "user@.service.d"
#define LINGER	    "/var/lib/systemd/linger" /* a file for each account: loginctl(1) */
#define DROP_IN_MAX ((size_t)64 * 1024)

/* As sd_booted(3) has it. */
static bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static bool asks_us(int dir, const char *name)
{
	cleanup_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	cleanup_free char *text = NULL;

	if (fd < 0 || fd_read_all(fd, DROP_IN_MAX, &text, NULL, NULL) < 0)
		return false;
	return strstr(text, "ExecCondition=") && strstr(text, "containctl policy show");
}

static bool has_drop_in(const char *directory)
{
	char path[PATH_MAX];
	bool found = false;

	snprintf(path, sizeof(path), "%s/" DROP_INS, directory);
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(dir));)
		found = entry->d_name[0] != '.' && asks_us(dirfd(dir), entry->d_name);
	(void)closedir(dir);
	return found;
}

int doctor_user_manager(struct doctor *doctor, struct err *err)
{
	/* systemd.unit(5) */
	static const char *const directories[] = { "/etc/systemd/system", "/run/systemd/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system" };
	static const struct finding finding = { .level = DOCTOR_HINT,
		.about = "user@.service",
		.what = "It has no drop-in that asks whether the account is confined.",
		.why = "The manager of a confined account is refused all the same, and each of its "
		       "logins leaves a failed unit.",
		.command =
		    "install -D -m 0644 " DATADIR "/systemd/user-manager.conf "
		    "/etc/systemd/system/" DROP_INS "/contain.conf && systemctl daemon-reload" };
	bool found = !systemd_runs();

	(void)err;
	for (size_t i = 0; !found && i < sizeof(directories) / sizeof(directories[0]); i++)
		found = has_drop_in(directories[i]);
	if (!found)
		doctor_found(doctor, &finding);
	return 0;
}

/* ---- linger ---- */

static void found_lingering(struct doctor *doctor, const char *user)
{
	char command[NAME_MAX + 64];

	snprintf(command, sizeof(command), "loginctl disable-linger %s", user);
	const struct finding finding = { .level = DOCTOR_HINT,
		.about = user,
		.what = "It is confined, and lingers.",
		.why = "systemd would start its manager at every boot, and what that starts would "
		       "run outside: it is refused, and what it ran before does not run any more.",
		.command = command };
	doctor_found(doctor, &finding);
}

static void look_at_account(struct doctor *doctor, const char *user, struct err *err)
{
	struct subject subject;
	int r = subject_load(&doctor->ctl->places, user, SERVICE, false, &subject, err);

	/* A file of an account that is gone; systemd does not mind it either. */
	if (r == -ENOENT)
		err_clear(err);
	else if (r < 0)
		doctor_failed(doctor, user, err);
	if (r < 0)
		return;
	if (strcmp(subject.verdict, "refused") == 0)
		found_lingering(doctor, user);
	subject_done(&subject);
}

int doctor_linger(struct doctor *doctor, struct err *err)
{
	DIR *dir = opendir(LINGER);

	if (!dir)
		return errno == ENOENT ? 0 : err_sys(err, errno, "cannot read " LINGER);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			look_at_account(doctor, entry->d_name, err);
	(void)closedir(dir);
	return 0;
}
