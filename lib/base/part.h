/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_PART_H
#define CONTAIN_BASE_PART_H

#include "lib/base/err.h"

/*
 * Loadable parts: shared objects of our own with one entrance each, and the only code that links
 * the heavy libraries (libnl, libseccomp, libsystemd, libeconf, libwtmpdb). They are loaded where
 * they are needed, mostly into a child process that ends soon, so that nothing else pays for them.
 */

/*
 * Load `file` of the folder libexec_dir, an absolute path, and return the address of `symbol` in
 * it, NULL with an error. What dlclose(3) takes is returned in *ret_part, if ret_part is not NULL;
 * else the part stays loaded. Some libraries stay in any case (libsystemd since 257 is linked with
 * -z nodelete).
 */
void *part_load(const char *libexec_dir, const char *file, const char *symbol, void **ret_part,
    struct err *err);

#endif
