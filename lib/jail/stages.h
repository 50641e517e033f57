/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_STAGES_H
#define CONTAIN_JAIL_STAGES_H

/*
 * How a jail is built: the table of stages, and what they work on.
 *
 * Three processes walk through the table, each through its own part from top to bottom: the
 * supervisor, the jail's first process (which becomes contain-init) and the command before its
 * exec. Where they wait for each other is a stage too.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/image/record.h"
#include "lib/jail/jail.h"
#include "lib/jail/registry.h"
#include "lib/jail/terminal.h"
#include "lib/kernel/accounts.h"
#include "lib/kernel/dnsmasq.h"
#include "lib/kernel/idmap.h"
#include "lib/kernel/pasta.h"
#include "lib/kernel/rootfs.h"
#include "lib/kernel/seccomp.h"

enum stage_place { STAGE_SUPERVISOR, STAGE_FIRST, STAGE_COMMAND };

struct jail {
	/* What it is to be. */
	const struct jail_spec *spec;
	const struct jail_settings *settings;
	bool rootless; /* the caller is not root: everything in a user namespace of their own */
	bool private_userns; /* root's jail with ids of its own */
	bool terminal;	     /* it gets a terminal of its own */

	/* What the supervisor holds for it. */
	unsigned applied; /* stages of the supervisor that are to be undone */
	struct registry registry;
	int control; /* lib/jail/control.h; -1 unless sessions enter */
	struct idmap map;
	int namespaces[IDMAP_NAMESPACES]; /* made ahead: the user namespace and what belongs to it
					   */
	pid_t holder;			  /* of those namespaces: dying, to be reaped; 0: none */
	struct image image;		  /* its root is made of; of no layers: something else */
	int image_lock; /* while it is there, the image is not removed; -1: none */
	struct seccomp_filter filter;
	struct cgroup *cgroup;
	char *home; /* place of the account's home in the jail; NULL: none */
	sigset_t callers_mask;
	mode_t callers_umask;
	int sync[2];   /* lib/jail/sync.h: [0] the supervisor's, [1] the first process's */
	int report[2]; /* lib/init/report.h: likewise */
	pid_t first;
	int pidfd;
	bool reaped;
	int ports[SPEC_PUBLISH_MAX]; /* the published ones, kept from others */
	unsigned port_count;
	struct host_names hosts; /* in its rules; a count of 0: none */
	struct dnsmasq dnsmasq;
	struct network_work network_work;
	struct network_result network;
	struct pasta pasta; /* what connects an ordinary user's jail; it lives as long */
	struct terminal relay;
	int master;			/* before it is in `relay` */
	uint64_t opened_us, started_us; /* CLOCK_MONOTONIC */

	/* What the first process builds; the supervisor never sees it. */
	int *layers; /* of the image, until they are mounted */
	unsigned layer_count;
	struct rootfs rootfs;
	struct credentials user;
	int init;    /* contain-init, to be exec'd */
	int slave;   /* the command's terminal */
	int gate[2]; /* the command reads end of file when contain-init was exec'd */
};

struct stage {
	enum stage_place place;
	const char *name;
	int (*apply)(struct jail *jail, struct err *err);
	void (*undo)(struct jail *jail); /* the supervisor's; NULL: the kernel undoes it */
	const char *why;		 /* why it is there, and why there */
};

/* Ends with a row without a name. */
extern const struct stage stages[];

/*
 * Apply the stages of one place in order. Stops at the first that fails, with its name in err.
 * Those of the supervisor that were applied are then to be undone by stages_undo().
 */
int stages_apply(struct jail *jail, enum stage_place place, struct err *err);

/* Undo the supervisor's stages that were applied, the last one first. */
void stages_undo(struct jail *jail);

/*
 * Whether the first process, when it is built, waits for the supervisor before it runs the command:
 * for the network to be connected, or the terminal taken over.
 */
bool stages_first_waits(const struct jail *jail);

/* What is known about a jail when its processes are gone, but for how PID 1 ended. */
void jail_sum_up(const struct jail *jail, struct jail_result *result);

#endif
