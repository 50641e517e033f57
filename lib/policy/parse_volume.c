/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/policy/parse.h"

char *parse_field(const char **text, char separator)
{
	char *field = malloc(strlen(*text) + 1);
	const char *in = *text;
	size_t used = 0;

	if (!field)
		return NULL;
	for (; *in && *in != separator; in++) {
		if (*in == '\\' && (in[1] == separator || in[1] == '\\'))
			in++;
		field[used++] = *in;
	}
	field[used] = '\0';
	*text = *in ? in + 1 : NULL;
	return field;
}

static int apply_options(char *options, struct spec_volume *volume, struct err *err)
{
	bool ro = false, rw = false, idmap = false;
	const struct {
		const char *word;
		bool *flag;
	} words[] = { { "ro", &ro }, { "rw", &rw }, { "idmap", &idmap } };
	char *word;

	while ((word = strsep(&options, ","))) {
		size_t i = 0;
		while (i < sizeof(words) / sizeof(words[0]) && strcmp(words[i].word, word) != 0)
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return err_say(err, EINVAL,
			    "\"%s\" is not an option of a volume: use ro, rw or idmap", word);
		*words[i].flag = true;
	}
	if (ro && rw)
		return err_say(err, EINVAL, "ro and rw contradict each other");
	volume->readonly = ro;
	volume->idmap = idmap;
	return 0;
}

void parse_volume_done(struct spec_volume *volume)
{
	free(volume->source);
	free(volume->target);
	*volume = (struct spec_volume){ .source = NULL };
}

int parse_volume(const char *text, struct spec_volume *ret, struct err *err)
{
	struct spec_volume volume = { .readonly = false };
	const char *rest = text;
	cleanup_free char *source = parse_field(&rest, ':');
	cleanup_free char *target = rest ? parse_field(&rest, ':') : NULL;
	cleanup_free char *path = NULL;

	if (!source || !target || !*source || !*target)
		return err_say(err, EINVAL,
		    "\"%s\" is not a volume: use SRC:DST or SRC:DST:ro, as in /srv/data:/data:ro",
		    text);
	if (strlen(source) >= PATH_MAX)
		return err_say(err, ENAMETOOLONG, "\"%.32s...\" is too long for a path", source);
	int r = parse_target(target, &path, err);
	if (r == 0 && rest) {
		cleanup_free char *options = strdup(rest);
		r = options ? apply_options(options, &volume, err)
			    : err_sys(err, ENOMEM, "cannot read a volume");
	}
	if (r < 0)
		return r;
	volume.source = take_ptr(source);
	volume.target = take_ptr(path);
	*ret = volume;
	return 0;
}
