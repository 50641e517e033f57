/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_attributes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/layer/archive_part_name.h"

static int check_owner(const char *what, int64_t id, const char *shown, struct err *err)
{
	if (id >= 0 && id <= ARCHIVE_ID_MAX)
		return 0;
	return err_say(err, EINVAL, "%s: its %s is %lld, and not from 0 to %d", shown, what,
	    (long long)id, ARCHIVE_ID_MAX);
}

int attributes_read(
    struct archive_entry *entry, const char *shown, struct attributes *ret, struct err *err)
{
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	long nanoseconds = archive_entry_mtime_nsec(entry);
	int r = check_owner("user", uid, shown, err);

	if (r == 0)
		r = check_owner("group", gid, shown, err);
	if (r < 0)
		return r;
	*ret = (struct attributes){ .uid = (uid_t)uid,
		.gid = (gid_t)gid,
		.mode = archive_entry_perm(entry) & 07777,
		.changed = { archive_entry_mtime(entry),
		    nanoseconds >= 0 && nanoseconds < 1000000000 ? nanoseconds : 0 } };
	return 0;
}

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

enum verdict { SET, SKIP, REFUSE };

/*
 * Labels and ACLs are of the system on which the archive was made. What overlayfs looks at is
 * ours to say: with user.overlay.* an archive could have files of lower layers appear elsewhere.
 */
static enum verdict judge(const char *name)
{
	if (strcmp(name, "security.selinux") == 0 || begins(name, "system.posix_acl_"))
		return SKIP;
	if (strcmp(name, "security.capability") == 0)
		return SET;
	return begins(name, "user.") && !begins(name, "user.overlay.") ? SET : REFUSE;
}

bool attributes_has_extended(struct archive_entry *entry)
{
	return archive_entry_xattr_count(entry) > 0;
}

static int set_one(
    int fd, const char *name, const void *value, size_t size, const char *shown, struct err *err)
{
	char attribute[128];
	enum verdict verdict = judge(name);

	if (verdict == SKIP)
		return 0;
	name_show(name, attribute, sizeof(attribute));
	if (verdict == REFUSE)
		return err_say(err, EPERM,
		    "%s: the extended attribute %s is not possible in an image", shown, attribute);
	if (fd < 0)
		return err_say(err, EPERM,
		    "%s: a file of this type has no extended attribute such as %s", shown,
		    attribute);
	if (fsetxattr(fd, name, value, size, 0) < 0)
		return err_sys(
		    err, errno, "%s: cannot set the extended attribute %s", shown, attribute);
	return 0;
}

int attributes_extended(struct archive_entry *entry, int fd, const char *shown, struct err *err)
{
	const char *name;
	const void *value;
	size_t size;
	int r = 0;

	if (archive_entry_xattr_reset(entry) == 0)
		return 0;
	while (r == 0 && archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK)
		r = set_one(fd, name ?: "", value, size, shown, err);
	return r;
}

int attributes_of_file(int fd, const struct attributes *attributes)
{
	const struct timespec times[2] = { attributes->changed, attributes->changed };

	/* It was made by user 0 and group 0, below directories that are that for now, too. */
	if ((attributes->uid || attributes->gid) &&
	    fchown(fd, attributes->uid, attributes->gid) < 0)
		return -errno;
	/* Writing and a change of the owner take these bits away. */
	if (attributes->mode & 07000 && fchmod(fd, attributes->mode) < 0)
		return -errno;
	return futimens(fd, times) < 0 ? -errno : 0;
}
