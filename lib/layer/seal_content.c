/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/layer/seal_internal.h"

/*
 * In pieces that begin at multiples of their size: those of zeros only are left out, so that it
 * does not matter whether the disk has them or a hole, and a hole of terabytes takes no time.
 */
#define PIECE ((size_t)65536)

_Static_assert(SEAL_BUFFER % PIECE == 0, "pieces begin at multiples of their size");

static bool is_zero(const char *data, size_t size)
{
	return data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

static void add_pieces(struct seal *seal, size_t size, uint64_t offset)
{
	for (size_t at = 0, length; at < size; at += length) {
		length = size - at < PIECE ? size - at : PIECE;
		if (is_zero(seal->buffer + at, length))
			continue;
		seal_add_number(seal, offset + at);
		seal_add(seal, seal->buffer + at, length);
		seal->size += length;
	}
}

/* As much as there is, so that only the last piece is short. */
static ssize_t read_pieces(struct seal *seal, int fd, size_t size, off_t offset)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = pread(fd, seal->buffer + have, size - have, offset + (off_t)have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO; /* it was that long a moment ago */
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* Where the next piece with data begins; the end if there is none. */
static off_t skip_hole(int fd, off_t offset, off_t end)
{
	off_t data = lseek(fd, offset, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? end : offset;
	return data - data % (off_t)PIECE;
}

int seal_content(struct seal *seal, int fd, const struct stat *st, struct err *err)
{
	bool holes = st->st_blocks < st->st_size / 512;

	for (off_t offset = 0; offset < st->st_size;) {
		if (holes)
			offset = skip_hole(fd, offset, st->st_size);
		off_t left = st->st_size - offset;
		if (left <= 0)
			break;
		size_t size = left < SEAL_BUFFER ? (size_t)left : SEAL_BUFFER;
		ssize_t n = read_pieces(seal, fd, size, offset);
		if (n < 0)
			return seal_failed(seal, (int)-n, err);
		add_pieces(seal, size, (uint64_t)offset);
		offset += n;
	}
	seal_add_number(seal, UINT64_MAX); /* no offset: the end */
	return 0;
}
