/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_STORE_FILES_H
#define CONTAIN_IMAGE_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

/* What the files of the store have in common. */

/* A name in staging/ that nobody else has: "KIND-" and a random number. Process ids are no such
 * names, since containers that share a store have the same ones. */
#define STORE_PLACE_MAX 32
void store_place_name(const char *kind, char ret[STORE_PLACE_MAX]);

/* How often and how long to wait for somebody who has a lock only for a moment. */
#define STORE_TRIES 100
void store_pause(void); /* 10 ms */

/* Whether `name` in `directory` is still what `fd` has open. */
bool store_is_place_of(int directory, const char *name, int fd);

/* Make a new file with this text, mode 0600, and write it to the disk. Returns 0 or -errno. */
int store_write_file(
    int directory, const char *name, const char *text, size_t length, struct err *err);

/* The names in a directory, sorted, without those that begin with a dot; free with strv_free(). */
int store_list_directory(int directory, struct strv *ret, struct err *err);

#endif
