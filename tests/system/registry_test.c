/* SPDX-License-Identifier: MIT */
/* The registry under /run/contain: claims, locks, and what is left when a holder dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/jail/control.h"
#include "lib/jail/registry.h"

/* A /run of our own, so that the machine's registry is not touched. */
static int private_run(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP - registry: needs root for a private /run\n");
		exit(0);
	}
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		return -1;
	return 0;
}

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static struct registry open_registry(void)
{
	struct registry registry = REGISTRY_INIT;
	struct err err = ERR_INIT;

	if (registry_open(&registry, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return registry;
}

static void a_name_is_held_once(void **state)
{
	struct registry first = open_registry(), second = open_registry();

	(void)state;
	assert_int_equal(registry_claim(&first, "jails/web"), 0);
	assert_int_equal(registry_claim(&second, "jails/web"), -EEXIST);
	registry_close(&first);
	assert_int_equal(registry_claim(&second, "jails/web"), 0);
	registry_close(&second);
	assert_int_equal(entries("/run/contain/jails"), 0);
}

/* Claims in a child process, which is then killed; what it held is on disk, without a lock. */
static void die_holding(const char *const *paths)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct registry registry = open_registry();
		for (; *paths; paths++)
			if (registry_claim(&registry, *paths) != 0)
				_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	struct registry other = open_registry();
	assert_int_equal(registry_claim(&other, paths[0]), -EEXIST); /* the control: it lives */
	registry_close(&other);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void the_dead_hold_nothing(void **state)
{
	static const char *const paths[] = { "jails/dead", "leases/ids/7", "leases/net/b-10.0.0.1",
		NULL };

	(void)state;
	die_holding(paths);
	struct registry registry = open_registry();
	assert_int_equal(registry_claim(&registry, "jails/dead"), 0);
	assert_int_equal(registry_claim(&registry, "leases/ids/7"), 0);
	assert_int_equal(registry_claim(&registry, "leases/net/b-10.0.0.1"), 0);
	registry_close(&registry);
}

static void gc_removes_the_dead_only(void **state)
{
	static const char *const paths[] = { "jails/dead", "leases/ids/9", NULL };
	struct registry living = open_registry();

	(void)state;
	assert_int_equal(registry_claim(&living, "jails/living"), 0);
	assert_int_equal(registry_claim(&living, "leases/ids/1"), 0);
	die_holding(paths);
	assert_int_equal(entries("/run/contain/jails"), 2);
	assert_int_equal(registry_gc(&living), 1);
	assert_int_equal(entries("/run/contain/jails"), 1);
	assert_int_equal(entries("/run/contain/holders"), 1);
	assert_int_equal(entries("/run/contain/leases/ids"), 1);
	assert_int_equal(access("/run/contain/jails/living", F_OK), 0);
	registry_close(&living);
	assert_int_equal(entries("/run/contain/leases/ids"), 0);
}

/* A dead record may name what meanwhile belongs to somebody else: written down, but never got. */
static void gc_leaves_what_others_hold(void **state)
{
	struct registry living = open_registry();
	int status;

	(void)state;
	assert_int_equal(registry_claim(&living, "leases/ids/5"), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct registry liar = open_registry();
		_exit(registry_claim(&liar, "jails/liar") < 0 ||
		      registry_note(&liar, "claim", "leases/ids/5", NULL) < 0 ||
		      registry_note(&liar, "cgroup", "/etc", NULL) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(access("/run/contain/jails/liar", F_OK), 0);
	assert_int_equal(registry_gc(&living), 1);
	assert_int_equal(access("/run/contain/jails/liar", F_OK), -1);
	assert_int_equal(access("/run/contain/leases/ids/5", F_OK), 0);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	registry_close(&living);
}

/* Dies as soon as its control socket is there, by the limit on the size of its record. */
static void listen_and_die(void)
{
	struct registry registry = open_registry();
	char holder[REGISTRY_HOLDER_MAX];
	struct stat st;

	registry_holder(&registry, holder);
	if (registry_claim(&registry, "jails/early") < 0 || fstat(registry.record, &st) < 0)
		_exit(1);
	rlim_t size = (rlim_t)st.st_size + strlen("listener control/") + strlen(holder) + 1;
	const struct rlimit limit = { size, size };
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(1);
	_exit(control_listen(&registry, NULL) < 0 ? 2 : 3);
}

static void gc_finds_the_socket_of_who_died_making_it(void **state)
{
	struct registry living = open_registry();
	int status;

	(void)state;
	unsigned before = entries("/run/contain/control");
	pid_t pid = fork();
	if (pid == 0)
		listen_and_die();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXFSZ);
	assert_int_equal(entries("/run/contain/control"), before + 1);
	assert_int_equal(registry_gc(&living), 1);
	assert_int_equal(entries("/run/contain/control"), before);
	registry_close(&living);
}

static void a_claim_of_a_child_is_kept(void **state)
{
	struct registry registry = open_registry(), other = open_registry();
	int status;

	(void)state;
	assert_int_equal(registry_claim(&registry, "jails/parent"), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(registry_claim(&registry, "leases/net/b-10.0.0.9") == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(registry_claim(&other, "leases/net/b-10.0.0.9"), -EEXIST);
	registry_close(&registry);
	assert_int_equal(entries("/run/contain/leases/net"), 0);
	registry_close(&other);
}

static void many_at_once_get_one_each(void **state)
{
	enum { HOLDERS = 40 };
	pid_t pids[HOLDERS];
	int go[2], got_it[2], end[2];

	(void)state;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(got_it), 0);
	assert_int_equal(pipe(end), 0);
	for (int i = 0; i < HOLDERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			char path[32], byte;
			unsigned char got = 255;
			struct registry registry = open_registry();
			close(go[1]);
			close(end[1]);
			(void)!read(go[0], &byte, 1); /* end of file starts all of them */
			for (unsigned char n = 0; n < HOLDERS && got == 255; n++) {
				snprintf(path, sizeof(path), "leases/ids/%d", n);
				if (registry_claim(&registry, path) == 0)
					got = n;
			}
			(void)!write(got_it[1], &got, 1);
			(void)!read(end[0], &byte, 1); /* all hold theirs until all have one */
			_exit(0);
		}
	}
	close(go[0]);
	close(go[1]);
	close(got_it[1]);
	unsigned char got[HOLDERS];
	int count = 0;
	while (count < HOLDERS && read(got_it[0], &got[count], 1) == 1)
		count++;
	close(got_it[0]);
	close(end[0]);
	close(end[1]);
	for (int i = 0; i < HOLDERS; i++)
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	assert_int_equal(count, HOLDERS);
	bool seen[HOLDERS] = { false };
	for (int i = 0; i < HOLDERS; i++) {
		assert_true(got[i] < HOLDERS);
		assert_false(seen[got[i]]);
		seen[got[i]] = true;
	}
}

static void a_directory_of_others_is_refused(void **state)
{
	struct registry registry = REGISTRY_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(chmod("/run/contain", 0777), 0);
	assert_int_equal(registry_open(&registry, NULL, &err), -EPERM);
	assert_non_null(strstr(err.text, "/run/contain"));
	assert_int_equal(chmod("/run/contain", 0711), 0);
	assert_int_equal(chown("/run/contain", 65534, 65534), 0);
	assert_int_equal(registry_open(&registry, NULL, &err), -EPERM);
	assert_int_equal(chown("/run/contain", 0, 0), 0);
	assert_int_equal(rename("/run/contain", "/run/elsewhere"), 0);
	assert_int_equal(symlink("/run/elsewhere", "/run/contain"), 0);
	assert_true(registry_open(&registry, NULL, &err) < 0);
	assert_int_equal(unlink("/run/contain"), 0);
	assert_int_equal(rename("/run/elsewhere", "/run/contain"), 0);
	registry = open_registry(); /* the control: now it is ours again */
	registry_close(&registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_held_once),
		cmocka_unit_test(the_dead_hold_nothing),
		cmocka_unit_test(gc_removes_the_dead_only),
		cmocka_unit_test(gc_leaves_what_others_hold),
		cmocka_unit_test(gc_finds_the_socket_of_who_died_making_it),
		cmocka_unit_test(a_claim_of_a_child_is_kept),
		cmocka_unit_test(many_at_once_get_one_each),
		cmocka_unit_test(a_directory_of_others_is_refused),
	};

	return cmocka_run_group_tests(tests, private_run, NULL);
}
