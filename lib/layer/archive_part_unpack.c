/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fd.h"
#include "lib/layer/archive_part_entry.h"
#include "lib/layer/archive_part_place.h"
#include "lib/layer/archive_part_stream.h"

/* A tar archive ends with zeros, at least one block of them. */
#define BLOCK 512

int unpack_count(struct unpack *unpack, struct err *err)
{
	if (unpack->entries >= unpack->task->entries_max)
		return err_say(err, E2BIG, "the archive has more than %llu entries, the limit",
		    (unsigned long long)unpack->task->entries_max);
	unpack->entries++;
	if (unpack->task->entries)
		atomic_store_explicit(unpack->task->entries, unpack->entries, memory_order_relaxed);
	return 0;
}

/*
 * libarchive warns of names that are not ASCII, and hands them over byte by byte, as file systems
 * have them (archive_part.c). Any other warning is about something that it leaves out.
 */
static bool is_harmless(struct archive *archive)
{
	return strstr(archive_complaint(archive), "can't be converted from") != NULL;
}

/* Returns 1 at the end. */
static int next(struct unpack *unpack, struct archive_entry **ret, struct err *err)
{
	struct archive *archive = unpack->archive;
	int64_t before = archive_filter_bytes(archive, 0);
	int r = archive_read_next_header(archive, ret);

	if (r == ARCHIVE_OK || (r == ARCHIVE_WARN && is_harmless(archive)))
		return 0;
	if (r != ARCHIVE_EOF)
		return err_say(err, EINVAL, "after entry %llu of the archive: %s",
		    (unsigned long long)unpack->entries, archive_complaint(archive));
	if (unpack->entries && unpack->task->need_end &&
	    archive_filter_bytes(archive, 0) - before < BLOCK)
		return err_say(err, EINVAL, "the archive ends without its end: it was cut off");
	return 1;
}

static int unpack_all(struct unpack *unpack, struct err *err)
{
	struct archive_entry *entry = NULL;
	int r;

	while ((r = next(unpack, &entry, err)) == 0) {
		r = unpack_count(unpack, err);
		if (r == 0)
			r = entry_unpack(unpack, entry, err);
		if (r < 0)
			return r;
		/* What was not read of it, so that next() sees where it ended. */
		if (archive_read_data_skip(unpack->archive) < ARCHIVE_WARN)
			return err_say(err, EINVAL, "after entry %llu of the archive: %s",
			    (unsigned long long)unpack->entries,
			    archive_complaint(unpack->archive));
	}
	return r < 0 ? r : 0;
}

/* An archive need not have an entry for its root. */
static int start(struct unpack *unpack, struct err *err)
{
	const struct attributes plain = { .mode = 0755 };

	if (archive_read_support_format_tar(unpack->archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(unpack->archive) != ARCHIVE_OK)
		return err_say(err, EOPNOTSUPP, "libarchive was built without tar");
	return place_note(unpack, "", &plain, err);
}

static void done(struct unpack *unpack)
{
	for (size_t i = 0; i < unpack->directory_count; i++)
		free(unpack->directories[i].path);
	free(unpack->directories);
	fd_close(unpack->parent);
}

int archive_unpack(const struct archive_unpacking *task, struct err *err)
{
	static struct unpack unpack;
	struct archive_stream stream;

	unpack = (struct unpack){ .task = task, .parent = -1 };
	unpack.archive = archive_stream_new(&stream, task->in, err);
	if (!unpack.archive)
		return -err->code;
	int r = start(&unpack, err);
	if (r == 0)
		r = archive_stream_open(unpack.archive, &stream, err);
	if (r == 0)
		r = unpack_all(&unpack, err);
	if (r == 0)
		r = place_finish(&unpack, err);
	if (r == 0)
		r = archive_stream_drain(&stream, err);
	archive_stream_done(unpack.archive, &stream);
	done(&unpack);
	return r;
}
