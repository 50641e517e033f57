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

static int refuse(const char *path, const char *why, struct err *err)
{
	char shown[256];

	name_show(path, shown, sizeof(shown));
	return err_say(err, EINVAL, "%s: %s", shown, why);
}

struct names {
	const char *last;
	bool below_meta, below_whiteout; /* what one of the others is */
};

static struct names look(const char *path)
{
	struct names names = { .last = path };

	for (const char *slash; (slash = strchr(names.last, '/')); names.last = slash + 1) {
		if (begins(names.last, META))
			names.below_meta = true;
		else if (begins(names.last, PREFIX))
			names.below_whiteout = true;
	}
	return names;
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
	const struct names names = look(path);
	const char *of = names.last + strlen(PREFIX);

	*ret_done = names.below_meta || begins(names.last, PREFIX);
	if (names.below_whiteout)
		return refuse(path, "it is below a whiteout", err);
	if (!*ret_done)
		return 0;
	if (!names.below_meta && strcmp(names.last, OPAQUE) == 0)
		return make_opaque(unpack, path, err);
	if (names.below_meta || begins(names.last, META))
		return 0;
	if (!*of || strcmp(of, ".") == 0 || strcmp(of, "..") == 0)
		return refuse(path, "a whiteout that says no name", err);
	memcpy(hidden, path, (size_t)(names.last - path));
	memcpy(hidden + (names.last - path), of, strlen(of) + 1);
	return make_whiteout(unpack, hidden, attributes, err);
}
