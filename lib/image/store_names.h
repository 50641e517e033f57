/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_STORE_NAMES_H
#define CONTAIN_IMAGE_STORE_NAMES_H

#include <stdbool.h>

#include "lib/image/digest_set.h"
#include "lib/image/name.h"
#include "lib/image/store.h"

/* names/: each a symbolic link to a record in images/. */

/* The id that `file` in names/ leads to. Returns 0, -ENOENT without a message, or -errno. */
int store_name_read(
    const struct store *store, const char *file, struct digest *ret, struct err *err);

/*
 * What somebody calls `name`: an image by its name, whose file is returned, or by its id or the
 * first 12 digits of that or more; then
 * *ret_file is empty, and there may be no such image. -ENOENT without a message if nothing has the
 * name.
 */
int store_name_look_up(const struct store *store, const char *name, char ret_file[NAME_MAX + 1],
    struct digest *ret, struct err *err);

/* Let `file` lead to it from now on, whatever it led to before. Takes the lock of the names. */
int store_name_write(
    const struct store *store, const char *file, const struct digest *id, struct err *err);

/* Call `each` for every name, sorted, until it returns other than 0. */
int store_names_each(const struct store *store,
    int (*each)(void *data, const char *file, const struct digest *id, struct err *err), void *data,
    struct err *err);

/* The ids that have a name; to be freed with digest_set_done(). */
int store_names_ids(const struct store *store, struct digest_set *ret, struct err *err);

/*
 * Whoever gives an image a name or takes one away holds this lock meanwhile, so that what is taken
 * away is what was looked at. A descriptor that the caller closes, or -errno. Nobody waits for
 * another lock who has this one.
 */
int store_names_lock(const struct store *store, struct err *err);

/* How many names an image has. */
int store_names_of(
    const struct store *store, const struct digest *id, unsigned *ret_count, struct err *err);

#endif
