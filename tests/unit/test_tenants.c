/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/jail/tenants.h"

#define LEASE "leases/net/lab0-10.0.0.1"

static int make_directory(char path[64])
{
	const char *scratch = getenv("SCRATCH");

	snprintf(path, 64, "%s/tenants-XXXXXX", scratch ?: "/tmp");
	assert_non_null(mkdtemp(path));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void remove_directory(int fd, const char *path)
{
	unlinkat(fd, TENANTS_FILE, 0);
	close(fd);
	rmdir(path);
}

static void an_address_is_its_last_tenants(void **state)
{
	char path[64];
	int fd = make_directory(path);

	(void)state;
	assert_false(tenants_linger(fd, LEASE, "alice"));
	assert_int_equal(tenants_move_in(fd, LEASE, "alice", NULL), 0);
	tenants_move_out(fd, LEASE);
	assert_false(tenants_linger(fd, LEASE, "alice"));
	assert_true(tenants_linger(fd, LEASE, "bob"));
	remove_directory(fd, path);
}

/* Whoever has another address that shares its place has not had this one. */
static void places_are_shared(void **state)
{
	char path[64], other[64];
	unsigned number = 0;
	int fd = make_directory(path);

	(void)state;
	do
		snprintf(other, sizeof(other), "leases/net/lab1-%u", number++);
	while (hash_text(other) % 65536 != hash_text(LEASE) % 65536);
	assert_int_equal(tenants_move_in(fd, LEASE, "alice", NULL), 0);
	assert_int_equal(tenants_move_in(fd, other, "bob", NULL), 0);
	tenants_move_out(fd, LEASE);
	assert_true(tenants_linger(fd, LEASE, "bob"));
	remove_directory(fd, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_its_last_tenants),
		cmocka_unit_test(places_are_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
