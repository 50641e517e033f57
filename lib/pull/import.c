/* SPDX-License-Identifier: MIT */
#include "lib/pull/import.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/cleanup.h"
#include "lib/base/path.h"
#include "lib/image/architecture.h"

#define TAR "/usr/bin/tar"

/* What an archive is read from. */
struct source {
	int fd;		    /* the archive */
	struct child child; /* who writes it, if it is made of a directory */
};

struct packing {
	int directory, out, complaints;
};

/*
 * Only what a layer can have: ids as numbers, two kinds of extended attributes, nothing that
 * changes when nobody has changed anything: times of access, the order on the disk, tar's
 * pid, which other forms of sparse files have in their names.
 */
static int pack(void *argument, struct err *err)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		NULL };
	static char *const argv[] = { "tar", "--create", "--format=posix", "--sparse",
		"--sparse-version=0.0", "--numeric-owner", "--sort=name", "--one-file-system",
		"--xattrs", "--xattrs-include=user.*", "--xattrs-include=security.capability",
		"--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime", ".", NULL };
	const struct packing *packing = argument;
	cleanup_fd int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* Services have it ignored: then tar would complain of what is our error. */
	(void)signal(SIGPIPE, SIG_DFL);
	if (fchdir(packing->directory) < 0 || null < 0 || dup2(null, 0) < 0 ||
	    dup2(packing->out, 1) < 0 || dup2(packing->complaints, 2) < 0)
		return err_sys(err, errno, "cannot prepare to run " TAR);
	execve(TAR, argv, environment);
	return err_sys(err, errno, "cannot run " TAR);
}

static int start_packing(int directory, struct source *source, int *ret_complaints, struct err *err)
{
	int out[2], complaints[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	source->fd = out[0];
	cleanup_fd int write_end = out[1];
	if (pipe2(complaints, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	*ret_complaints = complaints[0];
	struct packing packing = { directory, write_end, complaints[1] };
	int r = child_start(&source->child, pack, &packing, err);
	fd_close(complaints[1]);
	return r;
}

/* Whoever can change a link on the way must not choose which of root's files becomes an image. */
static int open_path(const char *path, struct err *err)
{
	char place[32];
	cleanup_fd int found = path_open_trusted(path, err);

	if (found < 0)
		return found;
	snprintf(place, sizeof(place), "/proc/self/fd/%d", found);
	int fd = open(place, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "%s", path) : fd;
}

static int open_source(
    const char *path, struct source *source, int *ret_complaints, struct err *err)
{
	struct stat st;
	cleanup_fd int fd =
	    strcmp(path, "-") == 0 ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open_path(path, err);

	/* Standard input is always open: fd_open_standard(). */
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return start_packing(fd, source, ret_complaints, err);
	source->fd = take_fd(&fd);
	return 0;
}

/*
 * The archive is whole only if the one who wrote it says so. If it has something to say, that is
 * why what came was not right; without a word it was ended by us, who had seen enough.
 */
static int close_source(struct source *source, int complaints, int r, struct err *err)
{
	struct err own = ERR_INIT;
	int waiting = 0;

	source->fd = fd_close(source->fd);
	int packed = child_wait(&source->child, &own);
	if (packed == 0 || (r < 0 && (ioctl(complaints, FIONREAD, &waiting) < 0 || !waiting)))
		return r;
	packed = child_explain(TAR, complaints, packed, &own);
	if (err)
		*err = own;
	return packed;
}

static int unpack(const struct store_layer *layer, const struct import_request *request,
    struct layer_result *ret, struct err *err)
{
	struct source source = { .fd = -1, .child = CHILD_INIT };
	cleanup_fd int complaints = -1;
	int r = open_source(request->source, &source, &complaints, err);

	if (r == 0) {
		const struct layer_request unpacking = { .blob = source.fd,
			.directory = layer->directory,
			.limits = request->limits,
			.progress = request->progress,
			.libexec_dir = request->libexec_dir,
			.data_dir = request->data_dir };
		r = layer_unpack(&unpacking, ret, err);
	}
	return close_source(&source, complaints, r, err);
}

static int make_image(const struct layer_result *layer, struct image *image, struct err *err)
{
	image->id = layer->diff_id;
	image->created = (int64_t)time(NULL);
	image->size = layer->facts.size;
	strncat(image->architecture, image_architecture(), sizeof(image->architecture) - 1);
	return image_add_layer(image, &layer->diff_id, err);
}

int image_import(const struct store *store, const struct import_request *request, struct image *ret,
    struct err *err)
{
	struct store_layer layer = STORE_LAYER_INIT;
	struct image image = { .layers = NULL };
	struct layer_result result = { .facts = { .size = 0 } };
	int r = store_begin_layer(store, NULL, &layer, err);

	if (r == 0)
		r = unpack(&layer, request, &result, err);
	if (r == 0)
		r = store_publish_layer(store, &layer, &result.diff_id, &result.facts, err);
	if (r == 0)
		r = make_image(&result, &image, err);
	if (r == 0)
		r = store_publish_image(store, &image, request->name, err);
	store_end_layer(store, &layer);
	if (r < 0)
		image_done(&image);
	else
		*ret = image;
	return r;
}
