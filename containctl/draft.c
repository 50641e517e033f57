/* SPDX-License-Identifier: MIT */
#include "containctl/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the directory of a draft. */
#define CHECKED "checked" /* the copy that is looked at and saved */
#define HOLDER	"holder"  /* the process id of who edits */

/* ------------------------------------------------------------------------------- directories */

/* Open the directory and make it if it is missing, and `above` of those above it too. */
static int open_or_make(const char *path, unsigned above, struct err *err)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];
	int fd = safe_open_directory(path, err);

	if (fd != -ENOENT || !above)
		return fd;
	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	cleanup_fd int dir = open_or_make(parent, above - 1, err);
	if (dir < 0)
		return dir;
	if (mkdirat(dir, name + 1, 0755) < 0 && errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make the directory", path);
	err_clear(err);
	return safe_open_directory(path, err);
}

/* Returns whether there was anything. Nothing is looked at twice here: nobody else can write there.
 */
static bool empty(int directory)
{
	cleanup_dir DIR *listing = NULL;
	struct dirent *entry;
	bool any = false;
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (copy < 0 || !(listing = fdopendir(copy))) {
		fd_close(copy);
		return false;
	}
	while ((entry = readdir(listing))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		any = true;
		if (unlinkat(directory, entry->d_name, 0) < 0)
			(void)unlinkat(directory, entry->d_name, AT_REMOVEDIR);
	}
	return any;
}

/* -------------------------------------------------------------------------------------- lock */

static int refuse_second(const struct draft *draft, int fd, struct err *err)
{
	cleanup_fd int holder = openat(fd, HOLDER, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_free char *text = NULL;

	if (holder < 0 || fd_read_all(holder, 32, &text, NULL, NULL) < 0)
		text = NULL;
	return err_say(err, EBUSY, "%s: is being edited already%s%s", draft->path,
	    text && *text ? ", by process " : "", text ?: "");
}

static void name_holder(int fd)
{
	cleanup_fd int holder =
	    openat(fd, HOLDER, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[24];

	snprintf(text, sizeof(text), "%d", getpid());
	if (holder >= 0)
		(void)fd_write_all(holder, text, strlen(text));
}

/* Whether the directory is still the one of that name: its last holder may have removed it. */
static bool is_current(const struct draft *draft, int fd)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 &&
	       fstatat(draft->parent, draft->directory, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Returns 1 with draft->fd locked, 0 if it is to be tried again, or -errno. */
static int try_lock(struct draft *draft, struct err *err)
{
	bool made = mkdirat(draft->parent, draft->directory, 0700) == 0;

	if (!made && errno != EEXIST)
		return err_sys(err, errno, "%s: cannot make a copy to edit", draft->path);
	cleanup_fd int fd = openat(
	    draft->parent, draft->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(err, errno, "%s: cannot make a copy to edit", draft->path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? refuse_second(draft, fd, err)
					    : err_sys(err, errno, "%s: cannot lock", draft->path);
	if (!is_current(draft, fd))
		return 0;
	/* Whoever made an empty one may only not have come to lock it. */
	if (empty(fd) && !made)
		complain("%s: removing what an editor that was interrupted has left", draft->path);
	name_holder(fd);
	draft->fd = take_fd(&fd);
	return 1;
}

static int lock(struct draft *draft, struct err *err)
{
	int r = 0;

	/* Each time somebody else has just made or removed it. */
	for (int tries = 0; r == 0 && tries < 100; tries++)
		r = try_lock(draft, err);
	if (r == 0)
		r = refuse_second(draft, -1, err);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------------- files */

static int write_file(
    int directory, const char *name, const char *text, size_t length, struct err *err)
{
	(void)unlinkat(directory, name, 0);
	cleanup_fd int fd =
	    openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "cannot make a copy");
	int r = fd_write_all(fd, text, length);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r < 0 ? err_sys(err, -r, "cannot write a copy") : 0;
}

/* What the file has; where there is none the template stays. */
static int read_file(struct draft *draft, struct err *err)
{
	struct stat st;
	cleanup_fd int fd =
	    safe_open_file(draft->parent, draft->name, draft->path, SAFE_OWNER_ROOT, err);

	if (fd == -ENOENT) {
		err_clear(err);
		draft->length = strlen(draft->text);
		return 0;
	}
	if (fd < 0)
		return fd;
	free(draft->text);
	draft->text = NULL;
	int r = fd_read_all(fd, SAFE_FILE_MAX, &draft->text, &draft->length, err);
	if (r < 0)
		return err_prefix(err, "%s", draft->path);
	if (fstat(fd, &st) == 0)
		draft->mode = st.st_mode & 0777;
	return 0;
}

int draft_open(struct draft *draft, const char *path, unsigned directories, const char *template,
    struct err *err)
{
	const char *name = strrchr(path, '/') + 1;
	char directory[PATH_MAX];

	*draft = (struct draft){
		.path = path, .text = strdup(template), .mode = 0644, .parent = -1, .fd = -1
	};
	if (!draft->text)
		return err_sys(err, ENOMEM, "%s", path);
	snprintf(draft->name, sizeof(draft->name), "%s", name);
	if (snprintf(draft->directory, sizeof(draft->directory), ".%s.edit", name) > NAME_MAX)
		return err_sys(err, ENAMETOOLONG, "%s", path);
	snprintf(directory, sizeof(directory), "%.*s", (int)(name - 1 - path), path);
	int fd = open_or_make(directory, directories, err);
	if (fd < 0)
		return fd;
	draft->parent = fd;
	int r = read_file(draft, err);
	if (r == 0)
		r = lock(draft, err);
	return r < 0 ? r : write_file(draft->fd, draft->name, draft->text, draft->length, err);
}

static void path_in(const struct draft *draft, const char *name, char path[PATH_MAX])
{
	int length = (int)(strrchr(draft->path, '/') - draft->path);

	if (snprintf(path, PATH_MAX, "%.*s/%s/%s", length, draft->path, draft->directory, name) >=
	    PATH_MAX)
		path[0] = '\0'; /* is nowhere */
}

void draft_edited_path(const struct draft *draft, char path[PATH_MAX])
{
	path_in(draft, draft->name, path);
}

int draft_take(const struct draft *draft, char path[PATH_MAX], bool *ret_changed, struct err *err)
{
	cleanup_free char *text = NULL;
	size_t length;
	/* Nobody else comes into its directory, whatever mode the editor gave it. */
	cleanup_fd int fd =
	    safe_open_file(draft->fd, draft->name, draft->path, SAFE_OWNER_ANY, err);

	if (fd < 0)
		return fd;
	int r = fd_read_all(fd, SAFE_FILE_MAX, &text, &length, err);
	if (r < 0)
		return err_prefix(err, "%s", draft->path);
	*ret_changed = length != draft->length || memcmp(text, draft->text, length) != 0;
	path_in(draft, CHECKED, path);
	return write_file(draft->fd, CHECKED, text, length, err);
}

int draft_save(const struct draft *draft, struct err *err)
{
	cleanup_fd int fd = openat(draft->fd, CHECKED, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fchmod(fd, draft->mode) < 0 || fsync(fd) < 0 ||
	    renameat(draft->fd, CHECKED, draft->parent, draft->name) < 0 ||
	    fsync(draft->parent) < 0)
		return err_sys(err, errno, "%s: cannot save", draft->path);
	return 0;
}

void draft_close(struct draft *draft)
{
	if (draft->fd >= 0) {
		empty(draft->fd);
		(void)unlinkat(draft->parent, draft->directory, AT_REMOVEDIR);
	}
	draft->fd = fd_close(draft->fd);
	draft->parent = fd_close(draft->parent);
	free(draft->text);
	draft->text = NULL;
}
