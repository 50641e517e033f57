/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_ARCHIVE_PART_STREAM_H
#define CONTAIN_LAYER_ARCHIVE_PART_STREAM_H

#include <archive.h>

#include "lib/base/err.h"

/* What libarchive reads: a pipe, and nothing that it could seek in or open again. */
struct archive_stream {
	int fd;
	char *buffer;
};

/* A reader without any format or filter; NULL with an error. */
struct archive *archive_stream_new(struct archive_stream *stream, int fd, struct err *err);

/* Let it begin to read. Returns 0 or -errno. */
int archive_stream_open(struct archive *archive, struct archive_stream *stream, struct err *err);

/* Read what is left, so that whoever writes can go on to the end. Returns 0 or -errno. */
int archive_stream_drain(struct archive_stream *stream, struct err *err);

void archive_stream_done(struct archive *archive, struct archive_stream *stream);

/* What libarchive complains of. */
const char *archive_complaint(struct archive *archive);

#endif
