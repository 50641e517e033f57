/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>
#include <string.h>

#include "lib/policy/parse.h"

#define BIT(capability) (UINT64_C(1) << (capability))

static void names(void **state)
{
	static const struct {
		const char *text;
		uint64_t mask;
	} cases[] = {
		{ "chown", BIT(CAP_CHOWN) },
		{ "CHOWN", BIT(CAP_CHOWN) },
		{ "cap_chown", BIT(CAP_CHOWN) },
		{ "CAP_NET_ADMIN", BIT(CAP_NET_ADMIN) },
		{ "Cap_Net_Admin", BIT(CAP_NET_ADMIN) },
		{ "net_admin,net_raw", BIT(CAP_NET_ADMIN) | BIT(CAP_NET_RAW) },
		{ "checkpoint_restore", BIT(CAP_CHECKPOINT_RESTORE) },
		{ "all", SPEC_CAPABILITY_ALL },
		{ "ALL", SPEC_CAPABILITY_ALL },
		{ "all,chown", SPEC_CAPABILITY_ALL | BIT(CAP_CHOWN) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t mask = 0;
		if (parse_capabilities(cases[i].text, &mask, &err) != 0)
			fail_msg("%s", err.text);
		assert_true(mask == cases[i].mask);
	}
}

static void what_is_no_capability(void **state)
{
	static const char *const texts[] = { "", ",", "chown,", ",chown", "chown chown", " chown",
		"cap_", "cap_cap_chown", "0", "12", "cap_12", "-chown", "net-admin",
		"no_such_capability", "cap_all", "chown=ep",
		"a_very_long_name_that_is_longer_than_any_capability_could_be" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;
		uint64_t mask = 4711;
		if (parse_capabilities(texts[i], &mask, &err) >= 0 || mask != 4711 || !err.text[0])
			fail_msg("\"%s\" was taken for a capability", texts[i]);
	}
}

static void near_names_are_suggested(void **state)
{
	struct err err = ERR_INIT;
	uint64_t mask;

	(void)state;
	assert_true(parse_capabilities("CAP_NET_ADMN", &mask, &err) < 0);
	assert_non_null(strstr(err.text, "did you mean net_admin?"));
}

static void every_name_parses_back(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= CAP_LAST_CAP; n++) {
		char text[PARSE_CAPABILITY_MAX];
		uint64_t mask = 0;
		parse_capability_name(n, text);
		assert_int_equal(parse_capabilities(text, &mask, NULL), 0);
		assert_true(mask == BIT(n));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(what_is_no_capability),
		cmocka_unit_test(near_names_are_suggested),
		cmocka_unit_test(every_name_parses_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
