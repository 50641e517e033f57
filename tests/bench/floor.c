/* SPDX-License-Identifier: MIT */

/*
 * The least that a container can cost: a process in seven new namespaces whose ids are mapped, a
 * root of its own, a fresh /proc, and the command. No /dev, no /sys, no limits, no filter, no
 * capabilities dropped, no PID 1 that reaps. What contain-exec and its peers take beyond this is
 * what they do beyond this.
 *
 *	floor ROOT COMMAND [ARGUMENT...]
 *
 * Needs root. The exit code is the command's.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWCGROUP)

/* A block of ids that nobody has, as a private user namespace should have. */
#define MAP "0 2000000000 65536\n"

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void write_map(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	check(fd, path);
	check((int)write(fd, MAP, sizeof(MAP) - 1), path);
	close(fd);
}

/* The fresh /proc comes before the host's goes: without one that it can see in full, a user
 * namespace gets none. */
static void enter_root(const char *root)
{
	check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "bind the root");
	check(chdir(root), root);
	check(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount /proc");
	check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "detach the host's root");
}

static void be_the_command(int go, char **argv)
{
	char byte;

	check(read(go, &byte, 1) == 1 ? 0 : -1, "wait for the map");
	check(setgroups(0, NULL), "setgroups");
	check(setresgid(0, 0, 0), "setresgid");
	check(setresuid(0, 0, 0), "setresuid");
	enter_root(argv[1]);
	execve(argv[2], argv + 2, (char *[]){ NULL });
	check(-1, argv[2]);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct clone_args args = { .flags = NAMESPACES, .exit_signal = SIGCHLD };
	int go[2], status;

	if (argc < 3) {
		fprintf(stderr, "usage: floor ROOT COMMAND [ARGUMENT...]\n");
		return 125;
	}
	check(pipe2(go, O_CLOEXEC), "pipe");
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	check(pid, "clone3");
	if (pid == 0)
		be_the_command(go[0], argv);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	check((int)write(go[1], "", 1), "let it begin");
	check(waitpid(pid, &status, 0), "waitpid");
	return exit_code(status);
}
