/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_SCAN_H
#define CONTAIN_POLICY_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/policy/problems.h"

/*
 * The look at a policy file's lines that comes before libeconf's. libeconf reads the values, but of
 * some files it makes something else than their writer meant, without a word (measured with 0.5.1,
 * 0.7.10 and 0.8.3):
 *
 *  - of a key that is given twice all but the first value are dropped, or with
 *    $ECONF_JOIN_SAME_ENTRIES all are joined;
 *  - a line without "=" right below a key's is appended to its value, also where it is not
 *    indented and was meant to be a key: "pids 20"; elsewhere it is a key without a value;
 *  - an indented line with "=" is a key, also where it was meant to go on with a list:
 *    "rlimit = core=0" and below it "cpu=10", which is a key as well;
 *  - a line that begins with "=" is dropped;
 *  - a line of blanks in a value of several lines goes on with it, an empty one ends it;
 *  - "#" in quotes begins a comment in 0.5, and in 0.7 a quote behind a "#" makes the comment a
 * part of the value;
 *  - lines are split at 8192 bytes in 0.5;
 *  - a value's line number is that of its last line, and econf_getExtValue(), which tells it, reads
 *    beyond its buffer where the value has more than 8191 bytes.
 *
 * So everything that is not plainly a [section], a key = value, or an indented line that goes on
 * with a list is refused here, and libeconf is given what is left: without comments and empty
 * lines, each line written in the one way that all versions read alike.
 */

#define SCAN_LINE_MAX	 4096
#define SCAN_ENTRIES_MAX 1024
#define SCAN_VALUE_LINES 256 /* libeconf copies the whole value for each */

struct scan_entry {
	char *section;
	char *name;
	unsigned line;	 /* of the key */
	unsigned more;	 /* the first further line of its value; 0: there is none */
	unsigned column; /* in which the key begins */
	bool quoted;	 /* the value is in quotes */
};

struct scan {
	struct scan_entry *entries; /* in the file's order; no name twice in a section */
	size_t count;
	char *text; /* for libeconf, NUL-terminated */
};

/*
 * Look at `length` bytes of `text`, which is the file called `file`. What is wrong with it is added
 * to *problems; such lines are left out of *ret. Returns 0, also if there are problems, or -ENOMEM.
 * The caller frees *ret with scan_done().
 */
int scan_text(const char *text, size_t length, const char *file, struct scan *ret,
    struct problems *problems, struct err *err);

void scan_done(struct scan *scan);

#endif
