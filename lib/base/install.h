/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_INSTALL_H
#define CONTAIN_BASE_INSTALL_H

#include <limits.h>

#include "lib/base/err.h"

/*
 * Where contain-init, the loadable parts and the data lie: beside this executable if contain-init
 * does, as in the directory in which it was built, else where `make install` puts them. Nothing of
 * the environment is asked: it is the caller's, and what is found here runs as root.
 */
int install_find(char libexec_dir[PATH_MAX], char data_dir[PATH_MAX], struct err *err);

#endif
