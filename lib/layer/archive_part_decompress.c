/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_decompress.h"

#include <archive_entry.h>
#include <errno.h>

#include "lib/base/fd.h"
#include "lib/layer/archive_part_stream.h"

/* Nothing else: others are started as programs where libarchive was built without them. The empty
 * format is that of no bytes at all, which "raw" does not take. */
static int choose(struct archive *archive, struct err *err)
{
	if (archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(archive) != ARCHIVE_OK)
		return err_say(err, EOPNOTSUPP, "libarchive was built without gzip or zstd");
	return 0;
}

static int copy(struct archive *archive, int out, struct err *err)
{
	const void *data;
	size_t size;
	la_int64_t offset;
	int r;

	while ((r = archive_read_data_block(archive, &data, &size, &offset)) == ARCHIVE_OK) {
		int written = fd_write_all(out, data, size);
		if (written < 0)
			return err_sys(err, -written, "cannot pass on what was decompressed");
	}
	return r == ARCHIVE_EOF
		   ? 0
		   : err_say(err, EINVAL, "the archive: %s", archive_complaint(archive));
}

static int decompress(struct archive *archive, int out, struct err *err)
{
	struct archive_entry *entry;
	int r = archive_read_next_header(archive, &entry);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return err_say(err, EINVAL, "the archive: %s", archive_complaint(archive));
	/* A filter and what reads. libarchive would go on as long as it recognizes something: then
	 * what others hash is not what we unpack. */
	if (archive_filter_count(archive) > 2)
		return err_say(err, EINVAL, "the archive is compressed more than once");
	return copy(archive, out, err);
}

int archive_decompress(int in, int out, struct err *err)
{
	struct archive_stream stream;
	struct archive *archive = archive_stream_new(&stream, in, err);

	if (!archive)
		return -err->code;
	int r = choose(archive, err);
	if (r == 0)
		r = archive_stream_open(archive, &stream, err);
	if (r == 0)
		r = decompress(archive, out, err);
	if (r == 0)
		r = archive_stream_drain(&stream, err);
	archive_stream_done(archive, &stream);
	return r;
}
