/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_FILE_H
#define CONTAIN_POLICY_FILE_H

#include "lib/base/err.h"
#include "lib/policy/account.h"
#include "lib/policy/econf.h"
#include "lib/policy/keys.h"
#include "lib/policy/problems.h"

/* One policy file, read and checked. */
struct policy_entry {
	const struct policy_key *key;
	char *name;  /* of a KEY_FREE row, which are free; else NULL */
	char *text;  /* the value as it stands in the file, without comment and quotes */
	char *value; /* the same with what %u and its like stand for; for policy_key_apply() */
	unsigned line;
};

struct policy_file {
	struct policy_entry *entries; /* those that are right, in the file's order */
	size_t count;
	struct problems problems; /* what is wrong with the others */
};

/*
 * Read what `fd` holds, a policy file (`use` is KEY_FILE) or one that describes a network
 * (KEY_NETWORK), which is safe_open_file()'s and stays the caller's; `path` is what messages
 * call it. Each value is tried on a spec of its own. Returns 0, also where there are problems, or
 * -errno where the file cannot be read or no part that reads it be loaded. The caller frees *ret
 * with policy_file_done().
 */
int policy_file_read(int fd, const char *path, unsigned use, const struct account *account,
    struct econf *econf, struct policy_file *ret, struct err *err);

void policy_file_done(struct policy_file *file);

#endif
