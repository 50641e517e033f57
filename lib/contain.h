/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_H
#define CONTAIN_H

/*
 * libcontain: the one header for programs.
 *
 *	argv or PAM items -> struct jail_spec (lib/policy) -> struct jail (lib/jail) -> exec
 *
 * The library returns errors (struct err) and never prints or exits.
 */

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/fd.h"
#include "lib/base/install.h"
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/image/apply.h"
#include "lib/image/digest.h"
#include "lib/image/digest_set.h"
#include "lib/image/export.h"
#include "lib/image/find.h"
#include "lib/pull/import.h"
#include "lib/layer/layer.h"
#include "lib/image/name.h"
#include "lib/pull/pull.h"
#include "lib/image/record.h"
#include "lib/pull/source.h"
#include "lib/image/store.h"
#include "lib/jail/control.h"
#include "lib/jail/enter.h"
#include "lib/jail/jail.h"
#include "lib/jail/serve.h"
#include "lib/policy/account.h"
#include "lib/policy/check.h"
#include "lib/policy/exempt.h"
#include "lib/policy/keys.h"
#include "lib/policy/load.h"
#include "lib/policy/parse.h"
#include "lib/policy/safe_open.h"
#include "lib/policy/spec.h"

#endif
