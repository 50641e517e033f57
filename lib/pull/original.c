/* SPDX-License-Identifier: MIT */
#include "lib/pull/original.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/part.h"
#include "lib/layer/hash_digest.h"

static int compute_digest(const char *libexec_dir, const struct oci_document *document,
    struct digest *ret, struct err *err)
{
	void *loaded = NULL;
	const struct archive_part *part =
	    part_load(libexec_dir, ARCHIVE_PART_FILE, ARCHIVE_PART_SYMBOL, &loaded, err);

	if (!part)
		return err ? -err->code : -ELIBACC;
	struct archive_hash *hash = part->hash_new();
	int r = hash ? 0 : err_sys(err, ENOMEM, "cannot compute a digest");
	if (r == 0) {
		part->hash_add(hash, document->text, document->length);
		hash_digest(part, hash, ret);
	}
	(void)dlclose(loaded);
	return r;
}

/* Its output is what there is, byte by byte. */
static int read_raw(const struct proxy_options *options, const char *transport,
    struct oci_document *ret, struct err *err)
{
	const char *const words[] = { "inspect", "--raw", transport, NULL };
	struct skopeo skopeo = SKOPEO_INIT;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int from = ends[0];
	int r = skopeo_start(&options->skopeo, words, ends[1], STDOUT_FILENO, &skopeo, err);
	fd_close(ends[1]);
	if (r == 0)
		r = proxy_read_all(options, from, ret, err);
	if (r == 0)
		r = skopeo_wait(&skopeo, err);
	skopeo_end(&skopeo);
	return r;
}

static int take_raw(const struct proxy_options *options, const struct oci_document *raw,
    const struct digest *digest, struct digest *id, struct err *err)
{
	struct digest sum;
	int r = compute_digest(options->libexec_dir, raw, &sum, err);

	if (r == 0 && !digest_equal(&sum, digest))
		return err_say(err, EBADMSG,
		    "the manifest was %s a moment ago, and is %s now: try again", digest->text,
		    sum.text);
	return r < 0 ? r : oci_read_docker(options->libexec_dir, raw, id, err);
}

int original_id(const struct proxy_options *options, const char *transport,
    const struct oci_document *manifest, const struct digest *digest, struct digest *id,
    struct err *err)
{
	struct oci_document raw = { NULL, 0 };
	struct digest sum;
	int r = compute_digest(options->libexec_dir, manifest, &sum, err);

	if (r < 0 || digest_equal(&sum, digest))
		return r;
	r = read_raw(options, transport, &raw, err);
	if (r == 0)
		r = take_raw(options, &raw, digest, id, err);
	free(raw.text);
	return r;
}
