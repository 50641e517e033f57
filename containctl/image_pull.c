/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "containctl/image.h"
#include "containctl/progress.h"

#define CODE_SIGNAL 128

/* The signal that ended it; image_pull() looks at this. */
static volatile sig_atomic_t stop;

static void note(int signal)
{
	stop = signal;
}

/* Who runs it with signals ignored, as nohup(1) does, means that. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = note };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &action, NULL);
}

static int read_limits(const struct ctl_pull *options, struct layer_limits *limits, struct err *err)
{
	if (options->max_size && parse_size(options->max_size, 1, &limits->tar_bytes, err) < 0)
		return err_prefix(err, "--max-size");
	if (options->max_entries &&
	    (str_to_u64(options->max_entries, UINT32_MAX, &limits->entries) < 0 ||
		!limits->entries))
		return err_say(err, EINVAL, "--max-entries: \"%.32s\" is not a number from 1 to %u",
		    options->max_entries, UINT32_MAX);
	return 0;
}

static void print_json(const char *name, const struct pull_result *result)
{
	struct json json = json_start(stdout);

	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_string(&json, "event", "done");
	json_string(&json, "name", name);
	json_string(&json, "id", result->id.text);
	json_uint(&json, "layers", result->layers);
	json_uint(&json, "pulled", result->pulled);
	json_bool(&json, "up_to_date", result->up_to_date);
	json_end(&json);
	putchar('\n');
}

static void print_result(const struct ctl *ctl, const char *name, const struct pull_result *result)
{
	if (ctl->json)
		print_json(name, result);
	else if (ctl->pull.quiet)
		puts(result->id.text);
	else if (result->up_to_date && !result->pulled)
		printf("%s %s is up to date (%u layers)\n", name, result->id.text, result->layers);
	else
		printf("%s %s (%u layers, %u new)\n", name, result->id.text, result->layers,
		    result->pulled);
}

static void print_json_error(const struct err *err)
{
	struct json json = json_start(stdout);

	json_object(&json, NULL);
	json_int(&json, "version", IMAGE_JSON_VERSION);
	json_string(&json, "event", "error");
	json_string(&json, "message", err->text);
	json_end(&json);
	putchar('\n');
}

static int pull(struct ctl *ctl, const struct image_source *source,
    const struct layer_limits *limits, struct pull_result *ret, struct err *err)
{
	struct store store = STORE_INIT;
	struct progress progress;
	const struct pull_request request = { .source = source,
		.limits = limits,
		.authfile = ctl->pull.authfile,
		.cert_dir = ctl->pull.cert_dir,
		.insecure = ctl->pull.insecure,
		.libexec_dir = ctl->libexec_dir,
		.data_dir = ctl->data_dir,
		.look = progress_look,
		.data = &progress,
		.stop = &stop };
	int r = store_open(STORE_DIRECTORY, true, &store, err);

	if (r < 0)
		return r;
	progress_start(&progress, ctl->json	    ? PROGRESS_JSON
				  : ctl->pull.quiet ? PROGRESS_NONE
						    : progress_form_here());
	catch_signals();
	r = image_pull(&store, &request, ret, err);
	progress_end(&progress);
	store_close(&store);
	return r;
}

int command_image_pull(struct ctl *ctl, struct err *err)
{
	struct layer_limits limits = LAYER_LIMITS_DEFAULT;
	struct image_source source;
	struct pull_result result;
	const char *what = ctl->words[0];
	int r = read_limits(&ctl->pull, &limits, err);

	if (r == 0)
		r = image_source_parse(what, ctl->words[1], &source, err);
	if (r < 0)
		return r;
	r = pull(ctl, &source, &limits, &result, err);
	if (r == -EINTR && stop) {
		complain("%s: stopped; what is complete stays for the next time", what);
		return CODE_SIGNAL + stop;
	}
	if (r == 0)
		print_result(ctl, source.name, &result);
	else if (ctl->json)
		print_json_error(err);
	return r < 0 ? err_prefix(err, "%s", what) : CODE_OK;
}
