/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/kernel/host_mounts.h"

static void disks_are_carried(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_true(host_mounts_parse(
	    "36 35 98:0 / /usr rw,noatime master:1 - ext4 /dev/sda2 rw\n", path, sizeof(path)));
	assert_string_equal(path, "/usr");
	assert_true(host_mounts_parse(
	    "36 35 0:55 / /srv/data rw - nfs4 server:/data rw\n", path, sizeof(path)));
	assert_string_equal(path, "/srv/data");
	assert_true(
	    host_mounts_parse("36 35 0:55 /@var /var rw shared:2 master:3 - btrfs /dev/sda3 rw\n",
		path, sizeof(path)));
}

static void escapes_are_undone(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_true(host_mounts_parse(
	    "1 2 8:1 / /srv/a\\040b\\134c rw - ext4 /dev/sdb1 rw\n", path, sizeof(path)));
	assert_string_equal(path, "/srv/a b\\c");
}

static void the_rest_is_not(void **state)
{
	static const char *const lines[] = {
		"1 2 8:1 / / rw - ext4 /dev/sda1 rw\n",
		"1 2 8:1 / /home rw - ext4 /dev/sda1 rw\n",
		"1 2 8:1 / /home/alice rw - ext4 /dev/sda1 rw\n",
		"1 2 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n",
		"1 2 0:5 / /srv/tmp rw - tmpfs tmpfs rw\n",
		"1 2 0:5 / /proc rw - proc proc rw\n",
		"1 2 0:5 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n",
		"1 2 0:5 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		"1 2 0:5 / /srv/x rw - fuse.sshfs u@h: rw\n",
		"",
		"nonsense\n",
		"1 2 8:1 / /usr rw ext4 /dev/sda1 rw\n",
		"1 2 8:1 / /usr rw - ext4\n",
	};
	char path[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(host_mounts_parse(lines[i], path, sizeof(path)));
}

static void similar_names_are_not_hidden(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_true(
	    host_mounts_parse("1 2 8:1 / /homes rw - ext4 /dev/sda1 rw\n", path, sizeof(path)));
}

static void what_does_not_fit_is_left_out(void **state)
{
	char path[8];

	(void)state;
	assert_true(
	    host_mounts_parse("1 2 8:1 / /srv/ab rw - ext4 /dev/sda1 rw\n", path, sizeof(path)));
	assert_false(
	    host_mounts_parse("1 2 8:1 / /srv/abc rw - ext4 /dev/sda1 rw\n", path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_are_carried),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(the_rest_is_not),
		cmocka_unit_test(similar_names_are_not_hidden),
		cmocka_unit_test(what_does_not_fit_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
