/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_IMAGE_RECORD_H
#define CONTAIN_IMAGE_RECORD_H

#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/image/digest.h"

/* More than any image has: overlayfs takes 500 layers (OVL_MAX_STACK of Linux). */
#define IMAGE_LAYERS_MAX 500

/*
 * What is kept of an image: which layers it is made of, and how its program is started. Lists own
 * their strings; image_done() frees them.
 */
struct image {
	struct digest id;	/* of its configuration, as docker has it */
	struct digest manifest; /* as the registry has it; "" for imported ones */
	char architecture[32];	/* in Go's words: "amd64", "arm64" */
	int64_t created;	/* seconds since 1970 when it came into the store */
	uint64_t size;		/* bytes of all layers, unpacked */
	struct digest *layers;	/* diffIDs, the lowest first */
	unsigned layer_count;
	/* Its configuration: OCI image specification, "config". */
	struct strv environment; /* "K=V" */
	struct strv entrypoint, command;
	char *workdir; /* NULL: none said */
	char *user;    /* USER|UID[:GROUP|GID]; NULL: none said */
};

/* Append a layer on top. Returns 0, -E2BIG or -ENOMEM with a message. */
int image_add_layer(struct image *image, const struct digest *diff_id, struct err *err);

/* Free what it owns; it is empty then. */
void image_done(struct image *image);

/*
 * As text: a line for each fact, "WORD VALUE", values with \\, \n and the like escaped as in C; a
 * first line with the version and a last line "end", without which it is not whole. Reading is
 * strict: what it does not know is refused. The text may come from a process that is not trusted.
 */
void image_record_write(const struct image *image, FILE *out);

/* Read what image_record_write() wrote. `text` is changed. *ret is written only on success; free it
 * with image_done(). Returns 0 or -EINVAL with the line that is wrong. */
int image_record_read(char *text, struct image *ret, struct err *err);

/* Longest text of a record that is read. */
#define IMAGE_RECORD_MAX (1 << 20)

#endif
