/* SPDX-License-Identifier: MIT */
/* The store of images, in a directory of its own; root, because it is root's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/image/store.h"

struct fixture {
	char path[64];
	struct store store;
};

static struct digest number(unsigned n)
{
	char text[DIGEST_TEXT_MAX];
	struct digest digest;

	snprintf(text, sizeof(text), DIGEST_PREFIX "%064x", n);
	assert_int_equal(digest_parse(text, &digest, NULL), 0);
	return digest;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	struct err err = ERR_INIT;

	snprintf(fixture.path, sizeof(fixture.path), "/var/tmp/contain-store-XXXXXX");
	assert_non_null(mkdtemp(fixture.path));
	if (store_open(fixture.path, true, &fixture.store, &err) < 0)
		fail_msg("%s", err.text);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	int parent = open("/var/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	store_close(&fixture->store);
	assert_int_equal(store_remove_tree(parent, fixture->path + strlen("/var/tmp/"), NULL), 0);
	close(parent);
	return 0;
}

/* A layer with one file in it, as somebody makes it who then holds it. */
static struct store_layer make_layer(const struct store *store, unsigned n)
{
	const struct layer_facts facts = { .size = 10 + n, .entries = 1, .tree = number(1000 + n) };
	const struct digest diff_id = number(n);
	struct store_layer layer = STORE_LAYER_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(store_begin_layer(store, &diff_id, &layer, &err), 0);
	assert_int_equal(mkdirat(layer.directory, "tree", 0755), 0);
	assert_int_equal(mkdirat(layer.directory, "tree/etc", 0755), 0);
	if (store_publish_layer(store, &layer, &diff_id, &facts, &err) < 0)
		fail_msg("%s", err.text);
	return layer;
}

/* An image of the layers from..to, called `name`. */
static struct digest make_image(
    const struct store *store, const char *name, unsigned id, unsigned from, unsigned to)
{
	struct store_layer layers[8];
	struct image image = { .id = number(id), .architecture = "amd64" };
	struct err err = ERR_INIT;

	for (unsigned n = from; n <= to; n++) {
		const struct digest diff_id = number(n);
		layers[n - from] = (struct store_layer)STORE_LAYER_INIT;
		if (store_begin_layer(store, &diff_id, &layers[n - from], &err) == 0) {
			store_end_layer(store, &layers[n - from]);
			layers[n - from] = make_layer(store, n);
		}
		assert_int_equal(image_add_layer(&image, &diff_id, &err), 0);
	}
	if (store_publish_image(store, &image, name, &err) < 0)
		fail_msg("%s", err.text);
	for (unsigned n = from; n <= to; n++)
		store_end_layer(store, &layers[n - from]);
	const struct digest ret = image.id;
	image_done(&image);
	return ret;
}

static bool has_layer(const struct store *store, unsigned n)
{
	const struct digest diff_id = number(n);
	int fd = store_open_layer(store, &diff_id, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int find(const struct store *store, const char *name, struct err *err)
{
	struct image image;
	int lock = -1, r = store_find_image(store, name, &image, &lock, err);

	if (r == 0) {
		image_done(&image);
		close(lock);
	}
	return r;
}

static bool means(const struct store *store, const char *name, unsigned id)
{
	const struct digest digest = number(id);
	struct image image = { .layers = NULL };
	int lock = -1, r = store_find_image(store, name, &image, &lock, NULL);
	bool same = r == 0 && digest_equal(&image.id, &digest);

	image_done(&image);
	if (lock >= 0)
		close(lock);
	return same;
}

static unsigned staged(const struct fixture *fixture)
{
	int fd = openat(fixture->store.staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *staging = fdopendir(fd);
	unsigned count = 0;

	assert_non_null(staging);
	for (const struct dirent *entry; (entry = readdir(staging));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(staging);
	return count;
}

static void an_image_is_found_by_name_and_id(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	struct err err = ERR_INIT;
	struct image image;
	int lock;

	assert_int_equal(find(store, "debian:12", &err), -ENOENT);
	assert_non_null(strstr(err.text, "containctl image pull debian:12"));
	const struct digest id = make_image(store, "docker.io/library/debian:12", 1, 101, 103);
	assert_int_equal(find(store, "debian:12", NULL), 0);
	assert_int_equal(find(store, "docker.io/library/debian:12", NULL), 0);
	assert_int_equal(find(store, "debian:13", NULL), -ENOENT);
	assert_int_equal(store_find_image(store, id.text, &image, &lock, &err), 0);
	assert_int_equal(image.layer_count, 3);
	assert_true(digest_equal(&image.id, &id));
	image_done(&image);
	close(lock);
	assert_int_equal(staged(fixture), 0);
}

static void a_layer_is_made_once(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	struct store_layer mine = STORE_LAYER_INIT, other = STORE_LAYER_INIT;
	const struct digest diff_id = number(7);
	const struct layer_facts facts = { .size = 1, .entries = 2, .tree = number(3) };
	struct layer_facts back;
	struct err err = ERR_INIT;

	assert_int_equal(store_begin_layer(store, &diff_id, &mine, &err), 0);
	assert_int_equal(store_begin_layer(store, &diff_id, &other, &err), -EAGAIN);
	assert_int_equal(mkdirat(mine.directory, "tree", 0755), 0);
	assert_int_equal(store_publish_layer(store, &mine, &diff_id, &facts, &err), 0);
	assert_int_equal(store_begin_layer(store, &diff_id, &other, &err), 1);
	assert_int_equal(store_layer_facts(store, &diff_id, &back, &err), 0);
	assert_memory_equal(&facts, &back, sizeof(facts));
	store_end_layer(store, &mine);
	store_end_layer(store, &other);
	assert_int_equal(staged(fixture), 0);

	/* One that is not published is gone. */
	const struct digest another = number(8);
	assert_int_equal(store_begin_layer(store, &another, &mine, &err), 0);
	assert_int_equal(mkdirat(mine.directory, "tree", 0755), 0);
	assert_int_equal(staged(fixture), 1);
	store_end_layer(store, &mine);
	assert_int_equal(staged(fixture), 0);
	assert_false(has_layer(store, 8));
}

/* Two make the same whose name they learn only at the end. */
static void who_is_second_takes_the_first_ones(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	const struct layer_facts facts = { .size = 1, .entries = 2, .tree = number(3) };
	const struct digest diff_id = number(9);
	struct store_layer mine = STORE_LAYER_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(store_begin_layer(store, NULL, &mine, &err), 0);
	assert_int_equal(mkdirat(mine.directory, "tree", 0755), 0);
	struct store_layer first = make_layer(store, 9);
	assert_int_equal(store_publish_layer(store, &mine, &diff_id, &facts, &err), 0);
	assert_int_equal(mine.directory, -1);
	struct layer_facts back;
	assert_int_equal(store_layer_facts(store, &diff_id, &back, &err), 0);
	assert_int_equal(back.size, 19);
	store_end_layer(store, &mine);
	store_end_layer(store, &first);
	assert_int_equal(staged(fixture), 0);
}

static void what_is_needed_stays(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	struct store_collected collected;
	struct err err = ERR_INIT;

	make_image(store, "docker.io/library/a:1", 1, 101, 102);
	make_image(store, "docker.io/library/b:1", 2, 102, 103);
	make_image(store, "docker.io/library/c:1", 2, 102, 103);
	assert_int_equal(store_remove_image(store, "c:1", &err), 0);
	assert_int_equal(find(store, "b:1", &err), 0);
	assert_int_equal(store_remove_image(store, "b:1", &err), 0);
	assert_int_equal(find(store, "b:1", NULL), -ENOENT);
	assert_int_equal(store_remove_image(store, "b:1", NULL), -ENOENT);
	assert_true(has_layer(store, 101));
	assert_true(has_layer(store, 102));
	assert_false(has_layer(store, 103));
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_int_equal(collected.images + collected.layers + collected.leftovers, 0);
	assert_true(has_layer(store, 102));

	/* Another image takes the name: the old one goes with the collector. */
	make_image(store, "docker.io/library/a:1", 3, 104, 104);
	assert_true(has_layer(store, 101));
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_int_equal(collected.images, 1);
	assert_int_equal(collected.layers, 2);
	assert_int_equal(collected.bytes, 10 + 101 + 10 + 102);
	assert_false(has_layer(store, 101));
	assert_true(has_layer(store, 104));
	assert_int_equal(store_remove_image(store, number(3).text, &err), 0);
	assert_false(has_layer(store, 104));
	assert_int_equal(staged(fixture), 0);
}

static void what_is_used_stays(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	struct store_collected collected;
	struct err err = ERR_INIT;
	struct image image;
	int lock;

	make_image(store, "docker.io/library/a:1", 1, 101, 101);
	assert_int_equal(store_find_image(store, "a:1", &image, &lock, &err), 0);
	image_done(&image);
	assert_int_equal(store_remove_image(store, "a:1", &err), -EBUSY);
	assert_int_equal(find(store, "a:1", NULL), 0);
	make_image(store, "docker.io/library/a:1", 2, 102, 102);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_true(has_layer(store, 101));
	close(lock);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_false(has_layer(store, 101));
	assert_true(has_layer(store, 102));

	/* A layer that somebody is about to make an image of. */
	const struct digest diff_id = number(105);
	struct store_layer layer = make_layer(store, 105), again = STORE_LAYER_INIT;
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_true(has_layer(store, 105));
	assert_int_equal(store_begin_layer(store, &diff_id, &again, &err), 1);
	store_end_layer(store, &layer);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_true(has_layer(store, 105));
	store_end_layer(store, &again);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_false(has_layer(store, 105));
}

/* Killed at the worst moments; the next one finds no trace. */
static void the_dead_leave_nothing(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	const struct digest diff_id = number(7);
	struct store_layer layer = STORE_LAYER_INIT;
	struct store_collected collected;
	struct err err = ERR_INIT;
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (store_begin_layer(store, &diff_id, &layer, NULL) < 0 ||
		    mkdirat(layer.directory, "tree", 0755) < 0 ||
		    mkdirat(layer.directory, "tree/deep", 0755) < 0)
			_exit(1);
		(void)!write(ready[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(store_begin_layer(store, &diff_id, &layer, &err), -EAGAIN);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_int_equal(staged(fixture), 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(store_begin_layer(store, &diff_id, &layer, &err), 0);
	assert_int_equal(faccessat(layer.directory, "tree", F_OK, 0), -1);
	assert_int_equal(mkdirat(layer.directory, "tree", 0755), 0);
	close(layer.directory);
	assert_int_equal(staged(fixture), 1);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_int_equal(collected.leftovers, 1);
	assert_int_equal(staged(fixture), 0);
	close(ready[0]);
	close(ready[1]);
}

/*
 * Two at the same time, each process 1 of a PID namespace of its own, as in two containers that
 * have one store; descriptors of its own, since locks are theirs. Returns how many did not end
 * with 0.
 */
static unsigned both(const struct fixture *fixture, int (*work)(const struct store *, unsigned who))
{
	unsigned failed = 0;
	pid_t pids[2];
	int start[2], status;

	assert_int_equal(pipe2(start, O_CLOEXEC), 0);
	for (unsigned who = 0; who < 2; who++) {
		pids[who] = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, 0);
		assert_true(pids[who] >= 0);
		if (pids[who] != 0)
			continue;
		struct store store;
		char byte;
		close(start[1]);
		if (store_open(fixture->path, false, &store, NULL) < 0 ||
		    read(start[0], &byte, 1) != 0)
			_exit(2);
		_exit(work(&store, who));
	}
	close(start[0]);
	close(start[1]);
	for (unsigned who = 0; who < 2; who++)
		failed += waitpid(pids[who], &status, 0) != pids[who] || status != 0;
	return failed;
}

#define ROUNDS 100

/* How the layer came about does not matter here. */
static int publish(const struct store *store, unsigned id, unsigned layer, const char *name)
{
	struct image image = { .id = number(id), .architecture = "amd64" };
	const struct digest diff_id = number(layer);
	struct err err = ERR_INIT;
	int r = image_add_layer(&image, &diff_id, &err);

	if (r == 0)
		r = store_publish_image(store, &image, name, &err);
	image_done(&image);
	if (r < 0)
		printf("# %s\n", err.text);
	fflush(stdout);
	return r;
}

static int publish_own(const struct store *store, unsigned who)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ROUNDS; i++)
		r = publish(store, 100 + who * ROUNDS + i, 101, who ? "h.x/b:1" : "h.x/a:1");
	return r != 0;
}

static void who_has_the_same_number_is_another(void **state)
{
	struct fixture *fixture = *state;
	const char *const names[] = { "h.x/a:1", "h.x/b:1" };

	store_end_layer(
	    &fixture->store, (struct store_layer[]){ make_layer(&fixture->store, 101) });
	assert_int_equal(both(fixture, publish_own), 0);
	for (unsigned who = 0; who < 2; who++)
		assert_true(means(&fixture->store, names[who], 100 + (who + 1) * ROUNDS - 1));
	assert_int_equal(staged(fixture), 0);
}

/* What the archive in it is, both know only at the end. */
static int make_same_layers(const struct store *store, unsigned who)
{
	const struct layer_facts facts = { .size = 1 + who, .entries = 1, .tree = number(3) };
	struct err err = ERR_INIT;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ROUNDS / 4; i++) {
		struct store_layer layer = STORE_LAYER_INIT;
		const struct digest diff_id = number(500 + i);
		r = store_begin_layer(store, NULL, &layer, &err);
		if (r == 0)
			r = mkdirat(layer.directory, "tree", 0755);
		if (r == 0)
			r = store_publish_layer(store, &layer, &diff_id, &facts, &err);
		store_end_layer(store, &layer);
	}
	if (r < 0)
		printf("# %s\n", err.text);
	fflush(stdout);
	return r != 0;
}

static void who_makes_the_same_waits(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(both(fixture, make_same_layers), 0);
	for (unsigned i = 0; i < ROUNDS / 4; i++)
		assert_true(has_layer(&fixture->store, 500 + i));
	assert_int_equal(staged(fixture), 0);
}

static ino_t record_of(const struct store *store, unsigned id)
{
	const struct digest digest = number(id);
	struct stat st;

	return fstatat(store->images, digest_hex(&digest), &st, AT_SYMLINK_NOFOLLOW) == 0
		   ? st.st_ino
		   : 0;
}

/* A jail may have locked a record as soon as there is one: then it must not become another. */
static int publish_same(const struct store *store, unsigned who)
{
	ino_t first[ROUNDS];
	int r = 0;

	for (unsigned i = 0; r == 0 && i < ROUNDS; i++) {
		r = publish(store, 700 + i, 101, who ? "h.x/b:1" : "h.x/a:1");
		first[i] = record_of(store, 700 + i);
	}
	(void)usleep(10000);
	for (unsigned i = 0; r == 0 && i < ROUNDS; i++)
		r = first[i] && record_of(store, 700 + i) == first[i] ? 0 : 1;
	return r != 0;
}

static void a_record_is_made_once(void **state)
{
	struct fixture *fixture = *state;

	store_end_layer(
	    &fixture->store, (struct store_layer[]){ make_layer(&fixture->store, 101) });
	assert_int_equal(both(fixture, publish_same), 0);
	assert_int_equal(staged(fixture), 0);
}

/* One makes a layer of no image and lets go of it, and one collects it. */
static int make_or_collect(const struct store *store, unsigned who)
{
	const struct layer_facts facts = { .size = 1, .entries = 1, .tree = number(3) };
	const struct digest diff_id = number(101);
	struct store_collected collected;

	for (unsigned i = 0; i < 10 * ROUNDS; i++) {
		struct store_layer layer = STORE_LAYER_INIT;
		if (who) {
			if (store_collect(store, &collected, NULL) < 0)
				return 1;
			continue;
		}
		int r = store_begin_layer(store, &diff_id, &layer, NULL);
		if (r == 0 && mkdirat(layer.directory, "tree", 0755) < 0)
			return 2;
		if (r == 0)
			r = store_publish_layer(store, &layer, &diff_id, &facts, NULL);
		if (r < 0 && r != -EAGAIN)
			return 3;
		if (r >= 0 && !has_layer(store, 101))
			return 4;
		store_end_layer(store, &layer);
	}
	return 0;
}

static void what_somebody_holds_is_there(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(both(fixture, make_or_collect), 0);
	assert_int_equal(staged(fixture), 0);
}

/* Whoever makes an image again repairs its record. */
static void a_wrong_record_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	const struct digest id = number(1), other = number(102);
	struct image image = { .layers = NULL };
	int lock;

	for (unsigned n = 101; n <= 102; n++)
		store_end_layer(store, (struct store_layer[]){ make_layer(store, n) });
	assert_int_equal(publish(store, 1, 101, "h.x/a:1"), 0);
	int fd = openat(store->images, digest_hex(&id), O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 50), 0);
	close(fd);
	assert_int_equal(find(store, "h.x/a:1", NULL), -EUCLEAN);
	assert_int_equal(publish(store, 1, 101, "h.x/a:1"), 0);
	assert_int_equal(find(store, "h.x/a:1", NULL), 0);
	assert_int_equal(publish(store, 1, 102, "h.x/a:1"), 0);
	assert_int_equal(store_find_image(store, "h.x/a:1", &image, &lock, NULL), 0);
	assert_true(digest_equal(&image.layers[0], &other));
	image_done(&image);
	close(lock);
	assert_int_equal(staged(fixture), 0);
}

/* Such a record could not be read, and nothing be collected any more. */
static void no_image_is_without_layers(void **state)
{
	struct fixture *fixture = *state;
	const struct image image = { .id = number(1), .architecture = "amd64" };
	struct err err = ERR_INIT;

	assert_int_equal(store_publish_image(&fixture->store, &image, "h.x/a:1", &err), -EINVAL);
	assert_non_null(strstr(err.text, "layer"));
	assert_int_equal(find(&fixture->store, "h.x/a:1", NULL), -ENOENT);
	assert_int_equal(staged(fixture), 0);
}

struct seen {
	unsigned images, unnamed, damaged;
	char order[256];
};

static int see(void *data, const char *name, const struct image *image, struct err *err)
{
	struct seen *seen = data;

	(void)image;
	(void)err;
	seen->images++;
	seen->unnamed += !name;
	strncat(seen->order, name ?: "-", sizeof(seen->order) - strlen(seen->order) - 1);
	strncat(seen->order, " ", sizeof(seen->order) - strlen(seen->order) - 1);
	return 0;
}

static int see_damaged(void *data, const char *what, const struct err *why, struct err *err)
{
	struct seen *seen = data;

	(void)err;
	assert_non_null(strstr(why->text, "damaged"));
	assert_true(*what);
	seen->damaged++;
	return 0;
}

/* One moves a name from an image to another, and one removes the first one with its names. */
static int move_or_remove(const struct store *store, unsigned who)
{
	const struct digest first = number(700);

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (who == 1) {
			(void)store_remove_image(store, first.text, NULL);
			continue;
		}
		if (publish(store, 700, 101, "h.x/a:1") < 0 ||
		    publish(store, 701, 101, "h.x/a:1") < 0 || !means(store, "h.x/a:1", 701))
			return 1;
	}
	return 0;
}

static void a_name_that_has_moved_is_not_taken_away(void **state)
{
	struct fixture *fixture = *state;

	make_image(&fixture->store, "h.x/keeps:1", 1, 101, 101);
	assert_int_equal(both(fixture, move_or_remove), 0);
	assert_true(means(&fixture->store, "h.x/a:1", 701));
}

/* One looks at it, and one moves it and collects what has no name then. */
static int move_or_look(const struct store *store, unsigned who)
{
	struct seen seen = { .images = 0 };
	const struct store_listing listing = { see, see_damaged, &seen };
	struct store_collected collected;
	struct err err = ERR_INIT;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < (who ? 20 : 1) * ROUNDS; i++) {
		r = who ? find(store, "h.x/a:1", &err)
			: publish(store, 700 + i % 2, 101, "h.x/a:1");
		if (r == 0)
			r = who ? store_list_images(store, &listing, &err)
				: store_collect(store, &collected, &err);
	}
	if (r < 0)
		printf("# %s\n", err.text);
	fflush(stdout);
	return r != 0 || seen.damaged;
}

static void a_name_always_leads_to_an_image(void **state)
{
	struct fixture *fixture = *state;

	make_image(&fixture->store, "h.x/keeps:1", 1, 101, 101);
	make_image(&fixture->store, "h.x/a:1", 700, 101, 101);
	assert_int_equal(both(fixture, move_or_look), 0);
}

static void damage_is_told_and_keeps_all_layers(void **state)
{
	struct fixture *fixture = *state;
	const struct store *store = &fixture->store;
	struct seen seen = { .images = 0 };
	const struct store_listing listing = { see, see_damaged, &seen };
	struct store_collected collected;
	struct err err = ERR_INIT;

	make_image(store, "docker.io/library/b:1", 1, 101, 101);
	make_image(store, "docker.io/library/c:1", 2, 102, 102);
	make_image(store, "docker.io/library/a:1", 3, 103, 103);
	make_image(store, "docker.io/library/a:1", 4, 104, 104);
	assert_int_equal(store_list_images(store, &listing, &err), 0);
	assert_int_equal(seen.images, 4);
	assert_int_equal(seen.unnamed, 1);
	assert_string_equal(
	    seen.order, "docker.io/library/a:1 docker.io/library/b:1 docker.io/library/c:1 - ");

	const struct digest damaged = number(2);
	int fd = openat(store->images, digest_hex(&damaged), O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 100), 0);
	close(fd);
	seen = (struct seen){ .images = 0 };
	assert_int_equal(store_list_images(store, &listing, &err), 0);
	assert_int_equal(seen.images, 3);
	assert_int_equal(seen.damaged, 1);
	assert_int_equal(find(store, "c:1", &err), -EUCLEAN);
	assert_int_equal(find(store, "b:1", NULL), 0);
	assert_int_equal(store_collect(store, &collected, &err), -EUCLEAN);
	assert_non_null(strstr(err.text, "containctl image rm sha256:"));
	assert_true(has_layer(store, 102));
	assert_true(has_layer(store, 103));
	assert_int_equal(store_remove_image(store, "c:1", &err), 0);
	assert_int_equal(store_collect(store, &collected, &err), 0);
	assert_false(has_layer(store, 102));
	assert_false(has_layer(store, 103));
	assert_true(has_layer(store, 101));
	assert_true(has_layer(store, 104));
}

static void the_store_is_nobody_elses(void **state)
{
	struct fixture *fixture = *state;
	struct store again;
	struct err err = ERR_INIT;

	assert_int_equal(store_open(fixture->path, false, &again, &err), 0);
	store_close(&again);
	assert_int_equal(chmod(fixture->path, 0711), 0);
	assert_int_equal(store_open(fixture->path, false, &again, &err), -EPERM);
	assert_non_null(strstr(err.text, "chmod 700"));
	assert_int_equal(chmod(fixture->path, 0700), 0);
	assert_int_equal(chown(fixture->path, 1000, 0), 0);
	assert_int_equal(store_open(fixture->path, false, &again, &err), -EPERM);
	assert_int_equal(chown(fixture->path, 0, 0), 0);
	assert_int_equal(store_open("/var/tmp/there-is-no-store", false, &again, &err), -ENOENT);
}

/* Deeper than a path can be, wider than a page of readdir(3). */
static void any_tree_can_be_removed(void **state)
{
	struct fixture *fixture = *state;
	int top = fixture->store.staging;
	char name[32];

	assert_int_equal(mkdirat(top, "deep", 0755), 0);
	int fd = openat(top, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(mkdirat(fd, "0", 0), 0);
		int below = openat(fd, "0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(symlinkat("/etc", fd, "link"), 0);
		close(fd);
		fd = below;
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "%x", i);
		assert_int_equal(mkdirat(fd, name, 0755), 0);
	}
	close(fd);
	assert_int_equal(store_remove_tree(top, "deep", NULL), 0);
	assert_int_equal(faccessat(top, "deep", F_OK, 0), -1);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	assert_int_equal(store_remove_tree(top, "deep", NULL), 0);
}

static void what_is_mounted_in_a_tree_stays(void **state)
{
	struct fixture *fixture = *state;
	int top = fixture->store.staging;
	char path[128], file[160];

	assert_int_equal(mkdirat(top, "old", 0755), 0);
	assert_int_equal(mkdirat(top, "old/mounted", 0755), 0);
	snprintf(path, sizeof(path), "%s/staging/old/mounted", fixture->path);
	snprintf(file, sizeof(file), "%s/file", path);
	assert_int_equal(mount("tmpfs", path, "tmpfs", 0, NULL), 0);
	assert_int_equal(close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	assert_int_equal(store_remove_tree(top, "old", NULL), -EXDEV);
	assert_int_equal(access(file, F_OK), 0);
	assert_int_equal(umount(path), 0);
	assert_int_equal(store_remove_tree(top, "old", NULL), 0);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_image_is_found_by_name_and_id),
		CASE(a_layer_is_made_once),
		CASE(who_is_second_takes_the_first_ones),
		CASE(what_is_needed_stays),
		CASE(what_is_used_stays),
		CASE(the_dead_leave_nothing),
		CASE(who_has_the_same_number_is_another),
		CASE(who_makes_the_same_waits),
		CASE(a_record_is_made_once),
		CASE(a_wrong_record_is_replaced),
		CASE(what_somebody_holds_is_there),
		CASE(no_image_is_without_layers),
		CASE(a_name_that_has_moved_is_not_taken_away),
		CASE(a_name_always_leads_to_an_image),
		CASE(damage_is_told_and_keeps_all_layers),
		CASE(the_store_is_nobody_elses),
		CASE(any_tree_can_be_removed),
		CASE(what_is_mounted_in_a_tree_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
