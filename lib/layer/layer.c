/* SPDX-License-Identifier: MIT */
#include "lib/layer/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/layer/archive_part.h"
#include "lib/layer/confine.h"
#include "lib/layer/pump.h"
#include "lib/layer/seal.h"

/* Each is read at one end only, and written at the other. */
enum { TO_DECOMPRESSOR, FROM_DECOMPRESSOR, TO_UNPACKER, PIPES };
enum { READ, WRITE };

struct work {
	const struct layer_request *request;
	const struct archive_part *part;
	int pipes[PIPES][2];
	int tree;
	struct child decompressor, unpacker;
};

static const struct archive_part *load_part(const char *libexec_dir, struct err *err)
{
	return part_load(libexec_dir, ARCHIVE_PART_FILE, ARCHIVE_PART_SYMBOL, NULL, err);
}

/* ------------------------------------------------------------------------ in the children */

/* Descriptors 0 and 1 become what is given; all other ends are closed, because a pipe that one has
 * no business with would never end for whoever reads there. */
static int take_ends(struct work *work, int in, int out, struct err *err)
{
	cleanup_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(in, 0) < 0 || dup2(out >= 0 ? out : null, 1) < 0)
		return err_sys(err, errno, "cannot arrange the pipes of a layer");
#ifndef __SANITIZE_ADDRESS__
	if (dup2(null, 2) < 0)
		return err_sys(err, errno, "cannot arrange the pipes of a layer");
#endif
	for (int i = 0; i < PIPES; i++)
		for (int end = READ; end <= WRITE; end++)
			work->pipes[i][end] = fd_close(work->pipes[i][end]);
	if (work->request->blob > 2)
		fd_close(work->request->blob);
	return 0;
}

static int decompress(void *argument, struct err *err)
{
	struct work *work = argument;
	int r = take_ends(
	    work, work->pipes[TO_DECOMPRESSOR][READ], work->pipes[FROM_DECOMPRESSOR][WRITE], err);

	if (r == 0)
		r = work->part->prepare(err);
	if (r == 0)
		r = confine_to_pipes(err);
	return r < 0 ? r : work->part->decompress(0, 1, err);
}

static int unpack(void *argument, struct err *err)
{
	struct work *work = argument;
	const struct layer_request *request = work->request;
	int r = take_ends(work, work->pipes[TO_UNPACKER][READ], -1, err);

	if (r == 0)
		r = work->part->prepare(err);
	if (r == 0)
		r = confine_to_tree(&work->tree, err);
	if (r < 0)
		return r;
	const struct archive_unpacking task = {
		.in = 0,
		.tree = work->tree,
		.entries_max = request->limits->entries,
		/* Of an archive that is known nothing can be missing. */
		.need_end = !request->diff_id,
		.entries = request->progress ? &request->progress->entries : NULL,
	};
	return work->part->unpack(&task, err);
}

/* ------------------------------------------------------------------------------- around them */

static int prepare(struct work *work, struct err *err)
{
	const struct layer_request *request = work->request;
	int r = confine_prepare(request->data_dir, request->libexec_dir, err);

	if (r < 0)
		return r;
	if (mkdirat(request->directory, "tree", 0700) < 0)
		return err_sys(err, errno, "cannot make the directory of a layer");
	work->tree =
	    openat(request->directory, "tree", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (work->tree < 0)
		return err_sys(err, errno, "cannot open the directory of a layer");
	return 0;
}

static int make_pipes(struct work *work, struct err *err)
{
	for (int i = 0; i < PIPES; i++) {
		if (pipe2(work->pipes[i], O_CLOEXEC) < 0)
			return err_sys(err, errno, "cannot make a pipe");
		/* Smaller ones only take longer. */
		(void)fcntl(work->pipes[i][WRITE], F_SETPIPE_SZ, PUMP_PIPE_SIZE);
	}
	return 0;
}

static void close_end(struct work *work, int pipe, int end)
{
	work->pipes[pipe][end] = fd_close(work->pipes[pipe][end]);
}

static int start_children(struct work *work, struct err *err)
{
	int r = make_pipes(work, err);

	if (r == 0)
		r = child_start(&work->unpacker, unpack, work, err);
	if (r == 0)
		r = child_start(&work->decompressor, decompress, work, err);
	close_end(work, TO_DECOMPRESSOR, READ);
	close_end(work, FROM_DECOMPRESSOR, WRITE);
	close_end(work, TO_UNPACKER, READ);
	return r;
}

static int pump(struct work *work, struct pump_result *ret, struct err *err)
{
	struct pump pump = {
		.blob = work->request->blob,
		.to_decompressor = take_fd(&work->pipes[TO_DECOMPRESSOR][WRITE]),
		.from_decompressor = take_fd(&work->pipes[FROM_DECOMPRESSOR][READ]),
		.to_unpacker = take_fd(&work->pipes[TO_UNPACKER][WRITE]),
		.part = work->part,
		.limits = work->request->limits,
		.progress = work->request->progress,
	};

	return pump_run(&pump, ret, err);
}

static int wait_for(struct child *child, const char *what, struct err *err)
{
	int r = child_wait(child, err);

	if (r < 0)
		confine_clean_error(err);
	return r == -ECHILD ? err_prefix(err, "%s a layer", what) : r;
}

static void kill_child(const struct child *child)
{
	if (child->pid > 0)
		kill(child->pid, SIGKILL);
}

/*
 * Whose error it is: where the unpacker stops, the decompressor cannot get rid of what it has;
 * where the decompressor does, the unpacker has half an archive. So who ended first is asked first,
 * and the other one is not waited for: it may be somebody else's program by now.
 */
static int wait_for_both(struct work *work, enum pump_end end, struct err *err)
{
	struct err errors[2] = { ERR_INIT, ERR_INIT };
	bool unpacker_first = end == PUMP_UNPACKER_ENDED;

	if (end == PUMP_FAILED || end == PUMP_UNPACKER_ENDED)
		kill_child(&work->decompressor);
	if (end == PUMP_FAILED || end == PUMP_DECOMPRESSOR_ENDED)
		kill_child(&work->unpacker);
	(void)wait_for(&work->decompressor, "decompressing", &errors[unpacker_first ? 1 : 0]);
	(void)wait_for(&work->unpacker, "unpacking", &errors[unpacker_first ? 0 : 1]);
	for (int i = 0; i < 2; i++)
		if (errors[i].code) {
			if (err)
				*err = errors[i];
			return -errors[i].code;
		}
	if (end == PUMP_WHOLE)
		return 0;
	return err_say(err, EPROTO, "a process that takes a layer apart ended before its end");
}

static int check_digest(
    const char *what, const struct digest *is, const struct digest *wanted, struct err *err)
{
	if (!wanted || digest_equal(is, wanted))
		return 0;
	return err_say(
	    err, EBADMSG, "the %s is %s, and not %s as it should be", what, is->text, wanted->text);
}

static int run(struct work *work, struct layer_result *ret, struct err *err)
{
	const struct layer_request *request = work->request;
	struct pump_result pumped = { .end = PUMP_FAILED };
	int r = start_children(work, err);

	if (r == 0)
		r = pump(work, &pumped, err);
	/* Without the pipes both come to their end, however far they are. */
	for (int i = 0; i < PIPES; i++)
		close_end(work, i, WRITE);
	close_end(work, FROM_DECOMPRESSOR, READ);
	int waited = wait_for_both(work, pumped.end, r == 0 ? err : NULL);
	if (r < 0 || waited < 0)
		return r < 0 ? r : waited;
	r = check_digest("layer", &pumped.blob, request->blob_digest, err);
	if (r == 0)
		r = check_digest("archive in the layer", &pumped.diff_id, request->diff_id, err);
	if (r == 0)
		r = seal_tree(work->part, work->tree, SEAL_NEW, &ret->facts, err);
	ret->blob = pumped.blob;
	ret->diff_id = pumped.diff_id;
	return r;
}

/* A process that ends early is told by EPIPE, which a signal would keep from us. */
static int run_without_sigpipe(struct work *work, struct layer_result *ret, struct err *err)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;

	if (sigaction(SIGPIPE, &ignore, &before) < 0)
		return err_sys(err, errno, "cannot ignore SIGPIPE");
	int r = run(work, ret, err);
	(void)sigaction(SIGPIPE, &before, NULL);
	return r;
}

int layer_unpack(const struct layer_request *request, struct layer_result *ret, struct err *err)
{
	struct work work = {
		.request = request,
		.part = load_part(request->libexec_dir, err),
		.pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 } },
		.tree = -1,
		.decompressor = CHILD_INIT,
		.unpacker = CHILD_INIT,
	};
	struct layer_result result;

	if (!work.part)
		return -ELIBACC;
	int r = prepare(&work, err);
	if (r == 0)
		r = run_without_sigpipe(&work, &result, err);
	fd_close(work.tree);
	if (r == 0)
		*ret = result;
	return r;
}

int layer_digest_tree(const char *libexec_dir, int tree, struct layer_facts *ret, struct err *err)
{
	const struct archive_part *part = load_part(libexec_dir, err);

	return part ? seal_tree(part, tree, SEAL_CHECK, ret, err) : -ELIBACC;
}
