/* SPDX-License-Identifier: MIT */
#include "lib/pull/proxy.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/json.h"

#define REPLY_MAX (32U << 10) /* maxMsgSize of skopeo */
#define LOOK_MS	  100	      /* how often somebody looks whether to stop */
#define PROTOCOL  "0.2."

/* Wait until fd can be read. Returns 0, or -EINTR if it is time to stop. */
static int wait_for(const struct proxy_options *options, int fd, struct err *err)
{
	struct pollfd look = { .fd = fd, .events = POLLIN };
	const volatile sig_atomic_t *stop = options->stop;

	for (;;) {
		if (stop && *stop)
			return err_sys(err, EINTR, "stopped");
		int n = poll(&look, 1, LOOK_MS);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, errno, "cannot wait for skopeo");
	}
}

/* It is gone, whether or not it says that this is as it should be. */
static int explain_end(struct proxy *proxy, struct err *err)
{
	int r = skopeo_wait(&proxy->skopeo, err);

	return r < 0 ? r : err_say(err, EPROTO, "skopeo has ended too early");
}

/* `document` has room for REPLY_MAX bytes and an end. */
static int receive_text(
    struct proxy *proxy, struct oci_document *document, int *ret_pipe, struct err *err)
{
	int r = wait_for(proxy->options, proxy->socket, err);

	if (r < 0)
		return r;
	ssize_t n = fd_receive(proxy->socket, document->text, REPLY_MAX, ret_pipe);
	if (n <= 0)
		return explain_end(proxy, err);
	document->text[n] = '\0';
	document->length = (size_t)n;
	return 0;
}

/* A reply; *ret_pipe gets what came with it, or -1. */
static int receive(struct proxy *proxy, struct oci_reply *ret, int *ret_pipe, struct err *err)
{
	struct oci_document document = { malloc(REPLY_MAX + 1), 0 };

	*ret_pipe = -1;
	if (!document.text)
		return err_sys(err, ENOMEM, "cannot listen to skopeo");
	int r = receive_text(proxy, &document, ret_pipe, err);
	if (r == 0)
		r = oci_read_reply(proxy->options->libexec_dir, &document, ret, err);
	if (r < 0)
		*ret_pipe = fd_close(*ret_pipe);
	free(document.text);
	return r;
}

/* A request being written. */
struct request {
	char *text;
	size_t length;
	FILE *stream;
	struct json json;
};

static int begin_request(struct request *request, const char *method, struct err *err)
{
	request->text = NULL;
	request->stream = open_memstream(&request->text, &request->length);
	if (!request->stream)
		return err_sys(err, errno, "cannot ask skopeo");
	request->json = json_start(request->stream);
	json_object(&request->json, NULL);
	json_string(&request->json, "method", method);
	json_array(&request->json, "args");
	return 0;
}

static int send_request(struct proxy *proxy, struct request *request, struct err *err)
{
	cleanup_free char *text = NULL;

	json_end(&request->json);
	json_end(&request->json);
	int r = str_stream_take(request->stream, &request->text, &text);
	if (r == 0)
		r = fd_send(proxy->socket, text, strlen(text), -1);
	if (r == -EPIPE || r == -ECONNRESET || r == -ENOTCONN)
		return explain_end(proxy, err);
	return r < 0 ? err_sys(err, -r, "cannot ask skopeo") : 0;
}

/* What failed there; its messages begin with what it was doing, which is long enough. */
static int refused(const struct oci_reply *reply, struct err *err)
{
	return err_say(err, EREMOTEIO, "skopeo: %s",
	    reply->error[0] ? reply->error : "it has refused without saying why");
}

/* Ask with one number, or one text, or neither. */
static int ask(struct proxy *proxy, const char *method, const char *text, uint64_t number,
    struct oci_reply *ret, int *ret_pipe, struct err *err)
{
	struct request request;
	int r = begin_request(&request, method, err);

	*ret_pipe = -1;
	if (r < 0)
		return r;
	if (text)
		json_string(&request.json, NULL, text);
	else if (number)
		json_uint(&request.json, NULL, number);
	r = send_request(proxy, &request, err);
	if (r == 0)
		r = receive(proxy, ret, ret_pipe, err);
	if (r == 0 && !ret->success) {
		*ret_pipe = fd_close(*ret_pipe);
		r = refused(ret, err);
	}
	return r;
}

static int initialize(struct proxy *proxy, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int none;
	int r = ask(proxy, "Initialize", NULL, 0, &reply, &none, err);

	fd_close(none);
	if (r < 0)
		return r;
	if (strncmp(reply.text, PROTOCOL, strlen(PROTOCOL)) != 0)
		return err_say(err, EPROTONOSUPPORT,
		    "skopeo speaks version %.32s of the protocol of its proxy, and only " PROTOCOL
		    "x is known here",
		    reply.text[0] ? reply.text : "?");
	return 0;
}

static int open_image(struct proxy *proxy, const char *transport, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int none;
	int r = ask(proxy, "OpenImage", transport, 0, &reply, &none, err);

	fd_close(none);
	if (r < 0)
		return r;
	if (!reply.number)
		return err_say(err, ENOENT, "%.200s: skopeo has found no image", transport);
	proxy->image = reply.number;
	return 0;
}

static int start(struct proxy *proxy, struct err *err)
{
	static const char *const words[] = { "experimental-image-proxy", "--sockfd=3", NULL };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_sys(err, errno, "cannot make a socket");
	proxy->socket = ends[0];
	int r = skopeo_start(&proxy->options->skopeo, words, ends[1], 3, &proxy->skopeo, err);
	fd_close(ends[1]);
	return r;
}

int proxy_open(
    const struct proxy_options *options, const char *transport, struct proxy *ret, struct err *err)
{
	*ret = (struct proxy)PROXY_INIT;
	ret->options = options;
	int r = start(ret, err);
	if (r == 0)
		r = initialize(ret, err);
	return r < 0 ? r : open_image(ret, transport, err);
}

void proxy_close(struct proxy *proxy)
{
	proxy->socket = fd_close(proxy->socket);
	skopeo_end(&proxy->skopeo);
}

/* FinishPipe is asked for before the pipe is read, because its end comes by that only. */
static int ask_to_finish(struct proxy *proxy, uint64_t pipe, struct err *err)
{
	struct request request;
	int r = begin_request(&request, "FinishPipe", err);

	if (r < 0)
		return r;
	json_uint(&request.json, NULL, pipe);
	return send_request(proxy, &request, err);
}

static int finish(struct proxy *proxy, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int none;
	int r = receive(proxy, &reply, &none, err);

	fd_close(none);
	if (r < 0)
		return r;
	return reply.success ? 0 : refused(&reply, err);
}

int proxy_read_all(
    const struct proxy_options *options, int pipe, struct oci_document *ret, struct err *err)
{
	struct err own = ERR_INIT;
	int r = wait_for(options, pipe, err);

	if (r < 0)
		return r;
	r = fd_read_all(pipe, OCI_DOCUMENT_MAX, &ret->text, &ret->length, &own);
	return r < 0 ? err_say(err, -r, "the document %s", own.text) : 0;
}

static int get_document(struct proxy *proxy, const char *method, struct oci_document *ret,
    struct oci_reply *reply, struct err *err)
{
	struct oci_document document = { NULL, 0 };
	int passed;
	int r = ask(proxy, method, NULL, proxy->image, reply, &passed, err);
	cleanup_fd int pipe = passed;

	if (r < 0)
		return r;
	if (pipe < 0)
		return err_say(err, EPROTO, "skopeo has sent no pipe");
	r = ask_to_finish(proxy, reply->pipe, err);
	if (r == 0)
		r = proxy_read_all(proxy->options, pipe, &document, err);
	if (r == 0)
		r = finish(proxy, err);
	if (r < 0)
		free(document.text);
	else
		*ret = document;
	return r;
}

int proxy_read_manifest(
    struct proxy *proxy, struct oci_document *ret, struct digest *ret_digest, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int r = get_document(proxy, "GetManifest", ret, &reply, err);

	if (r < 0)
		return err_prefix(err, "cannot read the manifest");
	if (digest_parse(reply.text, ret_digest, err) == 0)
		return 0;
	free(ret->text);
	return err_prefix(err, "the manifest");
}

int proxy_read_config(struct proxy *proxy, struct oci_document *ret, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int r = get_document(proxy, "GetFullConfig", ret, &reply, err);

	return r < 0 ? err_prefix(err, "cannot read the configuration") : 0;
}

static int ask_for_blob(struct proxy *proxy, const struct oci_blob *blob, struct err *err)
{
	struct request request;
	int r = begin_request(&request, "GetBlob", err);

	if (r < 0)
		return r;
	json_uint(&request.json, NULL, proxy->image);
	json_string(&request.json, NULL, blob->digest.text);
	json_uint(&request.json, NULL, blob->size);
	return send_request(proxy, &request, err);
}

int proxy_begin_blob(struct proxy *proxy, const struct oci_blob *blob, struct proxy_blob *ret,
    enum proxy_failure *ret_failure, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int passed = -1;
	int r = ask_for_blob(proxy, blob, err);

	*ret_failure = PROXY_FAILED;
	if (r == 0)
		r = receive(proxy, &reply, &passed, err);
	cleanup_fd int pipe = passed;
	if (r < 0)
		return r;
	if (!reply.success) {
		*ret_failure = proxy_failure_of(reply.error);
		return refused(&reply, err);
	}
	if (pipe < 0)
		return err_say(err, EPROTO, "skopeo has sent no pipe");
	r = ask_to_finish(proxy, reply.pipe, err);
	if (r == 0)
		ret->pipe = take_fd(&pipe);
	return r;
}

int proxy_end_blob(
    struct proxy *proxy, struct proxy_blob *blob, enum proxy_failure *ret_failure, struct err *err)
{
	struct oci_reply reply = { .success = false };
	int none;

	*ret_failure = PROXY_FAILED;
	blob->pipe = fd_close(blob->pipe);
	int r = receive(proxy, &reply, &none, err);
	fd_close(none);
	if (r < 0 || reply.success)
		return r;
	*ret_failure = proxy_failure_of(reply.error);
	return refused(&reply, err);
}

enum proxy_failure proxy_failure_of(const char *message)
{
	/* Words of containers/image. What is not here is the network's: resets, time-outs, 5xx. */
	static const char *const final[] = { "corrupted blob", "does not match", "unauthorized",
		"authentication required", "denied", "not found", "unknown",
		"x509:", "tls:", "no such file", "unsupported", " 400 ", " 401 ", " 403 ", " 404 ",
		" 410 " };

	if (strstr(message, "broken pipe"))
		return PROXY_LEFT;
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		if (strcasestr(message, final[i]))
			return PROXY_FAILED;
	return PROXY_TRY_AGAIN;
}
