/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "lib/layer/seal_internal.h"

#define TRUSTED_OPAQUE "trusted.overlay.opaque"

#define ATTRIBUTES_MAX 256

/* What security modules give every file on some hosts, and is none of a layer's. */
static const char *const host_labels[] = { "security.selinux", "security.SMACK64", "security.ima",
	"security.evm", "security.apparmor" };

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_host_label(const char *name)
{
	for (size_t i = 0; i < sizeof(host_labels) / sizeof(host_labels[0]); i++)
		if (strcmp(name, host_labels[i]) == 0)
			return true;
	return false;
}

static int read_value(struct seal *seal, int fd, const char *name, ssize_t *ret, struct err *err)
{
	*ret = fgetxattr(fd, name, seal->buffer, SEAL_BUFFER);
	return *ret < 0 ? seal_failed(seal, errno, err) : 0;
}

/* The unpacker cannot set what only root of the host can; so it leaves a mark that means the same
 * and that nobody else could have made, since archives must not have it. */
static int convert_opaque(struct seal *seal, int fd, struct err *err)
{
	if (fsetxattr(fd, TRUSTED_OPAQUE, "y", 1, XATTR_CREATE) < 0 ||
	    fremovexattr(fd, ARCHIVE_OPAQUE) < 0)
		return seal_failed(seal, errno, err);
	return 0;
}

static bool is_allowed(const struct seal *seal, const char *name, bool directory)
{
	if (strcmp(name, seal->what == SEAL_NEW ? ARCHIVE_OPAQUE : TRUSTED_OPAQUE) == 0)
		return directory;
	if (strcmp(name, "security.capability") == 0)
		return true;
	return begins(name, "user.") && !begins(name, "user.overlay.");
}

static int add_one(struct seal *seal, int fd, const char *name, bool directory, struct err *err)
{
	ssize_t size;

	if (is_host_label(name))
		return 0;
	if (!is_allowed(seal, name, directory))
		return seal_refuse(seal, err, "it has an extended attribute that no layer has");
	int r = read_value(seal, fd, name, &size, err);
	if (r < 0)
		return r;
	bool opaque = strcmp(name, ARCHIVE_OPAQUE) == 0 || strcmp(name, TRUSTED_OPAQUE) == 0;
	if (opaque && (size != 1 || seal->buffer[0] != 'y'))
		return seal_refuse(seal, err, "it has an extended attribute that no layer has");
	/* Under its last name in either case. */
	seal_add(seal, opaque ? TRUSTED_OPAQUE : name, strlen(opaque ? TRUSTED_OPAQUE : name));
	seal_add(seal, seal->buffer, (size_t)size);
	return strcmp(name, ARCHIVE_OPAQUE) == 0 ? convert_opaque(seal, fd, err) : 0;
}

/* Where ARCHIVE_OPAQUE is to be sorted depends on what it becomes. */
static const char *last_name(const char *name)
{
	return strcmp(name, ARCHIVE_OPAQUE) == 0 ? TRUSTED_OPAQUE : name;
}

static int compare(const void *a, const void *b)
{
	return strcmp(last_name(*(const char *const *)a), last_name(*(const char *const *)b));
}

static int add_all(
    struct seal *seal, int fd, const char *list, size_t size, bool directory, struct err *err)
{
	const char *names[ATTRIBUTES_MAX] = { NULL };
	size_t count = 0;
	int r = 0;

	for (size_t at = 0; at < size; at += strlen(list + at) + 1) {
		if (count == ATTRIBUTES_MAX)
			return seal_refuse(seal, err, "it has too many extended attributes");
		names[count++] = list + at;
	}
	qsort(names, count, sizeof(names[0]), compare);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_one(seal, fd, names[i], directory, err);
	return r;
}

/* The list is in the buffer, which the values need. */
static int add_listed(struct seal *seal, int fd, size_t size, bool directory, struct err *err)
{
	char *list = malloc(size);

	if (!list)
		return seal_failed(seal, ENOMEM, err);
	memcpy(list, seal->buffer, size);
	int r = add_all(seal, fd, list, size, directory, err);
	free(list);
	return r;
}

int seal_attributes(struct seal *seal, int fd, bool directory, struct err *err)
{
	ssize_t size = flistxattr(fd, seal->buffer, SEAL_BUFFER);

	if (size < 0 && errno != ENOTSUP)
		return seal_failed(seal, errno, err);
	int r = size > 0 ? add_listed(seal, fd, (size_t)size, directory, err) : 0;
	seal_add(seal, NULL, 0); /* no name: the end */
	return r;
}
