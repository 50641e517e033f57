/* SPDX-License-Identifier: MIT */
#include "lib/policy/specifier.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/cleanup.h"

/* What separates parts of values, quotes them, or ends a line. */
static bool has_separator(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || strchr(":,\\\"'\x7f", *text))
			return true;
	return false;
}

/* A name that becomes one component of a path, or a part of one. */
static bool is_plain_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       !has_separator(name);
}

/* A path below the root that goes nowhere else than it says. */
static bool is_plain_path(const char *path)
{
	size_t names = 0;

	if (*path != '/' || has_separator(path))
		return false;
	while (*path) {
		path += strspn(path, "/");
		size_t length = strcspn(path, "/");
		if ((length == 1 && *path == '.') || (length == 2 && memcmp(path, "..", 2) == 0))
			return false;
		names += length > 0;
		path += length;
	}
	return names > 0;
}

static int put_name(FILE *out, char letter, const char *what, const char *name, struct err *err)
{
	if (!is_plain_name(name))
		return err_say(err, EINVAL,
		    "%%%c stands for %s, and \"%.64s\" cannot be a part of a path", letter, what,
		    name);
	fputs(name, out);
	return 0;
}

static int put_one(FILE *out, char letter, const struct account *account, struct err *err)
{
	if (letter == '%') {
		fputc('%', out);
		return 0;
	}
	if (!letter || !strchr("uhUg", letter))
		return err_say(err, EINVAL,
		    "%%%.1s is not known: use %%u, %%h, %%U, %%g, or %%%% for a percent sign",
		    letter ? (char[]){ letter, '\0' } : "");
	if (!account)
		return err_say(err, EINVAL,
		    "%%%c stands for something of an account, and here there is none", letter);
	if (letter == 'u')
		return put_name(out, letter, "the account's name", account->name, err);
	if (letter == 'g')
		return put_name(out, letter, "the account's group", account->group, err);
	if (letter == 'h' && !is_plain_path(account->home))
		return err_say(err, EINVAL,
		    "%%h stands for the account's home, and \"%.64s\" cannot be used",
		    account->home);
	if (letter == 'h')
		fputs(account->home, out);
	else
		fprintf(out, "%u", account->uid);
	return 0;
}

int specifier_expand(const char *text, const struct account *account, char **ret, struct err *err)
{
	cleanup_free char *value = NULL;
	size_t size;
	FILE *out = open_memstream(&value, &size);
	int r = 0;

	if (!out)
		return err_sys(err, ENOMEM, "cannot keep a value");
	for (; r == 0 && *text; text++) {
		if (*text != '%') {
			fputc(*text, out);
			continue;
		}
		r = put_one(out, *++text, account, err);
		if (!*text)
			break;
	}
	if (fclose(out) != 0 && r == 0)
		r = err_sys(err, ENOMEM, "cannot keep a value");
	if (r == 0)
		*ret = take_ptr(value);
	return r;
}
