/* SPDX-License-Identifier: MIT */
#include "containctl/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const struct check {
	const char *name;
	int (*look)(struct doctor *doctor, struct err *err);
} checks[] = {
	{ "policy", doctor_policy },
	{ "pam", doctor_pam },
	{ "sshd", doctor_sshd },
	{ "user-manager", doctor_user_manager },
	{ "linger", doctor_linger },
	{ "mail", doctor_mail },
	{ "network", doctor_network },
	{ "images", doctor_images },
};

#define CHECKS	     (sizeof(checks) / sizeof(checks[0]))
#define JSON_VERSION 1

static const char *level_name(enum doctor_level level)
{
	return level == DOCTOR_PROBLEM ? "problem" : "hint";
}

static void print_json(struct doctor *doctor, const struct finding *finding)
{
	json_object(doctor->json, NULL);
	json_string(doctor->json, "level", level_name(finding->level));
	json_string(doctor->json, "check", doctor->check);
	json_string(doctor->json, "about", finding->about);
	json_string(doctor->json, "what", finding->what);
	json_string(doctor->json, "why", finding->why);
	json_string(doctor->json, "command", finding->command);
	json_end(doctor->json);
}

static void print_text(const struct doctor *doctor, const struct finding *finding)
{
	printf("%s: %s: %s%s%s\n", level_name(finding->level), doctor->check, finding->about ?: "",
	    finding->about ? ": " : "", finding->what);
	if (finding->why)
		printf("  %s\n", finding->why);
	if (finding->command)
		printf("    %s\n", finding->command);
}

void doctor_found(struct doctor *doctor, const struct finding *finding)
{
	if (finding->level == DOCTOR_PROBLEM)
		doctor->problems++;
	else
		doctor->hints++;
	if (doctor->json)
		print_json(doctor, finding);
	else
		print_text(doctor, finding);
}

void doctor_failed(struct doctor *doctor, const char *about, struct err *err)
{
	const struct finding finding = { .level = DOCTOR_PROBLEM,
		.about = about,
		.what = err->text,
		.why = "This could not be looked at." };

	doctor_found(doctor, &finding);
	err_clear(err);
}

static void look(struct doctor *doctor, const struct check *check)
{
	struct err err = ERR_INIT;

	doctor->check = check->name;
	if (check->look(doctor, &err) < 0)
		doctor_failed(doctor, NULL, &err);
}

static void begin_json(struct json *json)
{
	json_object(json, NULL);
	json_int(json, "version", JSON_VERSION);
	json_array(json, "checks");
	for (size_t i = 0; i < CHECKS; i++)
		json_string(json, NULL, checks[i].name);
	json_end(json);
	json_array(json, "findings");
}

static void end_json(struct json *json)
{
	json_end(json);
	json_end(json);
	putchar('\n');
}

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void print_sum(const struct doctor *doctor)
{
	printf("%u problem%s, %u hint%s; looked at:", doctor->problems, plural(doctor->problems),
	    doctor->hints, plural(doctor->hints));
	for (size_t i = 0; i < CHECKS; i++)
		printf("%s %s", i ? "," : "", checks[i].name);
	puts(".");
}

int command_doctor(struct ctl *ctl, struct err *err)
{
	struct json json = json_start(stdout);
	struct doctor doctor = { .ctl = ctl, .json = ctl->json ? &json : NULL };

	if (geteuid() != 0)
		return err_say(
		    err, EPERM, "doctor looks at files that only root can read: run it as root");
	if (doctor.json)
		begin_json(&json);
	for (size_t i = 0; i < CHECKS; i++)
		look(&doctor, &checks[i]);
	if (doctor.json)
		end_json(&json);
	else
		print_sum(&doctor);
	return doctor.problems ? CODE_FAILED : CODE_OK;
}
