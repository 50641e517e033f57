/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* As much as a pipe holds. */
#define BUFFER_SIZE (1 << 20)

static ssize_t read_some(struct archive_stream *stream)
{
	ssize_t n;

	do
		n = read(stream->fd, stream->buffer, BUFFER_SIZE);
	while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t give(struct archive *archive, void *data, const void **ret)
{
	struct archive_stream *stream = data;
	ssize_t n = read_some(stream);

	if (n < 0)
		archive_set_error(archive, errno, "cannot read it");
	*ret = stream->buffer;
	return n;
}

struct archive *archive_stream_new(struct archive_stream *stream, int fd, struct err *err)
{
	struct archive *archive = archive_read_new();

	*stream = (struct archive_stream){ .fd = fd, .buffer = malloc(BUFFER_SIZE) };
	if (archive && stream->buffer)
		return archive;
	err_sys(err, ENOMEM, "cannot read the archive");
	archive_stream_done(archive, stream);
	return NULL;
}

int archive_stream_open(struct archive *archive, struct archive_stream *stream, struct err *err)
{
	if (archive_read_open(archive, stream, NULL, give, NULL) == ARCHIVE_OK)
		return 0;
	return err_say(err, EINVAL, "the archive: %s", archive_complaint(archive));
}

int archive_stream_drain(struct archive_stream *stream, struct err *err)
{
	ssize_t n;

	do
		n = read_some(stream);
	while (n > 0);
	return n < 0 ? err_sys(err, errno, "cannot read the archive") : 0;
}

void archive_stream_done(struct archive *archive, struct archive_stream *stream)
{
	if (archive)
		archive_read_free(archive);
	free(stream->buffer);
	stream->buffer = NULL;
}

const char *archive_complaint(struct archive *archive)
{
	const char *text = archive_error_string(archive);

	return text ?: "libarchive cannot read it and does not say why";
}
