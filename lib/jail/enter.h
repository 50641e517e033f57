/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_ENTER_H
#define CONTAIN_JAIL_ENTER_H

/*
 * How a process that is outside enters a jail that lives: what its supervisor tells it, and what it
 * does then. The process stays what it is, and goes on inside: a PAM application whose module calls
 * this becomes root of the jail, which on the host is nobody in particular.
 *
 * This is part of the PAM module, so it uses libc, lib/base and the few files of lib/kernel that
 * change the calling process, and no library.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/kernel/seccomp.h"
#include "lib/policy/spec.h"

/*
 * The conversation, over one SOCK_SEQPACKET pair. Each message is a struct enter_header and what is
 * said below; the supervisor's side (H: contain-session, or the supervisor that it found) speaks
 * only after the request, whose form is the two programs' own business.
 *
 *	H -> process	ENTER_FREE	there is nothing to enter; nothing follows
 *			ENTER_REFUSED	struct enter_refusal; nothing follows
 *	or
 *			ENTER_PLAN	struct enter_plan
 *			ENTER_FILTER	the instructions, if there are any
 *			ENTER_VARIABLE	"NAME=VALUE", for each
 *			ENTER_CGROUP	a cgroup.procs file that is open for writing, for each
 *			ENTER_JAIL	a pidfd of the jail's PID 1; nothing follows
 *
 * The session lasts for as long as the process, or one that it forked, has its end open.
 */
enum enter_kind {
	ENTER_FREE = 1, /* 0, of what nobody has filled in, is no answer */
	ENTER_REFUSED,
	ENTER_PLAN,
	ENTER_FILTER,
	ENTER_VARIABLE,
	ENTER_CGROUP,
	ENTER_JAIL,
};

struct enter_header {
	enum enter_kind kind;
};

struct enter_refusal {
	bool by_policy;	   /* as the administrator wants it, and not because something is broken */
	char message[256]; /* for the person who logs in; "" where that is not to be told more */
};

#define ENTER_GROUPS_MAX 340 /* as many as a map of ids can have: IDMAP_EXTENTS_MAX */

struct enter_plan {
	int namespaces;	       /* CLONE_NEW* flags of those to join */
	bool allow_setuid;     /* see struct spec_identity */
	uint64_t capabilities; /* the bounding set of what the process executes */
	struct spec_rlimit rlimits[16];
	uint32_t group_count;
	gid_t groups[ENTER_GROUPS_MAX]; /* supplementary groups that may be kept */
};

#define ENTER_CGROUPS_MAX 12 /* controllers of cgroup v1 */

/* What was received. */
struct entry {
	enum enter_kind verdict; /* ENTER_FREE, ENTER_REFUSED or ENTER_JAIL */
	struct enter_refusal refusal;
	struct enter_plan plan;
	struct seccomp_filter filter;
	struct strv variables;
	int cgroups[ENTER_CGROUPS_MAX];
	unsigned cgroup_count;
	int jail; /* pidfd */
};

/* Nothing received; entry_done() is harmless on it. */
void entry_init(struct entry *entry);

/* Say one of the above; pass is a descriptor that goes along, or -1. Returns 0 or -errno. */
int enter_send(int socket, enum enter_kind kind, const void *body, size_t length, int pass);

/*
 * Receive all that there is to know, until `deadline_us` (CLOCK_MONOTONIC, microseconds). *entry is
 * initialised; the caller frees it with entry_done() also after a failure. Returns 0, -ETIMEDOUT,
 * -EPIPE when the other side is gone, -EBADMSG for what cannot be understood.
 */
int enter_receive(int socket, uint64_t deadline_us, struct entry *entry, struct err *err);

/*
 * Enter. The process must be single-threaded and have the rights of the host's root. Its open
 * directories are marked close-on-exec; of its user ids those that are 0 become the jail's 0, and
 * of its group ids those that the plan does not name; its supplementary groups are reduced to those
 * of the plan; its session keyring is a new one; its working directory is the one of the same name
 * inside, or else "/".
 *
 * Returns 0 with the process inside. -errno: up to the joining of the namespaces everything is as
 * it was; if something fails after it, which nothing but a fault of ours should make happen, the
 * process is confined but not ready for use, and must end.
 */
int enter_jail(struct entry *entry, struct err *err);

void entry_done(struct entry *entry);

#endif
