/* SPDX-License-Identifier: MIT */
#include "lib/image/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/image/hash_digest.h"

/* From one descriptor to the next. */
struct hose {
	int *from, *to; /* of the pump; -1 once it is done with */
	bool close_from;
	char *buffer;
	size_t start, end; /* what is in it */
	uint64_t bytes;	   /* that were read until now */
	struct archive_hash *hash;
	_Atomic uint64_t *shown;
	enum pump_end if_gone; /* whoever reads */
};

enum { COMPRESSED, PLAIN, HOSES };

#define ENDS ((size_t)2) /* of a hose */

static int start(struct hose *hose, const struct pump *pump, struct err *err)
{
	hose->buffer = malloc(PUMP_PIPE_SIZE);
	hose->hash = pump->part->hash_new();
	if (!hose->buffer || !hose->hash)
		return err_sys(err, ENOMEM, "cannot read the layer");
	int flags = fcntl(*hose->to, F_GETFL);
	if (flags < 0 || fcntl(*hose->to, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(err, errno, "cannot make a pipe non-blocking");
	return 0;
}

static void stop(struct hose *hose, const struct pump *pump)
{
	free(hose->buffer);
	pump->part->hash_end(hose->hash, NULL);
}

static void end_of_input(struct hose *hose)
{
	if (hose->close_from)
		fd_close(*hose->from);
	*hose->from = -1;
	/* Empty, so that whoever reads there has had all. */
	*hose->to = fd_close(*hose->to);
}

static bool is_later(int errnum)
{
	return errnum == EAGAIN || errnum == EINTR;
}

/* Into an empty buffer. */
static int fill(struct hose *hose, const struct pump *pump, struct err *err)
{
	ssize_t n = read(*hose->from, hose->buffer, PUMP_PIPE_SIZE);

	if (n < 0)
		return is_later(errno) ? 0 : err_sys(err, errno, "cannot read the layer");
	if (n == 0) {
		end_of_input(hose);
		return 0;
	}
	pump->part->hash_add(hose->hash, hose->buffer, (size_t)n);
	hose->start = 0;
	hose->end = (size_t)n;
	hose->bytes += (uint64_t)n;
	if (hose->shown)
		atomic_store_explicit(hose->shown, hose->bytes, memory_order_relaxed);
	return 0;
}

/* Returns 1 where nobody reads any more. */
static int drain(struct hose *hose, struct err *err)
{
	ssize_t n = write(*hose->to, hose->buffer + hose->start, hose->end - hose->start);

	if (n < 0 && errno == EPIPE)
		return 1;
	if (n < 0)
		return is_later(errno) ? 0 : err_sys(err, errno, "cannot pass the layer on");
	hose->start += (size_t)n;
	return 0;
}

static bool is_empty(const struct hose *hose)
{
	return hose->start == hose->end;
}

/* A few kilobytes can become terabytes: the two together let an ordinary layer be compressed as
 * well as can be. */
static int check_limits(
    const struct hose *hoses, const struct layer_limits *limits, struct err *err)
{
	uint64_t in = hoses[COMPRESSED].bytes, out = hoses[PLAIN].bytes, most;

	if (out > limits->tar_bytes)
		return err_say(err, EFBIG,
		    "the layer's archive is larger than %llu bytes, the limit",
		    (unsigned long long)limits->tar_bytes);
	if (__builtin_mul_overflow(in, limits->ratio, &most) ||
	    __builtin_add_overflow(most, limits->free_bytes, &most))
		return 0;
	if (out > most)
		return err_say(err, EFBIG,
		    "the layer becomes more than %u times as large as it is, and more than %llu "
		    "bytes: that is the limit",
		    limits->ratio, (unsigned long long)limits->free_bytes);
	return 0;
}

/* What a hose waits for: to be filled, to be emptied, or that whoever reads is gone. */
static void ask(const struct hose *hose, struct pollfd ask[ENDS])
{
	ask[0] = (struct pollfd){ .fd = is_empty(hose) ? *hose->from : -1, .events = POLLIN };
	ask[1] = (struct pollfd){ .fd = *hose->to, .events = is_empty(hose) ? 0 : POLLOUT };
}

static int move(
    struct hose *hose, const struct pump *pump, const struct pollfd answer[ENDS], struct err *err)
{
	if (answer[1].revents & POLLERR)
		return 1;
	if (answer[0].revents) {
		int r = fill(hose, pump, err);
		if (r < 0 || is_empty(hose))
			return r;
		return drain(hose, err);
	}
	return answer[1].revents && !is_empty(hose) ? drain(hose, err) : 0;
}

/* One round; *end is set where a process has gone. */
static int turn(struct hose *hoses, const struct pump *pump, enum pump_end *end, struct err *err)
{
	struct pollfd polls[ENDS * HOSES];

	for (int i = 0; i < HOSES; i++)
		ask(&hoses[i], &polls[ENDS * i]);
	if (poll(polls, ENDS * HOSES, -1) < 0)
		return errno == EINTR ? 0 : err_sys(err, errno, "cannot wait for the layer");
	/* The last one first: if it has gone, that is why the others do. */
	for (int i = HOSES - 1; i >= 0; i--) {
		int r = move(&hoses[i], pump, &polls[ENDS * i], err);
		if (r < 0)
			return r;
		if (r > 0) {
			*end = hoses[i].if_gone;
			return 0;
		}
	}
	return check_limits(hoses, pump->limits, err);
}

static int run(struct hose *hoses, struct pump *pump, struct pump_result *ret, struct err *err)
{
	int r = 0;

	for (int i = 0; r == 0 && i < HOSES; i++)
		r = start(&hoses[i], pump, err);
	while (r == 0 && ret->end == PUMP_WHOLE &&
	       (*hoses[COMPRESSED].from >= 0 || *hoses[PLAIN].from >= 0))
		r = turn(hoses, pump, &ret->end, err);
	if (r == 0 && ret->end == PUMP_WHOLE) {
		hash_digest(pump->part, take_ptr(hoses[COMPRESSED].hash), &ret->blob);
		hash_digest(pump->part, take_ptr(hoses[PLAIN].hash), &ret->diff_id);
	}
	return r;
}

int pump_run(struct pump *pump, struct pump_result *ret, struct err *err)
{
	struct layer_progress *progress = pump->progress;
	int blob = pump->blob;
	struct hose hoses[HOSES] = {
		[COMPRESSED] = { .from = &blob,
		    .to = &pump->to_decompressor,
		    .shown = progress ? &progress->blob_bytes : NULL,
		    .if_gone = PUMP_DECOMPRESSOR_ENDED },
		[PLAIN] = { .from = &pump->from_decompressor,
		    .to = &pump->to_unpacker,
		    .close_from = true,
		    .shown = progress ? &progress->tar_bytes : NULL,
		    .if_gone = PUMP_UNPACKER_ENDED },
	};

	*ret = (struct pump_result){ .end = PUMP_WHOLE };
	int r = run(hoses, pump, ret, err);
	if (r < 0)
		ret->end = PUMP_FAILED;
	for (int i = 0; i < HOSES; i++)
		stop(&hoses[i], pump);
	pump->to_decompressor = fd_close(pump->to_decompressor);
	pump->from_decompressor = fd_close(pump->from_decompressor);
	pump->to_unpacker = fd_close(pump->to_unpacker);
	return r;
}
