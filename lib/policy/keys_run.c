/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_name(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_name(value, err);

	if (r == 0)
		snprintf(spec->name, sizeof(spec->name), "%s", value);
	return r;
}

void key_print_name(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->name);
}

static const struct parse_choice tty_modes[] = { { "auto", TTY_AUTO }, { "yes", TTY_YES },
	{ "no", TTY_NO }, { NULL, 0 } };

int key_parse_tty(struct jail_spec *spec, const char *value, struct err *err)
{
	int mode = 0;
	int r = parse_choice(value, tty_modes, &mode, err);

	if (r == 0)
		spec->run.tty = (enum tty_mode)mode;
	return r;
}

int key_parse_terminal(struct jail_spec *spec, const char *value, struct err *err)
{
	bool on = false;
	int r = parse_flag(value, &on, err);

	if (r == 0)
		spec->run.tty = on ? TTY_YES : TTY_NO;
	return r;
}

void key_print_tty(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, parse_choice_word(tty_modes, spec->run.tty));
}

int key_parse_no_init(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->run.no_init, err);
}

void key_print_no_init(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->run.no_init);
}

int key_parse_timeout(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_duration(value, &spec->run.timeout_ms, err);
}

/* In seconds. */
void key_print_timeout(const struct jail_spec *spec, const char *name, struct json *json)
{
	if (spec->run.timeout_ms == SPEC_UNSET)
		json_null(json, name);
	else
		json_double(json, name, (double)spec->run.timeout_ms / 1000);
}
