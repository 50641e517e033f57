/* SPDX-License-Identifier: MIT */
#include "lib/pull/pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "lib/base/cleanup.h"
#include "lib/layer/confine.h"
#include "lib/pull/original.h"
#include "lib/pull/pull_crew.h"

#define PAUSE_NS   100000000L /* 100 ms, between looks at what others make */
#define ROUNDS_MAX 10	      /* in which somebody removes what has just come */
#define PUBLISHES  50

static void let_pass(long nanoseconds)
{
	const struct timespec pause = { .tv_nsec = nanoseconds };

	(void)nanosleep(&pause, NULL);
}

/* ------------------------------------------------------------------------ what the image is */

static int read_documents(
    struct pull *pull, struct proxy *proxy, struct digest *ret_manifest, struct err *err)
{
	struct oci_document manifest = { NULL, 0 }, config = { NULL, 0 };
	int r = proxy_read_manifest(proxy, &manifest, ret_manifest, err);

	if (r == 0)
		r = proxy_read_config(proxy, &config, err);
	if (r == 0)
		r = oci_read_image(
		    pull->request->libexec_dir, &manifest, &config, &pull->image, err);
	if (r == 0) {
		image_source_pin(&pull->source, ret_manifest);
		r = original_id(&pull->options, pull->source.transport, &manifest, ret_manifest,
		    &pull->image.image.id, err);
	}
	free(manifest.text);
	free(config.text);
	return r;
}

static int read_image(struct pull *pull, struct err *err)
{
	struct proxy proxy = PROXY_INIT;
	struct digest manifest = { "" };
	int r = proxy_open(&pull->options, pull->source.transport, &proxy, err);

	if (r == 0)
		r = read_documents(pull, &proxy, &manifest, err);
	proxy_close(&proxy);
	if (r == 0)
		r = oci_check_architecture(pull->image.image.architecture, err);
	if (r < 0)
		return r;
	pull->image.image.manifest = manifest;
	pull->count = pull->image.image.layer_count;
	return 0;
}

/* -------------------------------------------------------------------------------- its layers */

static int make_table(struct pull *pull, struct err *err)
{
	if (!pull->count)
		return err_say(err, EINVAL, "the image has no layers");
	pull->held = calloc(pull->count, sizeof(*pull->held));
	if (!pull->held)
		return err_sys(err, ENOMEM, "cannot keep a list of layers");
	void *memory = mmap(NULL, pull->count * sizeof(*pull->layers), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return err_sys(err, errno, "cannot keep a list of layers");
	pull->layers = memory;
	for (unsigned i = 0; i < pull->count; i++) {
		pull->held[i] = (struct store_layer)STORE_LAYER_INIT;
		pull->layers[i].diff_id = pull->image.image.layers[i];
		pull->layers[i].blob = pull->image.blobs[i];
	}
	return 0;
}

/* What is to be done about the layers that are not held yet. */
struct plan {
	unsigned ours, elsewhere;
};

static int plan_layer(struct pull *pull, unsigned i, struct plan *plan, struct err *err)
{
	struct pull_layer *layer = &pull->layers[i];
	struct store_layer place = STORE_LAYER_INIT;
	int r = store_begin_layer(pull->store, &layer->diff_id, &place, err);

	if (r < 0 && r != -EAGAIN)
		return r;
	if (r == -EAGAIN) {
		/* Also if it is in the image twice, and has been begun for the first time. */
		plan->elsewhere++;
		atomic_store(&layer->state, PULL_ELSEWHERE);
		return 0;
	}
	/* What we began ourselves had been in `held` until it was published. */
	fd_close(pull->held[i].directory);
	fd_close(pull->held[i].lock);
	pull->held[i] = place;
	plan->ours += r == 0;
	if (r == 0)
		atomic_store(&layer->state, PULL_WAITING);
	else if (atomic_load(&layer->state) != PULL_DONE)
		atomic_store(&layer->state, PULL_PRESENT);
	return 0;
}

static int make_plan(struct pull *pull, struct plan *ret, struct err *err)
{
	int r = 0;

	*ret = (struct plan){ 0, 0 };
	for (unsigned i = 0; r == 0 && i < pull->count; i++) {
		r = pull_stopped(pull, err);
		if (r == 0 && pull->held[i].lock < 0)
			r = plan_layer(pull, i, ret, err);
	}
	return r;
}

/* In the end every layer is in the store and held. */
static int get_layers(struct pull *pull, struct err *err)
{
	struct plan plan;
	int r = make_plan(pull, &plan, err);

	for (unsigned rounds = 0; r == 0 && plan.ours + plan.elsewhere; rounds += plan.ours > 0) {
		if (rounds == ROUNDS_MAX)
			return err_say(err, EBUSY,
			    "somebody removes layers of the image again and again: try later");
		if (plan.ours)
			r = pull_run_crew(pull, plan.ours, err);
		else
			let_pass(PAUSE_NS);
		pull_look(pull);
		if (r == 0)
			r = make_plan(pull, &plan, err);
	}
	pull_look(pull);
	return r;
}

/* --------------------------------------------------------------------------------- the image */

static int add_up(struct pull *pull, struct err *err)
{
	struct image *image = &pull->image.image;
	struct layer_facts facts;
	int r = 0;

	image->created = time(NULL);
	for (unsigned i = 0; r == 0 && i < pull->count; i++) {
		r = store_layer_facts(pull->store, &image->layers[i], &facts, err);
		image->size += r == 0 ? facts.size : 0;
	}
	return r;
}

static bool means_it_already(const struct pull *pull)
{
	struct image image = { .layers = NULL };
	int lock = -1;

	if (store_find_image(pull->store, pull->source.name, &image, &lock, NULL) < 0)
		return false;
	bool same = digest_equal(&image.id, &pull->image.image.id);
	image_done(&image);
	fd_close(lock);
	return same;
}

/* Somebody may publish or remove the same one at this moment. */
static int publish(struct pull *pull, struct err *err)
{
	int r = -EBUSY;

	for (unsigned i = 0; r == -EBUSY && i < PUBLISHES; i++) {
		if (i)
			let_pass(PAUSE_NS / 5);
		r = store_publish_image(pull->store, &pull->image.image, pull->source.name, err);
	}
	return r;
}

static int pull_all(struct pull *pull, struct pull_result *ret, struct err *err)
{
	char file[NAME_MAX + 1];

	/* Before anything has come, and not when it is to get its name. */
	int r = image_name_to_file(pull->source.name, file, err);

	if (r == 0)
		r = confine_prepare(pull->request->data_dir, pull->request->libexec_dir, err);
	if (r == 0)
		r = read_image(pull, err);
	if (r == 0)
		r = make_table(pull, err);
	if (r == 0)
		r = get_layers(pull, err);
	if (r == 0)
		r = add_up(pull, err);
	if (r < 0)
		return r;
	ret->up_to_date = means_it_already(pull);
	r = publish(pull, err);
	if (r < 0)
		return r;
	ret->id = pull->image.image.id;
	ret->layers = pull->count;
	ret->pulled = 0;
	for (unsigned i = 0; i < pull->count; i++)
		ret->pulled += atomic_load(&pull->layers[i].state) == PULL_DONE;
	return 0;
}

/* What was not published goes with it; what was is nobody's to remove. */
static void let_go(struct pull *pull)
{
	for (unsigned i = 0; pull->layers && i < pull->count; i++) {
		if (atomic_load(&pull->layers[i].state) == PULL_DONE)
			pull->held[i].directory = fd_close(pull->held[i].directory);
		store_end_layer(pull->store, &pull->held[i]);
	}
	if (pull->layers)
		(void)munmap(pull->layers, pull->count * sizeof(*pull->layers));
	free(pull->held);
	oci_image_done(&pull->image);
}

int image_pull(const struct store *store, const struct pull_request *request,
    struct pull_result *ret, struct err *err)
{
	struct pull pull = { .store = store,
		.request = request,
		.source = *request->source,
		.options = { .skopeo = { .authfile = request->authfile,
				 .cert_dir = request->cert_dir,
				 .insecure = request->insecure },
		    .libexec_dir = request->libexec_dir,
		    .stop = request->stop } };

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(err, errno, "cannot become the reaper of what pulls layers");
	int r = pull_all(&pull, ret, err);
	let_go(&pull);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	return r;
}
