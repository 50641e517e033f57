/* SPDX-License-Identifier: MIT */
#include "lib/image/archive_part.h"

#include <errno.h>
#include <iconv.h>
#include <locale.h>

#include "lib/image/archive_part_decompress.h"
#include "lib/image/archive_part_hash.h"
#include "lib/image/archive_part_unpack.h"

/*
 * libarchive converts the names of pax archives, which are UTF-8, to the locale's character set:
 * with UTF-8 there they come through as they are. It asks the C library for a converter all the
 * same, which the first time reads a list of them from a file.
 */
static int prepare(struct err *err)
{
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return err_say(err, ENOENT,
		    "the locale C.UTF-8 is not there, which names of files need (libc-bin has it)");
	iconv_t converter = iconv_open("UTF-8", "UTF-8");
	if (converter != (iconv_t)-1) // NOLINT(performance-no-int-to-ptr): iconv_open(3)
		iconv_close(converter);
	return 0;
}

__attribute__((visibility("default"))) const struct archive_part contain_archive_part = {
	.hash_new = archive_hash_new,
	.hash_add = archive_hash_add,
	.hash_end = archive_hash_end,
	.prepare = prepare,
	.decompress = archive_decompress,
	.unpack = archive_unpack,
};
