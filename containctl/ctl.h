/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_CTL_H
#define CONTAINCTL_CTL_H

/*
 * containctl: the administrator's tool. commands.c has the table of its commands, each of which is
 * a function in a file of its own; command_line.c takes argv apart by that table.
 */

#include "lib/contain.h"

enum {
	CODE_OK = 0,
	CODE_FAILED = 1, /* something is wrong with what was asked about, or could not be done */
	CODE_USAGE = 2,	 /* the command line is not one */
};

/* How `image pull` is to fetch an image; NULL where it is not said. */
struct ctl_pull {
	const char *authfile;	 /* --authfile */
	const char *cert_dir;	 /* --cert-dir */
	const char *max_size;	 /* --max-size */
	const char *max_entries; /* --max-entries */
	bool insecure;		 /* --insecure */
	bool quiet;		 /* --quiet */
};

struct ctl {
	const struct command *command; /* NULL: only --help or --version */
	char **words;		       /* what follows the command, in argv; NULL-terminated */
	size_t word_count;

	const char *conf;    /* --conf; NULL where they are not given */
	const char *service; /* --service */
	const char *group;   /* --group */
	const char *network; /* --network */
	bool defaults;	     /* --default */
	bool json;	     /* --json */
	bool help;
	bool version;

	struct ctl_pull pull;

	struct policy_places places;
	/* what they point into */
	char directory[PATH_MAX], libexec_dir[PATH_MAX], data_dir[PATH_MAX];
};

struct command {
	const char *name;      /* "policy check" */
	const char *arguments; /* as they stand in help: "[FILE...]" */
	const char *options;   /* those that it takes besides --conf: "--json --service" */
	size_t least, most;    /* how many arguments */
	const char *help;      /* one sentence, lower case, no full stop */
	/* Returns the exit code, or -errno with a message that the program prints. */
	int (*run)(struct ctl *ctl, struct err *err);
};

/* In the order of the help; ends with a row whose name is NULL. */
extern const struct command commands[];

int command_policy_check(struct ctl *ctl, struct err *err);
int command_policy_show(struct ctl *ctl, struct err *err);
int command_policy_explain(struct ctl *ctl, struct err *err);
int command_policy_keys(struct ctl *ctl, struct err *err);
int command_policy_edit(struct ctl *ctl, struct err *err);
int command_doctor(struct ctl *ctl, struct err *err);
int command_help(struct ctl *ctl, struct err *err);

/* Print "containctl: TEXT" on standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
