/* SPDX-License-Identifier: MIT */
#include "lib/layer/archive_part.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>

#include "lib/layer/archive_part_decompress.h"
#include "lib/layer/archive_part_hash.h"
#include "lib/layer/archive_part_unpack.h"

/*
 * libarchive converts the names of pax archives, which are UTF-8, to the locale's character set,
 * and what it cannot convert it hands over as it is. That is what is wanted, byte by byte: to UTF-8
 * it would "convert" as well, composing characters, so that two names become one. So only ASCII can
 * be converted. The converter that it gets for that from the C library is loaded from files, the
 * first time.
 */
static int prepare(struct err *err)
{
	if (!setlocale(LC_CTYPE, "C"))
		return err_say(err, EINVAL, "cannot choose the locale C");
	iconv_t converter = iconv_open(nl_langinfo(CODESET), "UTF-8");
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
