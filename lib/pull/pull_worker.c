/* SPDX-License-Identifier: MIT */
#include "lib/pull/pull_worker.h"

#include <errno.h>
#include <time.h>

#include "lib/base/cleanup.h"

#define TRIES_MORE 3 /* after 1, 2 and 4 seconds */

struct worker {
	struct pull *pull;
	struct proxy proxy;
	bool connected;
};

static int connect_to_source(struct worker *worker, enum proxy_failure *failure, struct err *err)
{
	struct pull *pull = worker->pull;

	if (worker->connected)
		return 0;
	int r = proxy_open(&pull->options, pull->source.transport, &worker->proxy, err);
	worker->connected = r == 0;
	*failure = r == -EREMOTEIO && err ? proxy_failure_of(err->text) : PROXY_FAILED;
	return r;
}

static int unpack(const struct pull *pull, struct pull_layer *layer, int directory, int blob,
    struct layer_facts *ret, struct err *err)
{
	const struct layer_request request = { .blob = blob,
		.blob_digest = &layer->blob.digest,
		.diff_id = &layer->diff_id,
		.directory = directory,
		.limits = pull->request->limits,
		.progress = &layer->progress,
		.libexec_dir = pull->request->libexec_dir,
		.data_dir = pull->request->data_dir };
	struct layer_result result;
	int r = layer_unpack(&request, &result, err);

	if (r == 0)
		*ret = result.facts;
	return r;
}

/*
 * Two sides can know what was wrong. Where skopeo could not go on, that is the reason, and the
 * unpacker has only seen too little; where the unpacker did not want any more, skopeo has only
 * seen that nobody reads.
 */
static int transfer(struct worker *worker, struct pull_layer *layer, int directory,
    struct layer_facts *ret, enum proxy_failure *failure, struct err *err)
{
	struct proxy_blob blob = { -1 };
	struct err theirs = ERR_INIT;
	int r = connect_to_source(worker, failure, err);

	if (r == 0)
		r = proxy_begin_blob(&worker->proxy, &layer->blob, &blob, failure, err);
	if (r < 0)
		return r;
	r = unpack(worker->pull, layer, directory, blob.pipe, ret, err);
	int ended = proxy_end_blob(&worker->proxy, &blob, failure, &theirs);
	if (ended == 0 || (r < 0 && *failure == PROXY_LEFT)) {
		*failure = PROXY_FAILED;
		return r;
	}
	*err = theirs;
	return ended;
}

/* Begin again from nothing: the tree, what has been counted, and the connection. */
static int start_over(struct worker *worker, struct pull_layer *layer, int directory,
    unsigned seconds, struct err *err)
{
	const struct timespec pause = { .tv_sec = seconds };

	proxy_close(&worker->proxy);
	worker->connected = false;
	atomic_store(&layer->state, PULL_PAUSING);
	(void)nanosleep(&pause, NULL);
	atomic_store(&layer->progress.blob_bytes, 0);
	atomic_store(&layer->progress.tar_bytes, 0);
	atomic_store(&layer->progress.entries, 0);
	atomic_store(&layer->state, PULL_PULLING);
	err_clear(err);
	return store_remove_tree(directory, "tree", err);
}

static int pull_layer(struct worker *worker, unsigned index, struct err *err)
{
	struct pull_layer *layer = &worker->pull->layers[index];
	struct store_layer *place = &worker->pull->held[index];
	enum proxy_failure failure = PROXY_FAILED;
	struct layer_facts facts;
	int r = transfer(worker, layer, place->directory, &facts, &failure, err);

	for (unsigned i = 0; r < 0 && failure == PROXY_TRY_AGAIN && i < TRIES_MORE; i++) {
		r = start_over(worker, layer, place->directory, 1U << i, err);
		failure = PROXY_FAILED;
		if (r == 0)
			r = transfer(worker, layer, place->directory, &facts, &failure, err);
	}
	if (r == 0)
		r = store_publish_layer(worker->pull->store, place, &layer->diff_id, &facts, err);
	atomic_store(&layer->state, r < 0 ? PULL_FAILED : PULL_DONE);
	return r < 0 ? err_prefix(err, "layer %.12s", digest_hex(&layer->blob.digest)) : 0;
}

/* Ctrl-C at a terminal reaches all of its processes: the parent ends the others. */
static void leave_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

int pull_work(void *argument, struct err *err)
{
	struct worker worker = { .pull = argument, .proxy = PROXY_INIT };
	int r = 0;

	leave_signals();
	for (unsigned i = 0; r == 0 && i < worker.pull->count; i++) {
		int waiting = PULL_WAITING;
		if (atomic_compare_exchange_strong(
			&worker.pull->layers[i].state, &waiting, PULL_PULLING))
			r = pull_layer(&worker, i, err);
	}
	proxy_close(&worker.proxy);
	return r;
}
