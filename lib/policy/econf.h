/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_ECONF_H
#define CONTAIN_POLICY_ECONF_H

#include "lib/base/err.h"
#include "lib/policy/econf_part.h"

/* libeconf, loaded with the first file that is read. */
struct econf {
	const char *libexec_dir; /* absolute; holds contain-policy.so */
	void *part;		 /* for dlclose(3) */
	econf_values_fn *values;
};

/*
 * Fill in the values of the keys in `values`, as contain_policy_values() does, from `text`, which
 * is what scan_text() has made. Returns 0 or -errno.
 */
int econf_read(struct econf *econf, const char *text, struct econf_value *values, size_t count,
    struct err *err);

/* Unload it, so that nothing of it stays in a process that lives on. Harmless twice. */
void econf_unload(struct econf *econf);

#endif
