/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_PARSE_H
#define CONTAIN_POLICY_PARSE_H

/*
 * Text to values, for lib/policy and its tests. Every function returns 0 or -errno, writes what it
 * returns only on success, and on failure leaves a message that quotes the text and says what is
 * right, without the option's name. Nothing here depends on the locale, and nothing is skipped:
 * spaces, signs, a second unit or anything else that is left over refuses the whole.
 */

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/policy/spec.h"

/*
 * A decimal number without a leading zero, which some readers take for octal. Returns 0, -EINVAL
 * if it is not one, -ERANGE above max; no message.
 */
int parse_number(const char *text, uint64_t max, uint64_t *ret);

/* A number of parse_number() in min..max; what names it in the message: "a number of tasks". */
int parse_count(
    const char *text, uint64_t min, uint64_t max, const char *what, uint64_t *ret, struct err *err);

/* "443", "80-90", "tcp", "udp/53". Returns 0 or -EINVAL; no message. */
int parse_ports(const char *text, struct spec_ports *ret);

/* A port of TCP or UDP, 1 to 65535. Returns 0 or -EINVAL; no message. */
int parse_port(const char *text, uint16_t *ret);

struct parse_unit {
	const char *suffix; /* compared without case; "" is the unit of a bare number */
	uint64_t factor;
};

/*
 * A number of parse_number() and one of the units, up to the one whose suffix is NULL. Returns 0,
 * -EINVAL, or -ERANGE for more than max of the smallest unit; no message.
 */
int parse_with_unit(const char *text, const struct parse_unit *units, uint64_t max, uint64_t *ret);

/*
 * Bytes: 64M, 512K, 1GiB, 1048576; all units are powers of 1024. Values above PARSE_SIZE_MAX are
 * refused: close to 2^63 the kernel silently takes them for "no limit". min is 0 or 1.
 */
#define PARSE_SIZE_MAX (UINT64_C(1) << 60)
int parse_size(const char *text, uint64_t min, uint64_t *ret, struct err *err);

/* 10, 10s, 500ms, 2m, 1h, 1d, in milliseconds; up to 10,000 days. */
int parse_duration(const char *text, uint64_t min_ms, uint64_t *ret_ms, struct err *err);

/* "50000" or "50000 100000": microseconds of processor time, and per how many (100000). */
int parse_cpu_quota(const char *text, uint64_t *ret_quota, uint64_t *ret_period, struct err *err);

/* Processors as a decimal, "0.5", as microseconds of a period of 100000. */
int parse_cpus(const char *text, uint64_t *ret_quota, struct err *err);

/* "1,3" or "0-7": numbers and ranges, in any order. Says nothing about which ones exist. */
int parse_cpu_list(const char *text, cpu_set_t *ret, struct err *err);

/*
 * "20M/5M": bits a second that go down and up, or one number for both; K, M and G are powers of
 * 1000. "unlimited" is 0. From 64K, below which nothing useful gets through, to 16G.
 */
int parse_bandwidth(const char *text, uint64_t *ret_down, uint64_t *ret_up, struct err *err);

/*
 * A destination of what a jail sends: any, internet, private, metadata, host:NAME, IP or IP/PREFIX,
 * with or without ports behind a colon; an IPv6 address with ports stands in brackets. The caller
 * frees ret->host.
 */
int parse_egress(const char *text, bool allow, struct spec_egress *ret, struct err *err);

/*
 * NAME, the name of a host in the DNS, or *.NAME, in small letters in place of *field, which is
 * freed. No dot at the end; other scripts in their form with "xn--".
 */
int parse_host(const char *text, char **field, struct err *err);

/*
 * A port to publish: [IP:]HOSTPORT:PORT[/tcp|/udp], tcp where neither is said. An IPv6 address
 * stands in brackets; one of loopback is refused.
 */
int parse_publish(const char *text, struct spec_publish *ret, struct err *err);

/* IP/PREFIX that an interface can have: no network, broadcast, multicast or loopback address. */
int parse_address(const char *text, struct spec_address *ret, struct err *err);

/* An IP of any host, without a prefix: the one of *ret is that of a single address. */
int parse_ip_address(const char *text, struct spec_address *ret, struct err *err);

/* IP or IP/PREFIX, of which the bits behind the prefix must be 0, since "10.0.0.1/8" means two
 * things. Returns 0 or -EINVAL, without a message. */
int parse_subnet(const char *text, struct spec_address *ret);

/* The addresses of a network that is ours, "10.98.0.0/16": *ret is the first one that a host can
 * have, and has the prefix. */
int parse_pool(const char *text, struct spec_address *ret, struct err *err);

/* What /etc/contain/networks/NAME.conf can be called. */
int parse_network_name(const char *text, char ret[SPEC_NETWORK_MAX + 1], struct err *err);

/* The name of a network interface. */
int parse_interface(const char *text, char ret[IFNAMSIZ], struct err *err);

/* What can be the name of a jail and of a host: letters, digits and "-_.", up to 63. */
int parse_name(const char *text, struct err *err);

/* A PAM service: the name of a file in /etc/pam.d. */
int parse_service(const char *text, struct err *err);

/* USER|UID[:GROUP|GID], by its form only: who has an account is known when the root is. */
int parse_user(const char *text, struct err *err);

/*
 * A path in the jail for something to be mounted on, without "//", "/./" and a final "/". Not
 * relative, no "..", not / itself and nothing in /proc, /sys and /dev. The caller frees *ret.
 */
int parse_target(const char *text, char **ret, struct err *err);

/*
 * The name of an image, as far as it can be told here: it is looked up, by all of its grammar,
 * where images are known. In place of *field, which is freed.
 */
int parse_image(const char *text, char **field, struct err *err);

/* SRC:DST[:ro|rw|idmap,...]. "\:" stands for a colon in a path, "\\" for a backslash. */
int parse_volume(const char *text, struct spec_volume *ret, struct err *err);
void parse_volume_done(struct spec_volume *volume);

/* DST[:size=SIZE,mode=OCTAL]. */
int parse_tmpfs(const char *text, struct spec_tmpfs *ret, struct err *err);

/*
 * Take the first of the fields that `separator` separates off *text, which moves behind it and is
 * NULL after the last. A backslash makes a separator or backslash after it part of the field.
 * Returns 0, or -ENAMETOOLONG for a field that does not fit; no message.
 */
int parse_field(const char **text, char separator, char *field, size_t size);

/* NAME=SOFT[:HARD] of setrlimit(2); *ret_resource is the RLIMIT_* constant. */
int parse_rlimit(
    const char *text, unsigned *ret_resource, struct spec_rlimit *ret, struct err *err);

/*
 * DEV:rbps=SIZE,wbps=SIZE,riops=N,wiops=N, at least one of them; DEV is MAJOR:MINOR or the path of
 * a block device, which is looked at.
 */
int parse_io(const char *text, struct spec_io *ret, struct err *err);

/* Capabilities by name, in any case, with or without "cap_", separated by commas; "all" is
 * SPEC_CAPABILITY_ALL. */
int parse_capabilities(const char *text, uint64_t *ret, struct err *err);

/* The name of capability n without "cap_", "" if it has none. */
#define PARSE_CAPABILITY_MAX 32
void parse_capability_name(unsigned n, char text[PARSE_CAPABILITY_MAX]);

/*
 * Add "KEY=VALUE" to the environment, or replace what it says of KEY. "KEY" alone copies the
 * caller's value; where the caller has none, nothing is added.
 */
int parse_environment(struct strv *environment, const char *text, struct err *err);

/* A file of such lines; empty lines and those that begin with # are skipped. At most 1 MiB. */
int parse_environment_file(struct strv *environment, const char *path, struct err *err);

struct parse_choice {
	const char *word; /* NULL ends the list */
	int value;
};

/* One of the words. */
int parse_choice(const char *text, const struct parse_choice *choices, int *ret, struct err *err);

/* The word of a value; NULL if it has none. */
const char *parse_choice_word(const struct parse_choice *choices, int value);

/* yes or no, true or false. */
int parse_flag(const char *text, bool *ret, struct err *err);

/* "auto" makes *field NULL; anything else that `check` takes is put in its place. */
int parse_or_auto(const char *text, int (*check)(const char *text, struct err *err), char **field,
    struct err *err);

/* Put a copy of text, which must not be empty, in place of *field, which is freed. */
int parse_text(const char *text, char **field, struct err *err);

/* Refuse cores of `wanted` that are not in `online`. */
int spec_check_cpus(const cpu_set_t *wanted, const cpu_set_t *online, struct err *err);

#endif
