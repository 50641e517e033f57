/* SPDX-License-Identifier: MIT */

/*
 * Uses up one resource, so that its limit shows:
 *
 *	load memory MIB		touch that much memory, then say so
 *	load spin MILLISECONDS	compute for that long; prints the milliseconds of CPU time got
 *	load tasks COUNT	try to start that many children at once; prints how many could be
 *	load bomb		fork for ever, in every child too
 *	load files COUNT	try to open that many descriptors; prints how many could be
 *	load write FILE MIB	write and sync that much; prints the milliseconds it took
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1024UL * 1024)

static long milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int memory(unsigned long mib)
{
	char *area =
	    mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		printf("refused: %s\n", strerror(errno));
		return 1;
	}
	for (unsigned long i = 0; i < mib * MIB; i += 4096)
		area[i] = 1;
	printf("allocated %lu MiB\n", mib);
	return 0;
}

static int spin(unsigned long duration)
{
	long start = milliseconds(CLOCK_MONOTONIC);

	while (milliseconds(CLOCK_MONOTONIC) - start < (long)duration)
		;
	printf("%ld\n", milliseconds(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}

static int tasks(unsigned long count)
{
	pid_t *children = calloc(count, sizeof *children);
	unsigned long started = 0;

	if (!children)
		return 1;
	while (started < count) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			pause();
			_exit(0);
		}
		children[started++] = pid;
	}
	printf("%lu\n", started);
	for (unsigned long i = 0; i < started; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	free(children);
	return 0;
}

static _Noreturn void bomb(void)
{
	for (;;)
		if (fork() < 0)
			continue;
}

static int files(unsigned long count)
{
	unsigned long opened = 0;

	while (opened < count && dup(0) >= 0)
		opened++;
	printf("%lu\n", opened);
	return 0;
}

static int write_file(const char *name, unsigned long mib)
{
	static char block[MIB] __attribute__((aligned(4096)));
	long start = milliseconds(CLOCK_MONOTONIC);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0600);

	if (fd < 0)
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	for (unsigned long i = 0; i < mib; i++)
		if (fd < 0 || write(fd, block, sizeof block) != (ssize_t)sizeof block) {
			perror(name);
			return 1;
		}
	if (fsync(fd) < 0)
		return 1;
	printf("%ld\n", milliseconds(CLOCK_MONOTONIC) - start);
	return close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_file(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "memory") == 0)
		return memory(strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "spin") == 0)
		return spin(strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "tasks") == 0)
		return tasks(strtoul(argv[2], NULL, 10));
	if (argc == 2 && strcmp(argv[1], "bomb") == 0)
		bomb();
	if (argc == 3 && strcmp(argv[1], "files") == 0)
		return files(strtoul(argv[2], NULL, 10));
	fprintf(stderr, "load: memory MIB | spin MS | tasks N | bomb | files N | write FILE MIB\n");
	return 3;
}
