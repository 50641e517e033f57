/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/policy/parse.h"

/* One of the words behind the second colon. */
static int apply_option(const char *word, bool *ro, bool *rw, bool *idmap, struct err *err)
{
	if (strcmp(word, "ro") == 0)
		*ro = true;
	else if (strcmp(word, "rw") == 0)
		*rw = true;
	else if (strcmp(word, "idmap") == 0)
		*idmap = true;
	else
		return err_say(err, EINVAL,
		    "\"%.128s\" is not an option of a volume: use ro, rw or idmap", word);
	return 0;
}

static int apply_options(const char *options, struct spec_volume *volume, struct err *err)
{
	bool ro = false, rw = false, idmap = false;
	char word[32];
	int r = 0;

	while (r == 0 && options) {
		if (parse_field(&options, ',', word, sizeof(word)) < 0)
			return err_say(
			    err, EINVAL, "\"%.32s...\" is too long for an option", options);
		r = apply_option(word, &ro, &rw, &idmap, err);
	}
	if (r == 0 && ro && rw)
		r = err_say(err, EINVAL, "ro and rw contradict each other");
	volume->readonly = ro;
	volume->idmap = idmap;
	return r;
}

void parse_volume_done(struct spec_volume *volume)
{
	free(volume->source);
	free(volume->target);
	*volume = (struct spec_volume){ .source = NULL };
}

int parse_volume(const char *text, struct spec_volume *ret, struct err *err)
{
	struct spec_volume volume = { .source = NULL };
	char source[PATH_MAX], target[PATH_MAX] = "";
	const char *rest = text;

	if (parse_field(&rest, ':', source, sizeof(source)) < 0 ||
	    (rest && parse_field(&rest, ':', target, sizeof(target)) < 0))
		return err_say(err, ENAMETOOLONG, "\"%.32s...\" is too long for a path", text);
	if (!*source || !*target)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a volume: use SRC:DST or SRC:DST:ro, as in "
		    "/srv/data:/data:ro",
		    text);
	int r = apply_options(rest, &volume, err);
	if (r == 0)
		r = parse_target(target, &volume.target, err);
	if (r < 0)
		return r;
	volume.source = strdup(source);
	if (!volume.source) {
		parse_volume_done(&volume);
		return err_sys(err, ENOMEM, "cannot keep a volume");
	}
	*ret = volume;
	return 0;
}
