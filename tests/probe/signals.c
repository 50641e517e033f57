/* SPDX-License-Identifier: MIT */

/*
 * What a program sees of signals:
 *
 *	signals watch		print "ready", then the number of each signal that arrives; TERM
 *ends signals raise N		die of signal N signals orphans N	leave N children without a
 *parent, wait until PID 1 has reaped them all (at most 10 s); prints how many are left
 */

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* TSTP, TTIN and TTOU keep what they do by default, so that the program can be stopped. */
static int watch(void)
{
	sigset_t set;
	int number;

	sigfillset(&set);
	sigdelset(&set, SIGTSTP);
	sigdelset(&set, SIGTTIN);
	sigdelset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	do {
		if (sigwait(&set, &number) != 0)
			return 1;
		printf("%d\n", number);
		fflush(stdout);
	} while (number != SIGTERM);
	return 0;
}

static int die_of(int number)
{
	struct rlimit none = { 0, 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	kill(getpid(), number);
	return 99;
}

static int count_processes(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (proc && (entry = readdir(proc)))
		count += isdigit((unsigned char)entry->d_name[0]) != 0;
	if (proc)
		closedir(proc);
	return count;
}

static void leave_orphan(void)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() == 0)
			usleep(1000);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static int orphans(int number)
{
	int before = count_processes(), now;

	for (int i = 0; i < number; i++)
		leave_orphan();
	for (int i = 0; (now = count_processes()) > before && i < 1000; i++)
		usleep(10000);
	printf("%d\n", now - before);
	return 0;
}

int main(int argc, char **argv)
{
	int number = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;

	if (argc == 2 && strcmp(argv[1], "watch") == 0)
		return watch();
	if (argc == 3 && strcmp(argv[1], "raise") == 0)
		return die_of(number);
	if (argc == 3 && strcmp(argv[1], "orphans") == 0)
		return orphans(number);
	fprintf(stderr, "signals: watch | raise NUMBER | orphans COUNT\n");
	return 3;
}
