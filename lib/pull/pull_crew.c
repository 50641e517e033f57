/* SPDX-License-Identifier: MIT */
#include "lib/pull/pull_crew.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/layer/confine.h"

#define CREW_MAX 16
#define LOOK_MS	 100

struct crew {
	struct child members[CREW_MAX];
	unsigned count, left;
};

void pull_look(const struct pull *pull)
{
	if (pull->request->look)
		pull->request->look(pull->request->data, pull->layers, pull->count);
}

int pull_stopped(const struct pull *pull, struct err *err)
{
	const volatile sig_atomic_t *stop = pull->request->stop;

	return stop && *stop ? err_say(err, EINTR, "stopped") : 0;
}

/*
 * What they have started dies with them, but not at the same moment; until then it writes into
 * what is about to be removed. As their reaper we see the last of it go.
 */
static void dismiss(struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->members[i].pid > 0)
			(void)kill(crew->members[i].pid, SIGKILL);
	for (unsigned i = 0; i < crew->count; i++)
		(void)child_wait(&crew->members[i], NULL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

static int hire(struct crew *crew, struct pull *pull, unsigned wanted, struct err *err)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int r = 0;

	if (processors > 0 && wanted > (unsigned)processors)
		wanted = (unsigned)processors;
	if (wanted > CREW_MAX)
		wanted = CREW_MAX;
	while (r == 0 && crew->count < wanted) {
		r = child_start(&crew->members[crew->count], pull_work, pull, err);
		crew->count += r == 0;
	}
	crew->left = crew->count;
	return r;
}

/* Those whose pipe has something to say have ended, or are about to. */
static int take_leave(struct crew *crew, const struct pollfd *looks, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < crew->count; i++) {
		if (crew->members[i].pid < 0 || !looks[i].revents)
			continue;
		r = child_wait(&crew->members[i], err);
		crew->left--;
	}
	return r;
}

static int wait_for_some(struct crew *crew, struct err *err)
{
	struct pollfd looks[CREW_MAX];

	for (unsigned i = 0; i < crew->count; i++)
		looks[i] = (struct pollfd){ .fd = crew->members[i].errors, .events = POLLIN };
	int n = poll(looks, crew->count, LOOK_MS);
	if (n < 0 && errno != EINTR)
		return err_sys(err, errno, "cannot wait for what pulls layers");
	return n > 0 ? take_leave(crew, looks, err) : 0;
}

int pull_run_crew(struct pull *pull, unsigned wanted, struct err *err)
{
	struct crew crew = { .count = 0 };
	int r = hire(&crew, pull, wanted, err);

	while (r == 0 && crew.left) {
		r = pull_stopped(pull, err);
		if (r == 0)
			r = wait_for_some(&crew, err);
		pull_look(pull);
	}
	if (r < 0) {
		dismiss(&crew);
		/* A process that has been taken over holds the pipe of its worker's errors too. */
		if (err)
			confine_clean_error(err);
	}
	return r < 0 && pull_stopped(pull, err) < 0 ? -EINTR : r;
}
