/* SPDX-License-Identifier: MIT */
#include "lib/image/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

static int check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "%s", path);
	/* Set-user-ID files of layers must not be within anybody's reach. */
	if (st.st_uid != 0 || (st.st_mode & 077))
		return err_say(err, EPERM,
		    "%s must be root's and nobody else's: chown root %s && chmod 700 %s", path,
		    path, path);
	return 0;
}

static int open_root(const char *path, bool make, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	if (geteuid() != 0)
		return err_say(err, EPERM, "images are root's: only root can use %s", path);
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make %s", path);
	cleanup_fd int fd = open(path, flags);
	if (fd < 0)
		return errno == ENOENT ? err_say(err, ENOENT, "there are no images on this machine")
				       : err_sys(err, errno, "cannot open %s", path);
	int r = check_owner(fd, path, err);
	return r < 0 ? r : take_fd(&fd);
}

static int open_below(int root, const char *name, bool make, struct err *err)
{
	if (make && mkdirat(root, name, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "cannot make %s in the store of images", name);
	int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "cannot open %s in the store of images", name);
	return fd;
}

int store_open(const char *path, bool make, struct store *ret, struct err *err)
{
	struct store store = STORE_INIT;

	store.root = open_root(path, make, err);
	if (store.root < 0)
		return store.root;
	const struct {
		const char *name;
		int *fd;
	} directories[] = { { "staging", &store.staging }, { "layers", &store.layers },
		{ "images", &store.images }, { "names", &store.names } };
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		*directories[i].fd = open_below(store.root, directories[i].name, make, err);
		if (*directories[i].fd < 0) {
			int r = *directories[i].fd;
			store_close(&store);
			return r;
		}
	}
	*ret = store;
	return 0;
}

void store_close(struct store *store)
{
	fd_close(store->root);
	fd_close(store->names);
	fd_close(store->images);
	fd_close(store->layers);
	fd_close(store->staging);
	*store = (struct store)STORE_INIT;
}
