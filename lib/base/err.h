/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_ERR_H
#define CONTAIN_BASE_ERR_H

/*
 * An error, made where the facts are known and handed up unchanged.
 *
 * Every function of the library that can fail takes a `struct err *` as its last parameter and
 * returns 0 (or a value >= 0) on success and -errno on failure. The library never prints and never
 * exits; the program prints the error once. A `struct err` holds no pointers: a forked child sends
 * it whole through a socket or pipe. `err` may be NULL where the caller needs only the code.
 */
struct err {
	int code;	/* positive errno; 0 means "no error" */
	char stage[24]; /* the stage of the jail that failed, "" outside of stages */
	char
	    text[512]; /* one line without a newline, complete: names what, why and what is right */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		0, "", ""                                                                          \
	}

/*
 * Record a failed system call: text becomes "<message>: <strerror(errnum)>".
 * errnum is a positive errno. Returns -errnum, so that callers write `return err_sys(...)`.
 */
int err_sys(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Record a refusal that is ours and not the kernel's: text becomes the message alone.
 * Returns -errnum.
 */
int err_say(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Put context in front of an error that a callee recorded: "<context>: <text>".
 * Returns -err->code (-EINVAL if err is NULL or empty, so that a failure stays one).
 */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name the stage that failed, unless an inner one is named already. Returns -err->code. */
int err_stage(struct err *err, const char *stage);

/* Forget a recorded error that the caller has dealt with. */
void err_clear(struct err *err);

#endif
