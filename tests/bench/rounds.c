/* SPDX-License-Identifier: MIT */

/*
 * How long commands take, from before they are spawned until they are reaped, measured in rounds:
 * in each round every command runs once, in an order drawn anew, so that whatever disturbs the
 * machine, or is still to be cleaned up after another command, hits all alike.
 *
 *	rounds ROUNDS FILE
 *
 * A line of the file is a command: its name, how often it runs at most (spread evenly over the
 * rounds; 0: in each), and its arguments, separated by tabs. Per command one line is written, in
 * the order of the file:
 *
 *	NAME	RUNS	MEDIAN	P10	P90	CPU	microseconds; CPU is the median of user and
 *						system time of it and of all that it has reaped
 *	NAME	0	REASON			it cannot run here, and says why
 *
 * A command that prints a number has measured by itself, in microseconds, what is of interest.
 *
 * Before the rounds each command runs three times unmeasured; what fails then is left out. If one
 * fails later, nothing that was measured can be trusted: exit code 1.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX  64
#define ARGUMENTS_MAX 128
#define WARM_UP	      3

struct command {
	char *name;
	unsigned limit; /* runs at most */
	char *argv[ARGUMENTS_MAX + 1];
	double *wall, *cpu; /* microseconds, of each run */
	unsigned runs;
	char reason[256]; /* why it does not run; "": it does */
};

struct files {
	posix_spawn_file_actions_t actions; /* for the three standard ones */
	int said, errors;		    /* what standard output and error go to */
};

struct sample {
	double wall, cpu;
	int status; /* as wait(2) gives it */
};

static void die(const char *what)
{
	fprintf(stderr, "rounds: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e6 +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e3;
}

static double microseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

static void empty(int fd)
{
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		die("memfd");
}

/* What the command has measured, or else how long it took. */
static double wall_time(const struct files *files, double took)
{
	char text[32] = "", *end = text;

	if (pread(files->said, text, sizeof(text) - 1, 0) <= 0)
		return took;
	double said = strtod(text, &end);
	return end > text ? said : took;
}

/* Runs the command once. */
static struct sample run(const struct command *command, const struct files *files)
{
	struct sample sample;
	struct rusage used;
	struct timespec start;
	pid_t pid;

	empty(files->said);
	empty(files->errors);
	clock_gettime(CLOCK_MONOTONIC, &start);
	/* It is a vfork: what it costs does not depend on our size. */
	int r = posix_spawnp(&pid, command->argv[0], &files->actions, NULL, command->argv, environ);
	if (r != 0) {
		dprintf(files->errors, "%s: %s\n", command->argv[0], strerror(r));
		return (struct sample){ .status = W_EXITCODE(127, 0) };
	}
	while (wait4(pid, &sample.status, 0, &used) < 0)
		if (errno != EINTR)
			die("wait4");
	sample.wall = wall_time(files, since(&start));
	sample.cpu = microseconds(&used.ru_utime) + microseconds(&used.ru_stime);
	return sample;
}

/* Standard input is /dev/null. */
static void open_files(struct files *files)
{
	files->said = memfd_create("stdout", MFD_CLOEXEC);
	files->errors = memfd_create("stderr", MFD_CLOEXEC);
	if (files->said < 0 || files->errors < 0)
		die("memfd_create");
	posix_spawn_file_actions_init(&files->actions);
	posix_spawn_file_actions_addopen(&files->actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files->actions, files->said, 1);
	posix_spawn_file_actions_adddup2(&files->actions, files->errors, 2);
}

/* How the last run ended, and the first line that it said. */
static void explain(struct command *command, int status, const struct files *files)
{
	char text[sizeof(command->reason) - 32] = "";
	ssize_t length = pread(files->errors, text, sizeof(text) - 1, 0);
	const char *how = WIFEXITED(status) ? "exit code" : "signal";
	int number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);

	text[length < 0 ? 0 : length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (char *tab = text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	snprintf(command->reason, sizeof(command->reason), "%s %d: %s", how, number, text);
}

static void warm_up(struct command *command, const struct files *files)
{
	for (int i = 0; i < WARM_UP && !command->reason[0]; i++) {
		int status = run(command, files).status;
		if (status != 0)
			explain(command, status, files);
	}
}

/* Whether a command that runs `limit` times in `rounds` rounds does so in this one. */
static bool is_due(const struct command *command, unsigned round, unsigned rounds)
{
	uint64_t limit = command->limit;

	return !command->reason[0] && (round + 1) * limit / rounds > round * limit / rounds;
}

static void measure(struct command *command, const struct files *files)
{
	struct sample sample = run(command, files);

	if (sample.status != 0) {
		explain(command, sample.status, files);
		fprintf(stderr, "rounds: %s failed in run %u: %s\n", command->name,
		    command->runs + 1, command->reason);
		exit(1);
	}
	command->wall[command->runs] = sample.wall;
	command->cpu[command->runs] = sample.cpu;
	command->runs++;
}

/* Fisher and Yates. The seed is always the same: two runs of us do the same. */
static void shuffle(unsigned *order, unsigned count)
{
	static uint64_t state = 88172645463325252u;

	for (unsigned i = count - 1; i > 0; i--) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		unsigned j = (unsigned)(state % (i + 1)), swapped = order[i];
		order[i] = order[j];
		order[j] = swapped;
	}
}

static void all_rounds(
    struct command *commands, unsigned count, unsigned rounds, const struct files *files)
{
	unsigned order[COMMANDS_MAX];

	for (unsigned i = 0; i < count; i++)
		order[i] = i;
	for (unsigned round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (unsigned i = 0; i < count; i++)
			if (is_due(&commands[order[i]], round, rounds))
				measure(&commands[order[i]], files);
	}
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* The value that a share of `part` of all lies below, between two where it falls between two. */
static double quantile(const double *sorted, unsigned count, double part)
{
	double place = part * (count - 1);
	unsigned below = (unsigned)place;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

static void report(struct command *command)
{
	unsigned runs = command->runs;

	if (!runs) {
		printf("%s\t0\t%s\n", command->name, command->reason);
		return;
	}
	qsort(command->wall, runs, sizeof(*command->wall), compare);
	qsort(command->cpu, runs, sizeof(*command->cpu), compare);
	printf("%s\t%u\t%.0f\t%.0f\t%.0f\t%.0f\n", command->name, runs,
	    quantile(command->wall, runs, 0.5), quantile(command->wall, runs, 0.1),
	    quantile(command->wall, runs, 0.9), quantile(command->cpu, runs, 0.5));
}

/* The strings stay parts of `line`. */
static void parse(struct command *command, char *line, unsigned rounds)
{
	unsigned count = 0;

	line[strcspn(line, "\n")] = '\0';
	command->name = strsep(&line, "\t");
	const char *limit = strsep(&line, "\t");
	while (line && count < ARGUMENTS_MAX)
		command->argv[count++] = strsep(&line, "\t");
	if (!limit || !count || line) {
		fprintf(stderr, "rounds: not a command: %s\n", command->name);
		exit(1);
	}
	command->limit = (unsigned)strtoul(limit, NULL, 10);
	if (!command->limit || command->limit > rounds)
		command->limit = rounds;
	command->wall = calloc(rounds, sizeof(*command->wall));
	command->cpu = calloc(rounds, sizeof(*command->cpu));
	if (!command->wall || !command->cpu)
		die("calloc");
}

static unsigned read_commands(const char *path, struct command *commands, unsigned rounds)
{
	FILE *file = fopen(path, "re");
	unsigned count = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		die(path);
	while (count < COMMANDS_MAX && getline(&line, &size, file) > 0) {
		parse(&commands[count++], line, rounds);
		line = NULL;
	}
	free(line);
	fclose(file);
	return count;
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	struct files files;
	unsigned rounds = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

	if (!rounds) {
		fprintf(stderr, "usage: rounds ROUNDS FILE\n");
		return 1;
	}
	unsigned count = read_commands(argv[2], commands, rounds);
	if (!count) {
		fprintf(stderr, "rounds: %s names no command\n", argv[2]);
		return 1;
	}
	open_files(&files);
	for (unsigned i = 0; i < count; i++)
		warm_up(&commands[i], &files);
	all_rounds(commands, count, rounds, &files);
	for (unsigned i = 0; i < count; i++)
		report(&commands[i]);
	return 0;
}
