/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_LAYER_PUMP_H
#define CONTAIN_LAYER_PUMP_H

/*
 * Moves the bytes of a layer between the processes that take it apart (layer.h), and hashes them as
 * they pass: blob -> decompressor -> unpacker. It looks at their number only. What is hashed is
 * what is read, so that neither of these processes can have another content seem to be the right
 * one.
 */

#include <stdbool.h>

#include "lib/layer/archive_part.h"
#include "lib/layer/layer.h"

struct pump {
	/* Descriptors: the blob, which stays the caller's and is read as soon as poll(2) says so;
	 * the others are pipes, which pump_run() closes. */
	int blob, to_decompressor, from_decompressor, to_unpacker;
	const struct archive_part *part;
	const struct layer_limits *limits;
	struct layer_progress *progress; /* NULL: nobody looks */
};

/* Why it has ended before the end, so that the caller knows whose error counts. */
enum pump_end { PUMP_WHOLE, PUMP_FAILED, PUMP_DECOMPRESSOR_ENDED, PUMP_UNPACKER_ENDED };

struct pump_result {
	enum pump_end end;
	struct digest blob, diff_id; /* PUMP_WHOLE */
};

/* As large as a pipe gets without privileges: pipe(7). */
#define PUMP_PIPE_SIZE (1 << 20)

/*
 * Run until the blob has been read and everything that came of it was passed on, or until one of
 * the processes has gone. SIGPIPE must be ignored. Returns 0 with ret->end, also where a process
 * ended early; or -errno (and PUMP_FAILED): a limit was reached, or something cannot be read.
 */
int pump_run(struct pump *pump, struct pump_result *ret, struct err *err);

#endif
