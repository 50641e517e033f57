/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_LAYERS_H
#define CONTAIN_POLICY_LAYERS_H

#include "lib/policy/file.h"
#include "lib/policy/loader.h"

/*
 * Policy files that have been read, in their order, before they are put over each other: only the
 * last one that says it knows which network is meant, and what the file of that network says comes
 * below it.
 */
struct layer {
	char *path;
	struct policy_file file; /* without problems */
};

struct layers {
	struct layer *items;
	size_t count;
};

/* Takes over *file. Returns 0 or -ENOMEM with a message; *file is the caller's then. */
int layers_add(struct layers *layers, const char *path, struct policy_file *file, struct err *err);

/*
 * Put them over each other, and the network's file in its place. `directory` is the policy
 * directory, or -1 where there is none. Returns 0 or -errno; the policy is then good for
 * policy_done() only.
 */
int layers_merge(const struct layers *layers, const struct policy_places *places, int directory,
    struct econf *econf, struct policy *policy, struct err *err);

void layers_done(struct layers *layers);

#endif
