/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/kernel/dnsmasq_conf.h"
#include "lib/policy/parse.h"

#define WORDS_MAX 20

/* Rules from words as in a policy file. They stay ours; the names of *ret point to them. */
static unsigned parse_rules(
    const char *words, struct spec_egress rules[WORDS_MAX], struct host_names *ret)
{
	char copy[1024];
	unsigned count = 0;
	bool allow = true;
	struct err err = ERR_INIT;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		if (strcmp(word, "allow") == 0 || strcmp(word, "deny") == 0)
			allow = *word == 'a';
		else if (parse_egress(word, allow, &rules[count++], &err) < 0)
			fail_msg("%s", err.text);
	}
	host_names_of(rules, count, ret);
	return count;
}

static void done(struct spec_egress rules[WORDS_MAX], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		free(rules[i].host);
}

static void names_are_there_once(void **state)
{
	struct spec_egress rules[WORDS_MAX];
	struct host_names hosts;
	unsigned count = parse_rules(
	    "deny host:a.org:25 allow host:a.org host:*.a.org:80 host:A.org:443", rules, &hosts);

	(void)state;
	assert_int_equal(hosts.count, 2);
	assert_string_equal(hosts.names[0], "a.org");
	assert_string_equal(hosts.names[1], "*.a.org");
	assert_int_equal(hosts.allowed, 3);
	assert_true(hosts.only);
	done(rules, count);
}

static void only_names_are_allowed(void **state)
{
	static const struct {
		const char *words;
		uint64_t allowed;
		bool only;
	} cases[] = {
		{ "host:a.org", 1, true },
		{ "deny any allow host:a.org", 1, true },
		{ "host:a.org deny host:b.org private", 1, true },
		{ "host:a.org 192.0.2.1", 1, false },
		{ "deny host:a.org allow internet", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_egress rules[WORDS_MAX];
		struct host_names hosts;
		unsigned count = parse_rules(cases[i].words, rules, &hosts);
		assert_int_equal(hosts.allowed, cases[i].allowed);
		assert_int_equal(hosts.only, cases[i].only);
		done(rules, count);
	}
}

static void what_a_name_is_of(void **state)
{
	struct spec_egress rules[WORDS_MAX];
	struct host_names hosts;
	unsigned count = parse_rules(
	    "host:a.org host:*.a.org host:b.a.org host:*.org host:xa.org", rules, &hosts);

	(void)state;
	assert_int_equal(host_names_match(&hosts, "a.org", false), 1 | 8);
	assert_int_equal(host_names_match(&hosts, "a.org", true), 2 | 8);
	assert_int_equal(host_names_match(&hosts, "b.a.org", false), 2 | 4 | 8);
	assert_int_equal(host_names_match(&hosts, "b.a.org", true), 2 | 8);
	assert_int_equal(host_names_match(&hosts, "xa.org", false), 8 | 16);
	assert_int_equal(host_names_match(&hosts, "org", false), 0);
	assert_int_equal(host_names_match(&hosts, "org", true), 8);
	assert_int_equal(host_names_match(&hosts, "net", true), 0);
	done(rules, count);
}

#define HEAD(address)                                                                              \
	"no-resolv\nno-hosts\nno-poll\nno-ident\nbind-interfaces\nlisten-address=" address         \
	"\ncache-size=0\nmax-ttl=300\nuser=dnsmasq\npid-file=\nlog-facility=/dev/null\n"
#define SET(half, family, number) #family "#inet#contain#" #half #family "_" #number
#define SETS(number)                                                                               \
	SET(a, 4, number) "," SET(a, 6, number) "," SET(b, 4, number) "," SET(b, 6, number)

/* With two servers to ask, or none. */
static void are(const char *words, bool servers, const char *const expected[DNSMASQ_ROLES])
{
	struct spec_egress rules[WORDS_MAX];
	struct host_names hosts;
	unsigned count = parse_rules(words, rules, &hosts);
	struct err err = ERR_INIT;

	if (servers) {
		assert_int_equal(parse_ip_address("192.0.2.53", &hosts.servers[0], &err), 0);
		assert_int_equal(parse_ip_address("2001:db8::53", &hosts.servers[1], &err), 0);
		hosts.server_count = 2;
	}
	for (int i = 0; i < DNSMASQ_ROLES; i++) {
		cleanup_free char *conf = NULL;
		assert_int_equal(dnsmasq_conf(&hosts, (enum dnsmasq_role)i, &conf, &err), 0);
		if (expected[i])
			assert_string_equal(conf, expected[i]);
		else
			assert_null(conf);
	}
	done(rules, count);
}

/* Names of which nothing below is answered, or only that, need not be told apart. */
static void one_is_enough(void **state)
{
	(void)state;
	are("host:a.org:443 host:*.b.org", true,
	    (const char *const[]){
		HEAD("127.0.0.97") "server=/a.org/192.0.2.53\n"
				   "server=/a.org/2001:db8::53\n"
				   "local=/*.a.org/\n"
				   "nftset=/a.org/" SETS(0) "\n"
							    "local=/b.org/\n"
							    "server=/*.b.org/192.0.2.53\n"
							    "server=/*.b.org/2001:db8::53\n"
							    "nftset=/b.org/" SETS(1) "\n",
		NULL, NULL });
}

static void what_is_denied_only_is_not_answered(void **state)
{
	(void)state;
	are("deny host:a.org allow host:b.org", true,
	    (const char *const[]){ HEAD("127.0.0.97") "local=/a.org/\n"
						      "local=/*.a.org/\n"
						      "server=/b.org/192.0.2.53\n"
						      "server=/b.org/2001:db8::53\n"
						      "local=/*.b.org/\n"
						      "nftset=/b.org/" SETS(1) "\n",
		NULL, NULL });
}

static void without_servers_nothing_is_asked(void **state)
{
	(void)state;
	are("host:a.org", false,
	    (const char *const[]){ HEAD("127.0.0.97") "local=/a.org/\n"
						      "local=/*.a.org/\n"
						      "nftset=/a.org/" SETS(0) "\n",
		NULL, NULL });
}

static void an_exact_name_among_others(void **state)
{
	(void)state;
	are("host:a.org internet", true,
	    (const char *const[]){ HEAD("127.0.0.97") "server=192.0.2.53\n"
						      "server=2001:db8::53\n"
						      "server=/a.org/127.0.0.98\n"
						      "server=/*.a.org/192.0.2.53\n"
						      "server=/*.a.org/2001:db8::53\n",
		HEAD("127.0.0.98") "server=192.0.2.53\n"
				   "server=2001:db8::53\n"
				   "nftset=/a.org/" SETS(0) "\n",
		NULL });
}

static void a_domain_and_what_is_below_it(void **state)
{
	(void)state;
	are("host:a.org:80 host:*.a.org", true,
	    (const char *const[]){ HEAD("127.0.0.97") "server=/a.org/127.0.0.98\n"
						      "server=/*.a.org/127.0.0.99\n",
		HEAD("127.0.0.98") "server=192.0.2.53\n"
				   "server=2001:db8::53\n"
				   "nftset=/a.org/" SETS(0) "\n",
		HEAD("127.0.0.99") "server=192.0.2.53\n"
				   "server=2001:db8::53\n"
				   "nftset=/a.org/" SETS(1) "\n" });
}

/* The longest domain counts, and its line has all that is said of it. */
static void a_name_below_another(void **state)
{
	(void)state;
	are("deny host:b.a.org allow host:*.a.org", true,
	    (const char *const[]){ HEAD("127.0.0.97") "server=/b.a.org/127.0.0.98\n"
						      "server=/*.b.a.org/127.0.0.99\n"
						      "local=/a.org/\n"
						      "server=/*.a.org/127.0.0.99\n",
		HEAD("127.0.0.98") "server=192.0.2.53\n"
				   "server=2001:db8::53\n"
				   "nftset=/b.a.org/" SETS(0) "," SETS(1) "\n",
		HEAD("127.0.0.99") "server=192.0.2.53\n"
				   "server=2001:db8::53\n"
				   "nftset=/b.a.org/" SETS(1) "\n"
							      "nftset=/a.org/" SETS(1) "\n" });
}

/* "host:*.a host:*.a.a ..." and each below all before it; the last is of `length` characters. */
static int nest(unsigned count, unsigned length, size_t *ret_longest)
{
	struct spec_egress rules[WORDS_MAX];
	struct host_names hosts;
	struct err err = ERR_INIT;
	char name[SPEC_HOST_MAX + 1], word[SPEC_HOST_MAX + 16];
	int r = 0;

	for (unsigned i = 0; i < length; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[length] = '\0';
	for (unsigned i = 0; i < count; i++) {
		snprintf(word, sizeof(word), "host:*.%s", name + (size_t)2 * (count - 1 - i));
		assert_int_equal(parse_egress(word, true, &rules[i], &err), 0);
	}
	host_names_of(rules, count, &hosts);
	*ret_longest = 0;
	for (int i = 0; r == 0 && i < DNSMASQ_ROLES; i++) {
		cleanup_free char *conf = NULL;
		r = dnsmasq_conf(&hosts, (enum dnsmasq_role)i, &conf, &err);
		for (const char *line = conf; line && *line; line += strcspn(line, "\n") + 1)
			if (strcspn(line, "\n") > *ret_longest)
				*ret_longest = strcspn(line, "\n");
	}
	assert_true(r == 0 || strstr(err.text, "below more than 8 of the names"));
	done(rules, count);
	return r;
}

static void no_line_is_cut(void **state)
{
	size_t longest;

	(void)state;
	assert_int_equal(nest(8, SPEC_HOST_MAX, &longest), 0);
	assert_in_range(longest, 700, 1020);
	assert_int_equal(nest(9, SPEC_HOST_MAX, &longest), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_there_once),
		cmocka_unit_test(only_names_are_allowed),
		cmocka_unit_test(what_a_name_is_of),
		cmocka_unit_test(one_is_enough),
		cmocka_unit_test(what_is_denied_only_is_not_answered),
		cmocka_unit_test(without_servers_nothing_is_asked),
		cmocka_unit_test(an_exact_name_among_others),
		cmocka_unit_test(a_domain_and_what_is_below_it),
		cmocka_unit_test(a_name_below_another),
		cmocka_unit_test(no_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
