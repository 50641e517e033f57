/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_CLEANUP_H
#define CONTAIN_BASE_CLEANUP_H

/*
 * Scope-bound ownership. A variable marked with one of these is released when it goes out of
 * scope; take_fd() and take_ptr() hand what it owns to somebody else and leave it empty.
 *
 *	cleanup_fd int fd = open(...);
 *	cleanup_free char *copy = strdup(...);
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/fd.h"

static inline void cleanup_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_fd_pointer(const int *fd)
{
	fd_close(*fd);
}

static inline void cleanup_file_pointer(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_dir_pointer(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_pointer)))
#define cleanup_fd   __attribute__((cleanup(cleanup_fd_pointer)))
#define cleanup_file __attribute__((cleanup(cleanup_file_pointer)))
#define cleanup_dir  __attribute__((cleanup(cleanup_dir_pointer)))

static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) *p_ = &(pointer);                                              \
		__typeof__(pointer) taken_ = *p_;                                                  \
		*p_ = NULL;                                                                        \
		taken_;                                                                            \
	})

#endif
