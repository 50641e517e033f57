/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_JAIL_REGISTRY_H
#define CONTAIN_JAIL_REGISTRY_H

#include <stddef.h>

#include "lib/base/err.h"

/*
 * Who holds what: names of jails, blocks of ids, addresses.
 *
 *	/run/contain/jails/NAME		one file a jail: the record, locked (flock(2)) while it
 *lives /run/contain/leases/ids/N	hard links to that same file, one for each thing that only
 *	/run/contain/leases/net/B-A	one jail may hold: block N of ids, address A on bridge B
 *	/run/contain/leases/layers/D-I	device and inode of a directory that keeps an overlay's
 *layer /run/contain/holders/PID.FD	another one, by which a dead supervisor is noticed
 *	/run/contain/published/PID.FD	another one, where the jail has ports of the host: publish.h
 *	/run/contain/control/PID.FD	the socket of a jail that sessions enter: lib/jail/control.h
 *	/run/contain/tenants		who has had which address last: tenants.h
 *	/run/contain/seccomp/		compiled filters
 *
 * The lock is the truth. It is the kernel's: it goes when the last process that holds the file
 * goes, after kill -9 too, and with it everything that the file claims is free at once. What is
 * left then is names in a tmpfs, which the next claim or registry_gc() takes away.
 *
 * The record is lines of "word value", each written before the thing that it names is made, so that
 * a dead jail's record names all that may be left of it: "claim PATH", "cgroup PATH", "slice UNIT",
 * "listener PATH", "published NETNS ADDRESS PORT". "socket PATH" says that the listener is there.
 */

#define REGISTRY_DIRECTORY "/run/contain"

struct registry {
	int directory;		 /* -1: no registry (a user without a runtime directory) */
	int record;		 /* this jail's file */
	const char *libexec_dir; /* borrowed: see registry_open() */
};

#define REGISTRY_INIT                                                                              \
	{                                                                                          \
		.directory = -1, .record = -1                                                      \
	}

/*
 * Open the directory, making it (0711, the caller's own) if needed, and start a record that has no
 * name yet. Root's lies in /run/contain, a user's in /run/user/UID/contain if there is a
 * /run/user/UID. libexec_dir (absolute) has the parts that are needed to take back the ports that a
 * dead jail has published; it must live as long as the registry is open.
 */
int registry_open(struct registry *registry, const char *libexec_dir, struct err *err);

/*
 * Claim a name below the directory, such as "jails/web". What a dead jail left there is cleaned
 * away first. -EEXIST, without a message, if a living one holds it. May be called in a child
 * process of the one that opened the registry: the claim is the record's, and stays.
 */
int registry_claim(struct registry *registry, const char *path);

/* Append "word value" to the record. */
int registry_note(struct registry *registry, const char *word, const char *value, struct err *err);

/* What nobody else's jail is called by at the same time: "PID.FD". */
#define REGISTRY_HOLDER_MAX 32
void registry_holder(const struct registry *registry, char name[REGISTRY_HOLDER_MAX]);

/*
 * What the record of somebody else's jail, "jails/web", says last of `word`. It may be dead, or die
 * now. Returns 0, -ENOENT where there is no such record or word in it, or -errno; no message.
 */
int registry_read(const char *path, const char *word, char *value, size_t size);

/* The two below are registry.c's and registry_read.c's own. */

/* A record holds a few dozen lines; one that is larger is not ours. */
#define REGISTRY_RECORD_MAX 65536

/* The directory, made if it is not there. -1: a user without one. Or -errno. */
int registry_open_directory(struct err *err);

/* Calls visit() with the value of every line of the record that starts with `word`. */
void registry_each_line(
    const char *text, const char *word, void (*visit)(const char *value, void *data), void *data);

/*
 * Calls visit() with the text of the record of each jail that lives and has a name in this folder,
 * "published". Returns 0 or -errno.
 */
int registry_each_living(const struct registry *registry, const char *folder,
    void (*visit)(const char *text, void *data), void *data);

/* The directory for compiled filters: a descriptor that the caller closes, or -1. */
int registry_cache(const struct registry *registry);

/*
 * Remove what the record names, control groups with all that is in them first, and close. Harmless
 * on one that was not opened.
 */
void registry_close(struct registry *registry);

/*
 * Remove what dead jails left: their cgroup folders, published ports, then their claims. Living
 * ones cost one system call each. Never fails: what cannot be removed is tried again by the next.
 * Returns how many records were removed.
 */
unsigned registry_gc(const struct registry *registry);

#endif
