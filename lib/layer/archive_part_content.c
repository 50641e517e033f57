/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part_content.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/layer/archive_part_stream.h"

/* So many zeros, at a multiple of this, are worth a hole. */
#define HOLE ((size_t)65536)

static bool is_zero(const char *data, size_t size)
{
	return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static int write_at(int fd, const char *data, size_t size, int64_t offset)
{
	while (size > 0) {
		ssize_t n = pwrite(fd, data, size, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
		offset += n;
	}
	return 0;
}

/* Up to the next zeros that can be left out. */
static size_t length_to_write(const char *data, size_t size, int64_t offset)
{
	size_t at = (HOLE - (size_t)(offset % (int64_t)HOLE)) % HOLE;

	while (at + HOLE <= size && !is_zero(data + at, HOLE))
		at += HOLE;
	return at + HOLE <= size ? at : size;
}

/* *end becomes where the last byte is that has been written. */
static int write_block(int fd, const char *data, size_t size, int64_t offset, int64_t *end)
{
	while (size > 0) {
		size_t length = length_to_write(data, size, offset);
		int r = write_at(fd, data, length, offset);
		if (r < 0)
			return r;
		*end = length ? offset + (int64_t)length : *end;
		size_t skip = length < size ? length + HOLE : length;
		data += skip;
		size -= skip;
		offset += (int64_t)skip;
	}
	return 0;
}

int content_write(struct archive *archive, int fd, int64_t size, const char *shown, struct err *err)
{
	const void *data;
	size_t length;
	la_int64_t offset;
	int64_t end = 0;
	int r;

	while ((r = archive_read_data_block(archive, &data, &length, &offset)) == ARCHIVE_OK) {
		if (offset < 0 || offset > size || (int64_t)length > size - offset)
			return err_say(
			    err, EINVAL, "%s: its content is longer than it says", shown);
		int written = length ? write_block(fd, data, length, offset, &end) : 0;
		if (written < 0)
			return err_sys(err, -written, "%s: cannot write it", shown);
	}
	if (r != ARCHIVE_EOF)
		return err_say(err, EINVAL, "%s: %s", shown, archive_complaint(archive));
	if (end < size && ftruncate(fd, size) < 0)
		return err_sys(err, errno, "%s: cannot give it its size", shown);
	return 0;
}
