/* SPDX-License-Identifier: MIT */
/* The doors that logins come through: their PAM stacks, and whether sshd asks PAM at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "containctl/doctor.h"
#include "containctl/pam_stack.h"

#define OUTPUT_MAX ((size_t)256 * 1024)

static void report(void *data, bool warning, const char *text)
{
	const struct finding finding = { .level = warning ? DOCTOR_HINT : DOCTOR_PROBLEM,
		.what = text,
		.why = warning ? NULL : "Logins that this file is about are refused.",
		.command = "containctl policy check" };

	doctor_found(data, &finding);
}

int doctor_policy(struct doctor *doctor, struct err *err)
{
	struct policy_check check = {
		.places = &doctor->ctl->places, .report = report, .data = doctor
	};
	int r = policy_check_all(&check, err);

	policy_check_done(&check);
	return r;
}

/* ---- PAM ---- */

static const char *const line = "session required " PAMDIR "/pam_contain.so";

/* The line goes into a file of the service's own in /etc, which wins over all others. */
static void found_missing(struct doctor *doctor, const char *service, const struct pam_stack *stack)
{
	char own[NAME_MAX], what[PATH_MAX + 64], command[2 * PATH_MAX + 256] = "";
	int n = 0;

	snprintf(own, sizeof(own), "/etc/pam.d/%s", service);
	snprintf(
	    what, sizeof(what), "pam_contain.so is not in the session stack of %s.", stack->file);
	if (strcmp(own, stack->file) != 0)
		n = snprintf(command, sizeof(command), "cp %s %s && ", stack->file, own);
	snprintf(command + n, sizeof(command) - (size_t)n, "echo '%s' >>%s", line, own);
	const struct finding finding = { .level = DOCTOR_PROBLEM,
		.about = service,
		.what = what,
		.why = "Who comes in through this service is not confined.",
		.command = command };
	doctor_found(doctor, &finding);
}

static void found_not_last(
    struct doctor *doctor, const char *service, const struct pam_stack *stack)
{
	char what[PATH_MAX + NAME_MAX + 64];

	snprintf(
	    what, sizeof(what), "In %s, %s comes after pam_contain.so.", stack->file, stack->after);
	const struct finding finding = { .level = DOCTOR_HINT,
		.about = service,
		.what = what,
		.why = "It runs in the container, where it may not find its files; with \"source = "
		       "host\" it does." };
	doctor_found(doctor, &finding);
}

/* Debian 13 has the program, and no file for its service. */
static bool is_used_without_file(const char *service)
{
	return strcmp(service, "systemd-run0") == 0 && access("/usr/bin/run0", X_OK) == 0;
}

int doctor_pam(struct doctor *doctor, struct err *err)
{
	char services[] = EXEMPT_SERVICES;
	struct pam_stack stack;
	char *rest = services, *service;

	while ((service = strsep(&rest, ","))) {
		int r = pam_stack_read(pam_directories, service, service, &stack, err);
		if (r == 0 && !*stack.file && is_used_without_file(service))
			r = pam_stack_read(pam_directories, "other", service, &stack, err);
		if (r < 0)
			doctor_failed(doctor, service, err);
		else if (*stack.file && !stack.contains)
			found_missing(doctor, service, &stack);
		else if (*stack.after)
			found_not_last(doctor, service, &stack);
	}
	return 0;
}

/* ---- sshd ---- */

int doctor_sshd(struct doctor *doctor, struct err *err)
{
	static char *const argv[] = { "/usr/sbin/sshd", "-T", NULL };
	static const struct finding finding = { .level = DOCTOR_PROBLEM,
		.what = "sshd does not use PAM.",
		.why = "It opens no session then, and confines nobody. Reload it afterwards.",
		.command = "echo 'UsePAM yes' >/etc/ssh/sshd_config.d/00-contain.conf" };
	cleanup_free char *settings = NULL;

	if (access(argv[0], X_OK) < 0)
		return 0;
	int r = child_capture(argv, OUTPUT_MAX, &settings, err);
	if (r == 0 && !strstr(settings, "\nusepam yes\n"))
		doctor_found(doctor, &finding);
	return r;
}
