/* SPDX-License-Identifier: MIT */
#include "lib/kernel/account_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/str.h"
#include "lib/kernel/accounts.h"
#include "lib/kernel/private_file.h"

#define SYSTEM_IDS 1000u /* accounts below are the system's, in every distribution */
#define NOBODY	   65534u

/* One entry of either file, as far as both are alike. Points into the text. */
struct account_line {
	const char *line;
	int length;
	int name_length;
	uint64_t id; /* of the user, or of the group; UINT64_MAX if it is none */
};

/* "name:password:id:...". Returns false at the end of the text. */
static bool next_entry(const char **text, struct account_line *ret)
{
	char number[16];

	if (!*text || !**text)
		return false;
	*ret = (struct account_line){ .line = *text, .length = (int)strcspn(*text, "\n") };
	*text += ret->length + ((*text)[ret->length] == '\n');
	ret->name_length = (int)strcspn(ret->line, ":\n");
	ret->id = UINT64_MAX;
	const char *end = ret->line + ret->length, *id = ret->line;
	for (int colons = 0; id < end && colons < 2; id++)
		colons += *id == ':';
	size_t digits = strspn(id, "0123456789");
	if (id < end && digits > 0 && digits < sizeof(number) && id[digits] == ':') {
		snprintf(number, sizeof(number), "%.*s", (int)digits, id);
		(void)str_to_u64(number, UINT32_MAX, &ret->id);
	}
	return true;
}

static bool has_name(const struct account_line *entry, const char *name)
{
	return name && (int)strlen(name) == entry->name_length &&
	       strncmp(entry->line, name, (size_t)entry->name_length) == 0;
}

static bool is_kept(const struct account_line *entry, bool system_only)
{
	return entry->name_length > 0 && entry->id != UINT64_MAX &&
	       (!system_only || entry->id < SYSTEM_IDS || entry->id == NOBODY);
}

/* What would break the format does not get into it: there the field is empty. */
static const char *field(const char *text)
{
	return text && !strpbrk(text, ":\n") ? text : "";
}

int account_files_passwd(
    const struct account *account, const char *text, bool system_only, char **ret)
{
	struct account_line entry;
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	while (next_entry(&text, &entry))
		if (is_kept(&entry, system_only) && entry.id != account->uid &&
		    !has_name(&entry, account->name))
			fprintf(out, "%.*s\n", entry.length, entry.line);
	fprintf(out, "%s:x:%u:%u:%s:%s:%s\n", field(account->name), account->uid, account->gid,
	    field(account->gecos), field(account->home), field(account->shell));
	return str_stream_take(out, &made, ret);
}

static bool is_of_account(const struct account *account, const struct account_line *entry)
{
	for (size_t i = 0; i < account->group_count; i++)
		if (account->groups[i] == entry->id || has_name(entry, account->group_names[i]))
			return true;
	return false;
}

/* "name:password:gid:" of a group of the root that the account is not in. Who else is in it is left
 * out: of a host they are other people, and of a directory nobody who is there. */
static void print_group(FILE *out, const struct account_line *entry, bool with_members)
{
	int colons = 0, length = 0;

	while (length < entry->length && colons < 3)
		colons += entry->line[length++] == ':';
	fprintf(out, "%.*s\n", with_members ? entry->length : length, entry->line);
}

int account_files_group(
    const struct account *account, const char *text, bool system_only, char **ret)
{
	struct account_line entry;
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	while (next_entry(&text, &entry))
		if (is_kept(&entry, system_only) &&
		    (entry.id == 0 || !is_of_account(account, &entry)))
			print_group(out, &entry, !system_only);
	for (size_t i = 0; i < account->group_count; i++) {
		const char *name = field(account->group_names[i]);
		/* Group 0 of the host is not the jail's: see idmap_of_account(). */
		if (account->groups[i] == 0)
			continue;
		if (*name)
			fprintf(
			    out, "%s:x:%u:%s\n", name, account->groups[i], field(account->name));
		else
			fprintf(out, "group-%u:x:%u:%s\n", account->groups[i], account->groups[i],
			    field(account->name));
	}
	return str_stream_take(out, &made, ret);
}

static int mount_one(const struct rootfs *rootfs, const char *path,
    int (*make)(const struct account *account, const char *text, bool system_only, char **ret),
    struct err *err)
{
	cleanup_free char *text = NULL, *made = NULL;
	int r = accounts_read(rootfs->root, path, &text, err);

	if (r < 0)
		return r;
	r = make(rootfs->account, text, rootfs->spec->source == ROOT_HOST, &made);
	if (r < 0)
		return err_sys(err, -r, "cannot make /%s", path);
	return private_file_put(rootfs, made, path, err);
}

int account_files_mount(const struct rootfs *rootfs, struct err *err)
{
	int r = mount_one(rootfs, "etc/passwd", account_files_passwd, err);

	return r < 0 ? r : mount_one(rootfs, "etc/group", account_files_group, err);
}
