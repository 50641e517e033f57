/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/layer/archive_part_name.h"
#include "lib/layer/archive_part_place.h"

#define PREFIX ".wh."
#define META   ".wh..wh." /* of aufs itself */
#define OPAQUE ".wh..wh..opq"

static bool begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int refuse(const char *path, struct err *err)
{
	char shown[256];

	name_show(path, shown, sizeof(shown));
	return err_say(err, EINVAL, "%s: a whiteout that says no name", shown);
}

/* The last name in it; *ret_meta: one of the others belongs to aufs, with all that is below. */
static const char *last_name(const char *path, bool *ret_meta)
{
	*ret_meta = false;
	for (const char *slash; (slash = strchr(path, '/')); path = slash + 1)
		*ret_meta = *ret_meta || begins(path, META);
	return path;
}

static int make_opaque(struct unpack *unpack, const char *path, struct err *err)
{
	struct place place;
	int r = place_find(unpack, path, &place, err);

	place.name = NULL; /* not the mark, but what it is in */
	return r < 0 ? r : place_make_opaque(&place, err);
}

/* Something is there: the whiteout has come too late for what this layer has. A directory shows
 * nothing of the lower one then. */
static int keep(const struct place *place, struct err *err)
{
	struct stat st;

	if (fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%s: cannot look at it", place->shown);
	return S_ISDIR(st.st_mode) ? place_make_opaque(place, err) : 0;
}

static int make_whiteout(
    struct unpack *unpack, const char *path, const struct attributes *attributes, struct err *err)
{
	const struct timespec times[2] = { attributes->changed, attributes->changed };
	struct place place;
	int r = place_find(unpack, path, &place, err);

	if (r < 0)
		return r;
	if (mknodat(place.parent, place.name, S_IFCHR, 0) < 0)
		return errno == EEXIST
			   ? keep(&place, err)
			   : err_sys(err, errno, "%s: cannot make a whiteout", place.shown);
	if (utimensat(place.parent, place.name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%s: cannot set its time", place.shown);
	return 0;
}

int whiteout_unpack(struct unpack *unpack, const char *path, const struct attributes *attributes,
    bool *ret_done, struct err *err)
{
	char hidden[PATH_MAX];
	bool meta;
	const char *name = last_name(path, &meta);

	*ret_done = meta || begins(name, PREFIX);
	if (!*ret_done)
		return 0;
	if (!meta && strcmp(name, OPAQUE) == 0)
		return make_opaque(unpack, path, err);
	if (meta || begins(name, META))
		return 0;
	const char *of = name + strlen(PREFIX);
	if (!*of || strcmp(of, ".") == 0 || strcmp(of, "..") == 0)
		return refuse(path, err);
	memcpy(hidden, path, (size_t)(name - path));
	memcpy(hidden + (name - path), of, strlen(of) + 1);
	return make_whiteout(unpack, hidden, attributes, err);
}
