/* SPDX-License-Identifier: MIT */
#include "lib/policy/checker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/policy/exempt.h"
#include "lib/policy/loader.h"

const struct account checker_somebody = { .name = (char *)"user",
	.uid = EXEMPT_UID_MIN,
	.gid = EXEMPT_UID_MIN,
	.gecos = (char *)"",
	.home = (char *)"/home/user",
	.shell = (char *)"/bin/sh",
	.group = (char *)"group" };

/* A fault of a file that several accounts have is found with each of them. */
void checker_say(struct policy_check *check, bool warning, const char *text)
{
	for (size_t i = 0; i < check->said.count; i++)
		if (strcmp(check->said.items[i], text) == 0)
			return;
	(void)strv_add(&check->said, text);
	*(warning ? &check->warnings : &check->errors) += 1;
	check->report(check->data, warning, text);
}

void checker_warn(struct policy_check *check, const char *fmt, ...)
{
	struct err err = ERR_INIT;
	char text[sizeof(err.text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)err_say(&err, EINVAL, "%s", text);
	checker_say(check, true, err.text);
}

void checker_say_problems(struct policy_check *check, const struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		checker_say(check, false, problems->items[i].err.text);
}

int checker_found(struct policy_check *check, struct err *err)
{
	if (err->code == ENOMEM || err->code == ELIBACC)
		return -err->code;
	checker_say(check, false, err->text);
	err_clear(err);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int checker_list(int fd, const char *path, struct strv *ret, struct err *err)
{
	cleanup_dir DIR *listing = NULL;
	struct dirent *entry;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0 || !(listing = fdopendir(copy))) {
		int r = err_sys(err, errno, "%.256s", path);
		fd_close(copy);
		return r;
	}
	while ((entry = readdir(listing)))
		if (entry->d_name[0] != '.' && strv_add(ret, entry->d_name) < 0)
			return err_sys(err, ENOMEM, "%.256s", path);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), compare);
	return 0;
}

bool checker_entry_name(
    struct policy_check *check, const char *directory, const char *file, char *name)
{
	if (policy_file_name(file, name))
		return true;
	checker_warn(
	    check, "%s/%s: is not read, because its name does not end with .conf", directory, file);
	return false;
}
