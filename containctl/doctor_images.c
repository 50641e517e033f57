/* SPDX-License-Identifier: MIT */
/* Images that policy names: a login fetches none, so they have to be here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "containctl/doctor.h"

/* Of files, doctor_policy() tells. */
static void ignore(void *data, bool warning, const char *text)
{
	(void)data;
	(void)warning;
	(void)text;
}

/* Returns 0 or -errno with what is wrong. */
static int look_at(const char *name, struct err *err)
{
	const struct spec_root root = { .source = ROOT_IMAGE, .image = (char *)name };
	struct image image = { .layers = NULL };
	cleanup_fd int lock = -1;
	int r = image_find(&root, &image, &lock, err);

	/* A layer that is missing is no image that is missing. */
	if (r == 0 && image_check(&image, err) < 0)
		r = -EUCLEAN;
	image_done(&image);
	return r;
}

static void tell(struct doctor *doctor, const char *name, const char *file, unsigned line,
    int errnum, const struct err *err)
{
	char what[PATH_MAX + sizeof(err->text)], command[512];

	if (errnum == ENOENT)
		snprintf(what, sizeof(what), "%s:%u names it, and it is not on this machine.", file,
		    line);
	else
		snprintf(what, sizeof(what), "%s:%u names it: %s", file, line, err->text);
	snprintf(command, sizeof(command), "containctl image pull %s", name);
	/* By an id nothing can be pulled. */
	const struct finding finding = { .level = DOCTOR_PROBLEM,
		.about = name,
		.what = what,
		.why = "Logins that this is for are refused; none of them fetches an image.",
		.command = strncmp(name, "sha256:", strlen("sha256:")) == 0 ? NULL : command };
	doctor_found(doctor, &finding);
}

static void found_image(void *data, const char *name, const char *file, unsigned line)
{
	struct err err = ERR_INIT;
	int r = look_at(name, &err);

	if (r < 0)
		tell(data, name, file, line, -r, &err);
}

int doctor_images(struct doctor *doctor, struct err *err)
{
	struct policy_check check = { .places = &doctor->ctl->places,
		.report = ignore,
		.image = found_image,
		.data = doctor };
	int r = policy_check_all(&check, err);

	policy_check_done(&check);
	return r;
}
